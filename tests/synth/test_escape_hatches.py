"""What is set on the `Resource` of a run reaches `Ready` and the links before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from constructs import IConstruct

from cdk_cleanrooms_ml import Wait
from tests.synth.stacks import channel, new_stack, resources_of, template_of

Change = Callable[[cdk.CfnResource], object]


def changed(change: Change) -> list[Any]:
    """The resources of a channel with links, after a change of its `Resource`."""
    stack = new_stack()
    cdk.CfnCondition(stack, "Certain", expression=cdk.Fn.condition_equals("a", "a"))
    made = channel(stack, wait=Wait.until_active(cdk.Duration.hours(2)))
    resource = made.node.default_child
    assert isinstance(resource, cdk.CfnResource)
    change(resource)
    template = template_of(stack)
    kinds = ("Custom::CleanRoomsML-MLInputChannel", "Custom::CleanRoomsML-Wait")
    return [each for kind in kinds for each in resources_of(template, kind).values()]


def _condition(resource: cdk.CfnResource) -> None:
    condition = resource.stack.node.find_child("Certain")
    assert isinstance(condition, cdk.CfnCondition)
    resource.cfn_options.condition = condition


def _retention(resource: cdk.CfnResource) -> None:
    resource.cfn_options.deletion_policy = cdk.CfnDeletionPolicy.RETAIN


@pytest.mark.parametrize(
    ("change", "member", "value"),
    [
        (_condition, "Condition", "Certain"),
        (lambda resource: resource.add_override("Condition", "Certain"), "Condition", "Certain"),
        (_retention, "DeletionPolicy", "Retain"),
        (lambda resource: resource.add_override("DeletionPolicy", "Retain"), "DeletionPolicy", "Retain"),
        (lambda resource: resource.add_override("UpdateReplacePolicy", "Retain"), "UpdateReplacePolicy", "Retain"),
        (lambda resource: resource.cfn_options.__setattr__("metadata", {"a": "b"}), "Metadata", {"a": "b"}),
        (lambda resource: resource.add_override("Metadata.a", "b"), "Metadata", {"a": "b"}),
        (lambda resource: resource.add_metadata("a", "b"), "Metadata", {"a": "b"}),
        (lambda resource: resource.apply_removal_policy(cdk.RemovalPolicy.RETAIN), "DeletionPolicy", "Retain"),
        (lambda resource: resource.apply_removal_policy(cdk.RemovalPolicy.RETAIN), "UpdateReplacePolicy", "Retain"),
    ],
)
def test_an_escape_hatch_reaches_the_whole_run(change: Change, member: str, value: object) -> None:
    resources = changed(change)
    assert len(resources) == 4
    for each in resources:
        found = each[member]
        if isinstance(value, dict):
            found = {key: found[key] for key in value}
        assert found == value


def test_a_part_is_removed_from_the_whole_run() -> None:
    resources = changed(lambda resource: resource.add_deletion_override("DeletionPolicy"))
    assert not any("DeletionPolicy" in each for each in resources)


def test_an_aspect_reaches_the_whole_run() -> None:
    @jsii.implements(cdk.IAspect)
    class Conditional:
        @jsii.member(jsii_name="visit")
        def visit(self, node: IConstruct) -> None:
            if isinstance(node, cdk.CfnResource) and node.cfn_resource_type == "Custom::CleanRoomsML-MLInputChannel":
                _condition(node)

    resources = changed(lambda resource: cdk.Aspects.of(resource.stack).add(Conditional()))
    assert [each["Condition"] for each in resources] == ["Certain"] * 4


def test_properties_stay_those_of_the_resource() -> None:
    resource, *waiting = changed(lambda resource: resource.add_property_override("description", "other"))
    assert resource["Properties"]["description"] == "other"
    assert not any("description" in each["Properties"] for each in waiting)
