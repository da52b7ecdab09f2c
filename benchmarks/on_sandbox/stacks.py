"""The two stacks: the same resources, of this library and of the framework with handlers as its README shows them."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import AudienceModel, ConfiguredAudienceModel
from cleanrooms_ml_simulator.sandbox.assembly import ASSOCIATION, MEMBERSHIP, Assembly, channel, synthesized

from .site import OURS, Given

_HANDLERS = Path(__file__).parent / "handlers"
_QUERY = "SELECT a FROM b"
_BUCKET = "audiences"
_MODEL, _CHANNEL = "Custom::AudienceModel", "Custom::Channel"


def audience_models(side: str, count: int, given: Given, folder: Path) -> Assembly:
    """A stack with configured audience models, which exist as soon as the service has accepted them."""

    def build(stack: cdk.Stack) -> None:
        if side == OURS:
            role = iam.Role.from_role_arn(stack, "Role", given.role_arn, mutable=False)
            model = AudienceModel.from_audience_model_arn(stack, "Model", given.audience_model_arn)
            bucket = s3.Bucket.from_bucket_name(stack, "Bucket", _BUCKET)
            for number in range(count):
                ConfiguredAudienceModel(
                    stack, f"Own{number}", audience_model=model, output_bucket=bucket, output_prefix="out", role=role
                )
            return
        token = _framework(stack, complete=False)
        output = {"destination": {"s3Destination": {"s3Uri": f"s3://{_BUCKET}/out"}}, "roleArn": given.role_arn}
        properties = {
            "audienceModelArn": given.audience_model_arn,
            "outputConfig": output,
            "sharedAudienceMetrics": ["ALL"],
        }
        for number in range(count):
            cdk.CustomResource(stack, f"Own{number}", service_token=token, resource_type=_MODEL, properties=properties)

    return synthesized(folder, build)


def channels(side: str, count: int, given: Given, folder: Path) -> Assembly:
    """A stack with input channels, which take the time of a run."""

    def build(stack: cdk.Stack) -> None:
        if side == OURS:
            role = iam.Role.from_role_arn(stack, "Role", given.role_arn, mutable=False)
            for number in range(count):
                channel(stack, f"Own{number}", role=role)
            return
        token = _framework(stack, complete=True)
        query = {"protectedQueryInputParameters": {"sqlParameters": {"queryString": _QUERY}}}
        properties = {
            "membershipIdentifier": MEMBERSHIP,
            "configuredModelAlgorithmAssociations": [ASSOCIATION],
            "inputChannel": {"dataSource": query, "roleArn": given.role_arn},
            "retentionInDays": 7,
        }
        for number in range(count):
            cdk.CustomResource(
                stack, f"Own{number}", service_token=token, resource_type=_CHANNEL, properties=properties
            )

    return synthesized(folder, build)


def _framework(stack: cdk.Stack, *, complete: bool) -> str:
    """The framework around the handlers; its service token."""

    def function(name: str) -> lambda_.Function:
        return lambda_.Function(
            stack,
            name,
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler=f"index.{name}",
            code=lambda_.Code.from_asset(str(_HANDLERS)),
            timeout=cdk.Duration.seconds(60),
        )

    custom_resources: Any = importlib.import_module("aws_cdk.custom_resources")
    handlers = {"on_event_handler": function("on_event")}
    if complete:
        handlers["is_complete_handler"] = function("is_complete")
    return str(custom_resources.Provider(stack, "Provider", **handlers).service_token)
