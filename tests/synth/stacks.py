"""What the synth tests build."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from cdk_cleanrooms_ml import (
    AudienceGenerationJob,
    AudienceModel,
    AudienceSizes,
    ConfiguredAudienceModel,
    ConfiguredModelAlgorithmAssociation,
    Membership,
    MLInputChannel,
    ProtectedQuery,
    SeedAudience,
    SharedAudienceMetrics,
    WorkerCompute,
    WorkerType,
)

ACCOUNT = "111122223333"
MEMBERSHIP = "11111111-2222-4333-8444-555555555555"
SERVICE = f"arn:aws:cleanrooms-ml:us-east-1:{ACCOUNT}"
MODEL_ARN = f"{SERVICE}:audience-model/model"
CONFIGURED_ARN = f"{SERVICE}:configured-audience-model/configured"
ASSOCIATION_ARN = f"{SERVICE}:membership/{MEMBERSHIP}/configured-model-algorithm-association/algorithm"
POLICY = "Custom::CleanRoomsML-ConfiguredAudienceModelPolicy"
TEMPLATE_ARN = f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:membership/{MEMBERSHIP}/analysistemplate/template"

Template = Mapping[str, Any]


def new_stack(name: str = "Stack", app: cdk.App | None = None) -> cdk.Stack:
    """A stack in an app of its own, or in the given one."""
    return cdk.Stack(app or cdk.App(), name)


def configured(scope: Construct, id: str = "Configured", **changes: Any) -> ConfiguredAudienceModel:
    """A configured audience model with only the required arguments."""
    given: dict[str, Any] = {
        "audience_model": changes.pop("audience_model", None)
        or AudienceModel.from_audience_model_arn(scope, f"{id}Model", MODEL_ARN),
        "output_bucket": changes.pop("output_bucket", None)
        or s3.Bucket.from_bucket_name(scope, f"{id}Bucket", "audiences"),
    }
    return ConfiguredAudienceModel(scope, id, **given, **changes)


def channel(scope: Construct, id: str = "Channel", **changes: Any) -> MLInputChannel:
    """An input channel with only the required arguments."""
    return MLInputChannel(scope, id, **channel_arguments(scope, id, **changes))


def channel_arguments(scope: Construct, id: str = "Channel", **changes: Any) -> dict[str, Any]:
    """The required arguments of an input channel."""
    return {
        "membership": Membership.from_membership_id(scope, f"{id}Membership", MEMBERSHIP),
        "algorithm_association": ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
            scope, f"{id}Algorithm", ASSOCIATION_ARN
        ),
        "query": ProtectedQuery.sql("SELECT age FROM users"),
        "retention": cdk.Duration.days(30),
        **changes,
    }


def job(scope: Construct, id: str = "Job", **changes: Any) -> AudienceGenerationJob:
    """An audience generation job with only the required arguments."""
    model = changes.pop("configured_audience_model", None)
    seed = changes.pop("seed_audience", None)
    return AudienceGenerationJob(
        scope,
        id,
        configured_audience_model=model
        or ConfiguredAudienceModel.from_configured_audience_model_arn(scope, f"{id}Configured", CONFIGURED_ARN),
        seed_audience=seed
        or SeedAudience.from_bucket(s3.Bucket.from_bucket_name(scope, f"{id}Bucket", "seeds"), "seed.jsonl"),
        **changes,
    )


def full_stack() -> cdk.Stack:
    """One stack with the three kinds of a lookalike audience and a channel, most options in use."""
    app = cdk.App()
    stack = new_stack(app=app)
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Audiences", encryption_key=key)
    own_role = iam.Role(stack, "OwnRole", assumed_by=iam.ServicePrincipal("cleanrooms-ml.amazonaws.com"))
    model = configured(
        stack,
        output_bucket=bucket,
        output_prefix="audiences/",
        audience_sizes=AudienceSizes.percentage(1, 5, 10),
        shared_audience_metrics=SharedAudienceMetrics.ALL,
        description="spring",
        tags={"team": "own", "purpose": "tests"},
    )
    seed = SeedAudience.from_bucket(s3.Bucket(stack, "Seeds", encryption_key=key), "seeds/seed.jsonl")
    job(stack, configured_audience_model=model, seed_audience=seed, run_id="1", minimum_recall=0.5)
    channel(
        stack,
        compute=WorkerCompute(
            type=WorkerType.CR_4X, number=16, spark_properties={"spark.sql.shuffle.partitions": "400"}
        ),
        encryption_key=key,
        run_id="2026-11",
        minimum_records=1000,
    )
    channel(stack, "OwnRoleChannel", role=own_role)
    cdk.Tags.of(app).add("team", "aspect")
    return stack


def template_of(stack: cdk.Stack) -> Template:
    """The stack's template."""
    result: Template = cdk.assertions.Template.from_stack(stack).to_json()
    return result


def parts_of(template: Template) -> dict[str, Any]:
    """The resources of the provider of a stack."""
    return {name: each for name, each in template["Resources"].items() if name.startswith("CleanRoomsML")}


def resources_of(template: Template, kind: str) -> dict[str, Any]:
    """The resources of one type, by logical id."""
    return {name: each for name, each in template["Resources"].items() if each["Type"] == kind}


def only(template: Template, kind: str) -> Any:
    """The one resource of a type."""
    (resource,) = resources_of(template, kind).values()
    return resource


def logical_id(stack: cdk.Stack, construct: IConstruct, child: str = "Resource") -> str:
    """The logical id of a child of a construct."""
    element = construct.node.find_child(child)
    assert isinstance(element, cdk.CfnElement)
    return str(stack.resolve(element.logical_id))


def assert_token_of_run(stack: cdk.Stack, run: IConstruct, attribute: str, name: str) -> None:
    """An attribute of a run is a token: of `Resource` what is known at once, of `Ready` the results."""
    child = "Resource" if name in ("Arn", "Name") else "Ready"
    expected = {"Fn::GetAtt": [logical_id(stack, run, child), name]}
    assert stack.resolve(getattr(run, attribute)) == expected


def errors_of(stack: cdk.Stack) -> list[str]:
    """The errors that synth reports for a stack."""
    with pytest.raises(RuntimeError, match="Validation failed") as caught:
        template_of(stack)
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


def statements_of(document: Mapping[str, Any]) -> list[Any]:
    """The statements of a policy document with actions as lists."""
    return [
        {**each, "Action": [each["Action"]] if isinstance(each["Action"], str) else each["Action"]}
        for each in document["Statement"]
    ]


def start_statement() -> iam.PolicyStatement:
    """Another account may start jobs of one collaboration."""
    return iam.PolicyStatement(
        sid="Theirs",
        actions=["cleanrooms-ml:StartAudienceGenerationJob"],
        principals=[iam.AccountPrincipal("444455556666")],
        conditions={"StringEquals": {"cleanrooms-ml:CollaborationId": "uuid"}},
    )


def request_of(resource: Template) -> dict[str, object]:
    """The properties without those that every custom resource has."""
    ours = ("ServiceToken", "ServiceTimeout", "RunId", "Settings", "tags")
    return {key: value for key, value in resource["Properties"].items() if key not in ours}
