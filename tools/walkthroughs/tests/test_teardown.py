"""The order of a teardown: in the journal, and in a template's dependencies."""

from __future__ import annotations

from typing import Any

import pytest

from ..teardown import STAGES, calls_of, disorder, unordered

MEMBERSHIP = "11111111-1111-4111-8111-111111111111"
ORDER = [
    "GetTrainedModelInferenceJob",
    "ListCollaborationTrainedModelExportJobs",
    "DeleteTrainedModelOutput",
    "DeleteMLInputChannelData",
    "DeleteMLInputChannelData",
    "DeleteConfiguredModelAlgorithmAssociation",
    "DeleteConfiguredModelAlgorithm",
    "DeleteMLConfiguration",
    "DeleteConfiguredTableAssociation",
    "DeleteConfiguredTable",
    "DeleteMembership",
    "DeleteCollaboration",
]


def entry(operation: str, identifier: str = MEMBERSHIP, took_effect: bool = True) -> dict[str, Any]:
    """What the journal says of a call."""
    return {"operation": operation, "params": {"membershipIdentifier": identifier}, "tookEffect": took_effect}


def problems(operations: list[str]) -> list[str]:
    """What is wrong with the order of operations."""
    return disorder(calls_of([entry(operation) for operation in operations], [f"{MEMBERSHIP}#configuration"]))


def test_the_order_of_the_walkthrough_is_right() -> None:
    assert problems(ORDER) == []


@pytest.mark.parametrize("position", [2, 4, 6, 9])
def test_two_stages_the_wrong_way_round_are_reported(position: int) -> None:
    swapped = [*ORDER[:position], ORDER[position + 1], ORDER[position], *ORDER[position + 2 :]]
    assert len(problems(swapped)) == 1
    assert problems(swapped)[0].startswith(f"{ORDER[position]} came after")


def test_a_stage_that_nothing_took_down_is_reported() -> None:
    assert problems([name for name in ORDER if name != "DeleteMLConfiguration"]) == ["no call for configuration"]


def test_calls_of_other_stacks_and_calls_without_effect_do_not_count() -> None:
    journal = [
        entry("DeleteMembership", "22222222-2222-4222-8222-222222222222"),
        entry("DeleteMembership", took_effect=False),
        entry("GetMLConfiguration"),
    ]
    assert calls_of(journal, [f"one|{MEMBERSHIP}"]) == []


def template(**properties: dict[str, Any]) -> dict[str, Any]:
    """One resource of each stage, each of which refers to the next one."""
    names = [stage.name.title().replace(" ", "") for stage in STAGES]
    resources: dict[str, Any] = {}
    for position, (name, stage) in enumerate(zip(names, STAGES, strict=True)):
        following = names[position + 1 : position + 2]
        resources[name] = {"Type": stage.types[0], "Properties": {"Of": [{"Ref": each} for each in following]}}
    for name, given in properties.items():
        resources[name] = {"Type": resources[name]["Type"], **given}
    return {"Resources": resources}


@pytest.mark.parametrize(
    "given",
    [
        {"DependsOn": "ChannelData"},
        {"DependsOn": ["ChannelData"]},
        {"Properties": {"A": {"Fn::GetAtt": ["ChannelData", "Arn"]}}},
        {"Properties": {"A": {"Fn::GetAtt": "ChannelData.Arn"}}},
        {"Properties": {"A": [{"Fn::Sub": "x/${ChannelData.Arn}"}]}},
        {"Properties": {"A": {"Fn::Join": ["", [{"Ref": "ChannelData"}, "/"]]}}},
    ],
    ids=str,
)
def test_dependencies_of_every_form_make_the_order(given: dict[str, Any]) -> None:
    assert unordered(template(Models=given)) == []


def test_what_no_dependency_orders_is_reported() -> None:
    found = unordered(template(Models={"DependsOn": "Collaboration"}))
    assert "Models and ChannelData" in found
    assert "Jobs and Membership" in found
    assert "Models and Collaboration" not in found
