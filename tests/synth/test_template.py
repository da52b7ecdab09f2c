"""The shape of what is rendered: what the engine reads and policy tools see."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml import Wait
from tests.synth.stacks import (
    Template,
    channel,
    logical_id,
    new_stack,
    only,
    resources_of,
    template_of,
)

CONFIGURED = "Custom::CleanRoomsML-ConfiguredAudienceModel"
CHANNEL = "Custom::CleanRoomsML-MLInputChannel"
JOB = "Custom::CleanRoomsML-AudienceGenerationJob"
WAIT = "Custom::CleanRoomsML-Wait"


def test_only_what_takes_time_has_a_ready(stack: cdk.Stack, template: Template) -> None:
    kinds = {each["Properties"]["Kind"] for each in resources_of(template, WAIT).values()}
    assert kinds == {"AudienceGenerationJob", "MLInputChannel"}
    assert stack.node.find_child("Job").node.try_find_child("Ready") is not None
    assert stack.node.find_child("Configured").node.try_find_child("Ready") is None


def test_ready_follows_the_resource_and_holds_the_gates(stack: cdk.Stack, template: Template) -> None:
    one = stack.node.find_child("Channel")
    resource, ready = logical_id(stack, one), template["Resources"][logical_id(stack, one, "Ready")]
    properties = dict(ready["Properties"])
    assert properties.pop("ServiceToken") == template["Resources"][resource]["Properties"]["ServiceToken"]
    assert properties == {
        "ServiceTimeout": 3600,
        "Kind": "MLInputChannel",
        "Arn": {"Ref": resource},
        "RequestHash": {"Fn::GetAtt": [resource, "RequestHash"]},
        "Settings": {"Gates": {"minimumRecords": 1000}},
    }


def test_defaults_of_our_settings_are_not_rendered(template: Template, stack: cdk.Stack) -> None:
    ready = template["Resources"][logical_id(stack, stack.node.find_child("OwnRoleChannel"), "Ready")]
    assert "Settings" not in ready["Properties"]
    assert all("Settings" not in each["Properties"] for each in resources_of(template, CHANNEL).values())


def test_a_shorter_wait_is_a_setting_of_ready() -> None:
    stack = new_stack()
    channel(stack, wait=Wait.until_active(cdk.Duration.minutes(20)))
    assert only(template_of(stack), WAIT)["Properties"]["Settings"] == {"TimeoutSeconds": 1200}


@pytest.mark.parametrize("kind", [CONFIGURED, CHANNEL, JOB, WAIT])
def test_what_leaves_the_stack_is_deleted_by_default(template: Template, kind: str) -> None:
    for resource in resources_of(template, kind).values():
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_a_removal_policy_covers_resource_and_ready_alike() -> None:
    stack = new_stack()
    channel(stack, "Given", removal_policy=cdk.RemovalPolicy.RETAIN)
    channel(stack, "Applied").apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    channel(stack, "Default")
    template = template_of(stack)
    for name, policy in {"Given": "Retain", "Applied": "Retain", "Default": "Delete"}.items():
        for child in ("Resource", "Ready"):
            resource = template["Resources"][logical_id(stack, stack.node.find_child(name), child)]
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (policy, policy)


def test_it_behaves_like_any_construct_of_the_cdk(stack: cdk.Stack) -> None:
    one = stack.node.find_child("Channel")
    assert isinstance(one, cdk.Resource)
    assert isinstance(one.node.default_child, cdk.CfnResource)
    assert one.stack is stack
    assert one.env.region == stack.region
