"""An app with one channel, synthesized in the process of the test: the CLI deploys and destroys the assembly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from cdk_cleanrooms_ml import ConfiguredModelAlgorithmAssociation, Membership, MLInputChannel, ProtectedQuery

# What the sandbox seeds.
MEMBERSHIP = "78402c74-292f-5def-8ff9-64821c3e523a"
ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:000000000000:membership/{MEMBERSHIP}"
    "/configured-model-algorithm-association/28472b04-de3a-5c7b-a9c2-cda796f06be5"
)


def synthesize(folder: Path, stack_name: str, case: Mapping[str, Any]) -> Path:
    """The assembly of a stack.

    Args:
        folder: Where to.
        stack_name: The stack's name.
        case: What is in the stack, if it differs: association, query, query_file, name, untrusted_role.
    """
    app = cdk.App(outdir=str(folder), context={"aws:cdk:disable-version-reporting": True})
    stack = cdk.Stack(app, stack_name)
    association = ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
        stack, "Algorithm", case.get("association", ASSOCIATION)
    )
    role = None
    if case.get("untrusted_role"):
        # Lambda may take it on, Clean Rooms ML may not.
        role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    query = case.get("query", "SELECT a FROM b")
    channel = MLInputChannel(
        stack,
        "Channel",
        membership=Membership.from_membership_id(stack, "Membership", MEMBERSHIP),
        algorithm_association=association,
        query=ProtectedQuery.from_asset(case["query_file"]) if "query_file" in case else ProtectedQuery.sql(query),
        retention=cdk.Duration.days(7),
        ml_input_channel_name=case.get("name"),
        role=role,
    )
    cdk.CfnOutput(stack, "Arn", value=channel.ml_input_channel_arn)
    cdk.CfnOutput(stack, "Status", value=channel.status)
    app.synth()
    return folder
