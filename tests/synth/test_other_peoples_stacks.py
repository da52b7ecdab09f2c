"""Stacks that the CDK creates itself: another Python object at each access."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk.cloudformation_include import CfnInclude, CfnIncludeProps

from cdk_cleanrooms_ml import CleanRoomsMLProvider, ProtectedQuery
from tests.synth.stacks import TEMPLATE_ARN, channel, configured, job, new_stack, only, template_of


@pytest.fixture
def include(tmp_path: Path) -> CfnInclude:
    """A template with a nested stack, of which every access is another Python object."""
    (tmp_path / "child.json").write_text(json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}))
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "child.json"}}
    (tmp_path / "parent.json").write_text(json.dumps({"Resources": {"Nested": nested}}))
    result = CfnInclude(
        new_stack(),
        "Include",
        template_file=str(tmp_path / "parent.json"),
        load_nested_stacks={"Nested": CfnIncludeProps(template_file=str(tmp_path / "child.json"))},
    )
    assert result.get_nested_stack("Nested").stack is not result.get_nested_stack("Nested").stack
    return result


def test_an_included_nested_stack_has_one_provider(include: CfnInclude) -> None:
    channel(include.get_nested_stack("Nested").stack)
    configured(include.get_nested_stack("Nested").stack)
    job(include.get_nested_stack("Nested").stack, wait=None)
    stack = include.get_nested_stack("Nested").stack
    assert CleanRoomsMLProvider.of(stack) is CleanRoomsMLProvider.of(include.get_nested_stack("Nested").stack)
    template = template_of(stack)
    assert only(template, "AWS::SNS::Topic")
    assert only(template, "Custom::CleanRoomsML-MLInputChannel")
    assert len([each for each in template["Resources"].values() if each["Type"] == "AWS::Lambda::Function"]) == 2


def test_an_included_nested_stack_is_checked_once(include: CfnInclude) -> None:
    configured(include.get_nested_stack("Nested").stack, "First", min_matching_seed_size=1)
    configured(include.get_nested_stack("Nested").stack, "Second", min_matching_seed_size=1)
    with pytest.raises(RuntimeError) as caught:
        template_of(include.get_nested_stack("Nested").stack)
    assert str(caught.value).count("minMatchingSeedSize is 1") == 2


def test_a_configured_provider_is_found_again(include: CfnInclude) -> None:
    provider = CleanRoomsMLProvider(include.get_nested_stack("Nested").stack, "Mine")
    assert CleanRoomsMLProvider.of(include.get_nested_stack("Nested").stack) is provider
    with pytest.raises(ValueError, match="the stack has a CleanRoomsMLProvider already"):
        CleanRoomsMLProvider(include.get_nested_stack("Nested").stack, "Other")


def test_runs_of_an_included_stack_are_counted_together(include: CfnInclude) -> None:
    for number in range(3):
        nested = include.get_nested_stack("Nested").stack
        query = ProtectedQuery.analysis_template(TEMPLATE_ARN)
        channel(nested, f"Channel{number}", query=query, maximum_membership_inference_attack_score=0.8)
    parent = include.get_nested_stack("Nested").stack.nested_stack_parent
    assert parent is not None
    found = cdk.assertions.Annotations.from_stack(parent).find_warning("*", cdk.assertions.Match.any_value())
    assert any("in-flight" in str(each.entry.data) for each in found)
