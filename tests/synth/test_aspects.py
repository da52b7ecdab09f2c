"""Aspects: those that create constructs, and the CDK's way to call them until nothing changes."""

from __future__ import annotations

import aws_cdk as cdk
import jsii
import pytest
from constructs import IConstruct

from tests.synth.stacks import channel, configured, new_stack, only, template_of

STABILIZATION = {"@aws-cdk/core:aspectStabilization": True}


@jsii.implements(cdk.IAspect)
class Adding:
    """Creates a channel in each stack."""

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:
        if isinstance(node, cdk.Stack) and node.node.try_find_child("Late") is None:
            channel(node, "Late")


@pytest.mark.parametrize("context", [STABILIZATION, {}], ids=["stabilization", "one pass"])
@pytest.mark.parametrize("has_provider", [True, False])
@pytest.mark.parametrize("priority", [None, 10, 800])
def test_a_construct_may_be_created_by_an_aspect(
    context: dict[str, object], has_provider: bool, priority: int | None
) -> None:
    app = cdk.App(context=context)
    stack = new_stack(app=app)
    if has_provider:
        configured(stack)
    cdk.Aspects.of(stack).add(Adding(), priority=priority)
    template = template_of(stack)
    late = only(template, "Custom::CleanRoomsML-MLInputChannel")
    assert late["DeletionPolicy"] == "Delete"
    assert only(template, "Custom::CleanRoomsML-Wait")["DeletionPolicy"] == "Delete"


def test_a_removal_policy_of_one_type_reaches_what_waits_for_it() -> None:
    stack = new_stack()
    channel(stack)
    cdk.RemovalPolicies.of(stack).retain(apply_to_resource_types=["Custom::CleanRoomsML-MLInputChannel"])
    template = template_of(stack)
    for kind in ("Custom::CleanRoomsML-MLInputChannel", "Custom::CleanRoomsML-Wait"):
        assert only(template, kind)["DeletionPolicy"] == "Retain"
        assert only(template, kind)["UpdateReplacePolicy"] == "Retain"


@jsii.implements(cdk.IAspect)
class Tracing:
    """Turns on tracing where it sees a function."""

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:
        if isinstance(node, cdk.aws_lambda.CfnFunction):
            node.tracing_config = cdk.aws_lambda.CfnFunction.TracingConfigProperty(mode="Active")


def test_an_aspect_sees_the_functions_with_their_own_class() -> None:
    stack = new_stack()
    configured(stack)
    cdk.Aspects.of(stack).add(Tracing())
    resources = template_of(stack)["Resources"]
    for name in ("CleanRoomsMLFront", "CleanRoomsMLWorker"):
        assert resources[name]["Properties"]["TracingConfig"] == {"Mode": "Active"}
