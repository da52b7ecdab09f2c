"""An app with one channel, synthesized in the process of the test: the CLI deploys and destroys the assembly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from cdk_cleanrooms_ml import ProtectedQuery
from cleanrooms_ml_simulator.sandbox.assembly import ASSOCIATION, channel


def synthesize(folder: Path, stack_name: str, case: Mapping[str, Any]) -> Path:
    """The assembly of a stack.

    Args:
        folder: Where to.
        stack_name: The stack's name.
        case: What is in the stack, if it differs: association, query, query_file, name, untrusted_role.
    """
    app = cdk.App(outdir=str(folder), context={"aws:cdk:disable-version-reporting": True})
    stack = cdk.Stack(app, stack_name)
    role = None
    if case.get("untrusted_role"):
        # Lambda may take it on, Clean Rooms ML may not.
        role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    query = case.get("query", "SELECT a FROM b")
    created = channel(
        stack,
        association=case.get("association", ASSOCIATION),
        query=ProtectedQuery.from_asset(case["query_file"]) if "query_file" in case else ProtectedQuery.sql(query),
        ml_input_channel_name=case.get("name"),
        role=role,
    )
    cdk.CfnOutput(stack, "Arn", value=created.ml_input_channel_arn)
    cdk.CfnOutput(stack, "Status", value=created.status)
    app.synth()
    return folder
