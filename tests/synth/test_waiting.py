"""Waiting: `Ready`, links for what takes longer than an hour, and not waiting at all."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_events as events
from aws_cdk.interfaces.aws_events import IRuleRef
from constructs import IConstruct

from cdk_cleanrooms_ml import AudienceModel, MLInputChannel, ProtectedQuery, SeedAudience, TrainingDataset, Wait
from cleanrooms_ml_handlers.shared_names import EVENT_SOURCE, STATE_CHANGE
from tests.synth.stacks import (
    SERVICE,
    Template,
    channel,
    configured,
    errors_of,
    job,
    logical_id,
    new_stack,
    resources_of,
    statements_of,
    template_of,
)

WAIT = "Custom::CleanRoomsML-Wait"
QUEUE_ARN = "arn:aws:sqs:us-east-1:111122223333:queue"
HOUR, LINK = 3600, 3300


@jsii.implements(events.IRuleTarget)
class Queue:
    """A target that needs nothing else."""

    @jsii.member(jsii_name="bind")
    def bind(self, rule: IRuleRef, id: str | None = None) -> events.RuleTargetConfig:
        return events.RuleTargetConfig(arn=QUEUE_ARN)


def children(construct: IConstruct) -> list[str]:
    """The ids of what waits for a run, in the order of creation."""
    return [child.node.id for child in construct.node.children if child.node.id.startswith(("Wait", "Ready"))]


def hours(count: float) -> Wait:
    return Wait.until_active(cdk.Duration.minutes(count * 60))


@pytest.mark.parametrize(
    ("minutes", "links", "last_seconds"),
    [(1, 0, 60), (20, 0, 1200), (55, 0, LINK), (56, 1, 60), (110, 1, LINK), (111, 2, 60), (36 * 60, 39, 900)],
)
def test_a_wait_is_cut_into_links_of_55_minutes(minutes: int, links: int, last_seconds: int) -> None:
    stack = new_stack()
    one = channel(stack, wait=Wait.until_active(cdk.Duration.minutes(minutes)))
    assert children(one) == [*(f"Wait{number}" for number in range(1, links + 1)), "Ready"]
    template = template_of(stack)
    settings = template["Resources"][logical_id(stack, one, "Ready")]["Properties"].get("Settings", {})
    assert settings.get("TimeoutSeconds", LINK) == last_seconds
    assert links * LINK + last_seconds >= minutes * 60
    link_settings = [
        template["Resources"][logical_id(stack, one, f"Wait{number}")]["Properties"]["Settings"]
        for number in range(1, links + 1)
    ]
    assert link_settings == [{"Link": True}] * links


def test_the_last_of_a_chain_waits_for_a_minute_at_least() -> None:
    stack = new_stack()
    one = channel(stack, wait=Wait.until_active(cdk.Duration.seconds(LINK + 1)))
    ready = template_of(stack)["Resources"][logical_id(stack, one, "Ready")]
    assert ready["Properties"]["Settings"] == {"TimeoutSeconds": 60, "WaitedSeconds": 3300}


def test_each_of_a_chain_comes_after_the_one_before() -> None:
    stack = new_stack()
    one = channel(stack, wait=hours(3))
    resources = template_of(stack)["Resources"]
    resource = logical_id(stack, one)
    for child in children(one):
        properties = resources[logical_id(stack, one, child)]["Properties"]
        assert properties["Arn"] == {"Ref": resource}
        assert properties["RequestHash"] == {"Fn::GetAtt": [resource, "RequestHash"]}
    chain = [logical_id(stack, one, child) for child in children(one)]
    assert [resources[each].get("DependsOn") for each in chain] == [None, *([each] for each in chain[:-1])]


def test_only_the_last_of_a_chain_checks_gates_and_serves_results() -> None:
    stack = new_stack()
    one = channel(stack, wait=hours(3), minimum_records=1000)
    resources = template_of(stack)["Resources"]
    checking = [child for child in children(one) if "Gates" in str(resources[logical_id(stack, one, child)])]
    assert checking == ["Ready"]
    ready = logical_id(stack, one, "Ready")
    assert stack.resolve(one.number_of_records) == {"Fn::GetAtt": [ready, "NumberOfRecords"]}


def test_the_ids_of_what_others_refer_to_never_depend_on_the_wait() -> None:
    ids = set()
    for wait in (hours(0.5), hours(1.5), hours(20)):
        stack = new_stack()
        one = channel(stack, wait=wait)
        ids.add((logical_id(stack, one), logical_id(stack, one, "Ready")))
    assert len(ids) == 1


def test_what_depends_on_a_run_comes_after_the_last_of_its_chain() -> None:
    stack = new_stack()
    one, later = channel(stack, wait=hours(2)), configured(stack)
    later.node.add_dependency(one)
    waits = template_of(stack)["Resources"][logical_id(stack, later)]["DependsOn"]
    assert {logical_id(stack, one, child) for child in ("Resource", "Wait1", "Wait2", "Ready")} <= set(waits)


def test_what_needs_a_run_of_another_stack_waits_for_that_stack() -> None:
    app = cdk.App()
    provider, user = new_stack("Provider", app), new_stack("User", app)
    dataset = TrainingDataset.from_training_dataset_arn(provider, "Data", f"{SERVICE}:training-dataset/data")
    configured(user, audience_model=AudienceModel(provider, "Model", training_dataset=dataset))
    template_of(user)
    assert provider in user.dependencies


def test_a_removal_policy_covers_links_too() -> None:
    stack = new_stack()
    channel(stack, "Kept", wait=hours(2)).apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    channel(stack, "Deleted", wait=hours(2))
    for name, each in resources_of(template_of(stack), WAIT).items():
        policy = "Retain" if name.startswith("Kept") else "Delete"
        assert (each["DeletionPolicy"], each["UpdateReplacePolicy"]) == (policy, policy)


@pytest.mark.parametrize(
    ("seed", "seconds"),
    [(None, 10 * HOUR), (SeedAudience.from_query(ProtectedQuery.sql("SELECT user_id FROM users")), 35 * HOUR)],
)
def test_a_job_is_waited_for_as_long_as_it_may_take(seed: SeedAudience | None, seconds: int) -> None:
    stack = new_stack()
    job(stack, seed_audience=seed)
    waiting = resources_of(template_of(stack), WAIT).values()
    assert sum(each["Properties"].get("Settings", {}).get("TimeoutSeconds", LINK) for each in waiting) == seconds


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (Wait.until_active(cdk.Duration.seconds(0)), "wait is 0 seconds"),
        (Wait.until_active(cdk.Duration.seconds(59)), "wait is 59 seconds"),
        (Wait.until_active(cdk.Duration.seconds(36 * HOUR + 1)), "wait is 129601 seconds"),
        (Wait.until_active(cdk.Duration.days(28)), "wait is 2419200 seconds"),
    ],
)
def test_a_wait_out_of_bounds_is_refused_at_synth(wait: Wait, said: str) -> None:
    stack = new_stack()
    one = channel(stack, wait=wait)
    (error,) = errors_of(stack)
    assert f"{said}; allowed 1 minute to 36 hours" in error
    assert children(one) == ["Ready"]


# -- not waiting -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unwaited() -> tuple[cdk.Stack, MLInputChannel, Template]:
    stack = new_stack()
    one = channel(stack, wait=Wait.none())
    one.on_state_change(
        "Failed",
        target=Queue(),
        event_pattern=events.EventPattern(detail={"status": ["CREATE_FAILED"]}),
    )
    channel(stack, "Waited")
    return stack, one, template_of(stack)


def test_without_a_wait_there_is_only_a_resource_that_is_watched(unwaited: tuple[Any, ...]) -> None:
    stack, one, template = unwaited
    assert children(one) == []
    assert template["Resources"][logical_id(stack, one)]["Properties"]["Settings"] == {"Watch": True}
    waited = logical_id(stack, stack.node.find_child("Waited"))
    assert "Settings" not in template["Resources"][waited]["Properties"]


def test_a_rule_matches_the_end_of_exactly_this_run(unwaited: tuple[Any, ...]) -> None:
    stack, one, template = unwaited
    rule = template["Resources"][logical_id(stack, one.node.find_child("Failed"))]["Properties"]
    assert rule["EventPattern"] == {
        "source": [EVENT_SOURCE],
        "detail-type": [STATE_CHANGE],
        "detail": {
            "stackId": [{"Ref": "AWS::StackId"}],
            "logicalId": [logical_id(stack, one)],
            "status": ["CREATE_FAILED"],
        },
    }
    assert [target["Arn"] for target in rule["Targets"]] == [QUEUE_ARN]


def test_the_rule_is_there_before_the_run_starts(unwaited: tuple[Any, ...]) -> None:
    stack, one, template = unwaited
    rule = logical_id(stack, one.node.find_child("Failed"))
    assert rule in template["Resources"][logical_id(stack, one)]["DependsOn"]


def test_the_worker_may_put_these_events_and_no_others(unwaited: tuple[Any, ...]) -> None:
    _, _, template = unwaited
    assert putting(template) == [
        {
            "Effect": "Allow",
            "Action": ["events:PutEvents"],
            "Resource": {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"},
            "Condition": {"StringEquals": {"events:source": EVENT_SOURCE}},
        }
    ]


def test_nothing_may_put_events_where_every_run_is_waited_for(template: Template) -> None:
    assert putting(template) == []


def putting(template: Template) -> list[Any]:
    """The statements by which the worker may put events."""
    policy = template["Resources"]["CleanRoomsMLWorkerPolicy"]["Properties"]["PolicyDocument"]
    return [each for each in statements_of(policy) if "events:PutEvents" in each["Action"]]


@pytest.mark.parametrize("attribute", ["status", "number_of_records", "protected_query_identifier"])
def test_results_of_a_run_that_is_not_waited_for_are_refused(attribute: str) -> None:
    one = channel(new_stack(), wait=Wait.none())
    with pytest.raises(ValueError, match=r"Stack/Channel: .* does not wait: wait is Wait\.none\(\)"):
        getattr(one, attribute)
    assert one.ml_input_channel_arn
    assert one.ml_input_channel_name


def test_gates_of_a_run_that_is_not_waited_for_are_refused() -> None:
    stack = new_stack()
    job(stack, wait=Wait.none(), minimum_recall=0.5)
    (error,) = errors_of(stack)
    assert "Stack/Job: minimum_recall is checked at the end of the run" in error


def test_a_run_without_a_wait_is_refused_where_an_active_one_is_needed() -> None:
    stack = new_stack()
    dataset = TrainingDataset.from_training_dataset_arn(stack, "Data", f"{SERVICE}:training-dataset/data")
    model = AudienceModel(stack, "Model", training_dataset=dataset, wait=Wait.none())
    configured(stack, audience_model=model)
    (error,) = errors_of(stack)
    assert "Stack/Configured: needs Stack/Model to be ACTIVE" in error


def test_a_run_that_is_waited_for_reports_its_end_too() -> None:
    stack = new_stack()
    made = job(stack, wait=hours(2))
    made.on_state_change("End")
    other = job(stack, "Other")
    template = template_of(stack)
    id = logical_id(stack, made)
    waits = resources_of(template, "Custom::CleanRoomsML-Wait")
    settings = {name: each["Properties"].get("Settings", {}) for name, each in waits.items()}
    for child in ("Wait1", "Wait2", "Ready"):
        assert settings[logical_id(stack, made, child)]["EventFor"] == id
    assert "EventFor" not in settings[logical_id(stack, other, "Ready")]
    (rule,) = [each for name, each in resources_of(template, "AWS::Events::Rule").items() if "End" in name]
    assert rule["Properties"]["EventPattern"]["detail"]["logicalId"] == [id]
    assert "events:PutEvents" in str(template["Resources"]["CleanRoomsMLWorkerPolicy"])


def test_a_rule_may_get_its_target_later() -> None:
    stack = new_stack()
    rule = job(stack, wait=Wait.none()).on_state_change("End", description="the job has ended", rule_name="job-end")
    rule.add_target(Queue())
    rendered = next(
        each for name, each in resources_of(template_of(stack), "AWS::Events::Rule").items() if "End" in name
    )
    assert (rendered["Properties"]["Description"], rendered["Properties"]["Name"]) == ("the job has ended", "job-end")


def test_waits_are_values() -> None:
    assert Wait.none() == Wait.none() != hours(1) == hours(1)
