"""Runs of a stack that may be under way at the same time although AWS's quotas allow fewer."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from constructs import Construct

from cdk_cleanrooms_ml import (
    AnalysisTemplate,
    AudienceModel,
    Membership,
    ProtectedQuery,
    SyntheticData,
    SyntheticDataColumn,
    TrainingDataset,
    Wait,
)
from cdk_cleanrooms_ml import _in_flight as in_flight_module
from tests.synth.custom_model import CustomModelStack
from tests.synth.stacks import MEMBERSHIP, SERVICE, TEMPLATE_ARN, channel, new_stack, template_of
from tests.synth.test_warnings import warnings_of

ID = "cleanrooms-ml:in-flight"
TWO_LINKS = Wait.until_active(cdk.Duration.hours(2))


def model(stack: cdk.Stack, id: str, wait: Wait = TWO_LINKS) -> AudienceModel:
    """An audience model with only the required arguments."""
    dataset = TrainingDataset.from_training_dataset_arn(stack, f"{id}Data", f"{SERVICE}:training-dataset/one")
    return AudienceModel(stack, id, training_dataset=dataset, wait=wait)


def three(stack: cdk.Stack, wait: Wait = TWO_LINKS) -> list[AudienceModel]:
    return [model(stack, id, wait) for id in ("First", "Second", "Third")]


def test_the_third_audience_model_is_reported_with_its_line_and_the_others() -> None:
    stack = new_stack()
    three(stack)
    ((id, texts),) = warnings_of(stack).items()
    assert id == ID
    (text,) = texts
    assert text.startswith(
        "/Stack/Third may run at the same time as Stack/First, Stack/Second; by default AWS allows 2"
    )
    assert ": third.node.add_dependency(first)  [tests/synth/test_in_flight.py:" in text


def parameter(scope: Construct, value: str) -> cdk.CfnResource:
    """A resource that needs whatever the value refers to."""
    return cdk.CfnResource(
        scope, "Parameter", type="AWS::SSM::Parameter", properties={"Type": "String", "Value": value}
    )


def after_the_first(stack: cdk.Stack, first: AudienceModel, third: AudienceModel) -> None:
    third.node.add_dependency(first)


def after_a_parameter(stack: cdk.Stack, first: AudienceModel, third: AudienceModel) -> None:
    third.node.add_dependency(parameter(stack, first.status))


def after_the_address(stack: cdk.Stack, first: AudienceModel, third: AudienceModel) -> None:
    third.node.add_dependency(parameter(stack, first.audience_model_arn))


def through_a_nested_stack(stack: cdk.Stack, first: AudienceModel, third: AudienceModel) -> None:
    nested = cdk.NestedStack(stack, "Nested")
    parameter(nested, first.status)
    third.node.add_dependency(nested)


def the_other_way(stack: cdk.Stack, first: AudienceModel, third: AudienceModel) -> None:
    first.node.add_dependency(third)


@pytest.mark.parametrize(
    ("order", "reported"),
    [
        (after_the_first, []),
        (the_other_way, []),
        (after_a_parameter, []),
        (through_a_nested_stack, []),
        # It is known as soon as the first one has begun.
        (after_the_address, [ID]),
    ],
)
def test_what_follows_the_end_of_another_needs_no_place_beside_it(
    order: Callable[[cdk.Stack, AudienceModel, AudienceModel], None], reported: list[str]
) -> None:
    stack = new_stack()
    first, _, third = three(stack)
    order(stack, first, third)
    assert list(warnings_of(stack)) == reported


def test_a_run_for_which_nobody_waits_is_still_under_way() -> None:
    stack = new_stack()
    first, _, third = three(stack, Wait.none())
    third.node.add_dependency(first)
    assert list(warnings_of(stack)) == [ID]


def test_a_run_under_a_condition_may_not_be_there() -> None:
    stack = new_stack()
    _, _, third = three(stack)
    resource = third.node.default_child
    assert isinstance(resource, cdk.CfnResource)
    resource.cfn_options.condition = cdk.CfnCondition(stack, "IsProduction")
    assert warnings_of(stack) == {}


def test_it_is_acknowledged_for_a_run_or_a_whole_stack() -> None:
    for acknowledge_stack in (True, False):
        stack = new_stack()
        runs = three(stack)
        where = stack if acknowledge_stack else runs[-1]
        cdk.Validations.of(where).acknowledge(cdk.Acknowledgment(id=ID, reason="AWS has raised the quota"))
        assert warnings_of(stack) == {}


def test_each_stack_counts_for_itself() -> None:
    app = cdk.App()
    for name in ("One", "Two"):
        stack = new_stack(name, app)
        model(stack, "First")
        model(stack, "Second")
    app.synth()
    assert [warnings_of(child) for child in app.node.children if isinstance(child, cdk.Stack)] == [{}, {}]


def test_stacks_of_a_nested_stage_are_reported_too() -> None:
    app = cdk.App()
    inside = cdk.Stack(cdk.Stage(app, "Stage"), "Inside")
    three(inside)
    app.synth()
    assert list(warnings_of(inside)) == [ID]


def test_channels_count_whose_data_is_synthetic_for_certain() -> None:
    columns = [SyntheticDataColumn.numerical(f"c{number}", is_predictive_value=number == 0) for number in range(5)]
    data = SyntheticData(epsilon=3, maximum_membership_inference_attack_score=0.6, columns=columns)
    for synthetic_data, reported in ((data, [ID]), (None, [])):
        stack = new_stack()
        member = Membership.from_membership_id(stack, "Member", MEMBERSHIP)
        template = AnalysisTemplate(
            stack, "Template", membership=member, text="SELECT 1", synthetic_data=synthetic_data
        )
        for number in range(3):
            channel(stack, f"Channel{number}", query=ProtectedQuery.analysis_template(template), wait=TWO_LINKS)
        assert list(warnings_of(stack)) == reported


@pytest.mark.parametrize(("score", "reported"), [(0.6, [ID]), (None, [])])
def test_a_template_of_others_may_be_synthetic_and_a_gate_on_its_score_says_that_it_is(
    score: float | None, reported: list[str]
) -> None:
    stack = new_stack()
    query = ProtectedQuery.analysis_template(TEMPLATE_ARN)
    for number in range(3):
        channel(stack, f"Channel{number}", query=query, maximum_membership_inference_attack_score=score)
    assert list(warnings_of(stack)) == reported


@pytest.mark.parametrize(("count", "reported"), [(5, []), (6, [ID])])
def test_trained_models_count_by_membership(count: int, reported: list[str]) -> None:
    custom = CustomModelStack()
    for number in range(count):
        custom.model(f"Model{number}")
    assert list(warnings_of(custom.stack)) == reported


def test_the_stack_is_asked_only_where_there_are_more_runs_than_a_quota_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[cdk.Stack] = []
    order = in_flight_module._order

    def noted(stack: cdk.Stack, links: set[int]) -> tuple[dict[int, str], dict[str, set[str]]]:
        asked.append(stack)
        return order(stack, links)

    monkeypatch.setattr(in_flight_module, "_order", noted)
    few, many = new_stack("Few"), new_stack("Many")
    model(few, "First")
    model(few, "Second")
    for number in range(3):
        channel(few, f"Channel{number}")
    three(many)
    template_of(few)
    template_of(many)
    assert asked == [many]


def test_what_the_cdk_cannot_render_is_left_to_the_cdk() -> None:
    stack = new_stack()
    three(stack)
    key = cdk.Token.as_string({"Ref": "Parameter"})
    cdk.CfnResource(stack, "Broken", type="Test::Broken", properties={key: "x"})
    with pytest.raises(RuntimeError, match="must resolve to a string") as caught:
        template_of(stack)
    assert "cdk-cleanrooms-ml has a fault" not in str(caught.value)
