"""How far back the Delete of an id without a resource looks, and what it learns there: rules D5, D17 and U10."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cleanrooms_ml_simulator.behaviors import ExecutionsLag
from cleanrooms_ml_simulator.cloudformation.resource import StackEvent
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import CASES, DELETABLE, EXPIRING, TAG, THING, Case
from cleanrooms_ml_simulator.lifecycle.kinds import document
from cleanrooms_ml_simulator.templates import configured_audience_model, free_model_arn, template
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import (
    OTHER,
    arns,
    cancel_the_next,
    clean_up,
    kept,
    lose_create,
    target_of,
    with_retained,
)
from .test_later_requests import INVENTED
from .test_overlap import slow

DAY = 24 * 3600
POLICY = next(case for case in CASES if str(case) == "ConfiguredAudienceModelPolicy")
SINGLES = tuple(case for case in CASES if case.is_singleton)
# A channel expires meanwhile.
LASTING = tuple(case for case in DELETABLE if str(case) not in ("MLInputChannel", "MLConfiguration"))
# What the service deletes by itself.
EXPIRED = tuple(case for case in EXPIRING if case in DELETABLE)
TAGGED = tuple(case for case in LASTING if case.spec.is_taggable)


def create_without_an_answer(world: World, stack: Stack, case: Case) -> None:
    """A Create whose execution ends before it answers, after its call was sent."""
    slow(world, case.spec.create, 8)
    stack.conductor.send("Create", target_of(case))
    world.advance(5)
    for execution in world.states.executions():
        if execution.is_running:
            execution.state_machine.end(execution, "TIMED_OUT")


def cancel_too_late(world: World, stack: Stack, case: Case, operation: str = "") -> None:
    """Cancels a Create that is answered before its Delete: CloudFormation updates other resources back first."""

    def delay(event: StackEvent) -> None:
        if event.status == "UPDATE_ROLLBACK_IN_PROGRESS":
            slow(world, "UpdateConfiguredAudienceModel", 10)

    stack.watchers.append(delay)
    slow(world, operation or case.spec.create, 4)
    world.after(3, stack.stop)
    changed = configured_audience_model("Other", description="changed")
    assert stack.update(case.template(changed, tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    stack.watchers.remove(delay)
    create, delete = stack.sent("Create", THING)[-1], stack.sent("Delete", THING)[-1]
    assert create.was_cancelled
    assert create.answer is not None
    assert create.answer.is_success
    assert delete.physical_id != create.answer.physical_id


def cancel_in_time(world: World, stack: Stack, case: Case, operation: str = "") -> None:
    cancel_the_next(world, stack, case, operation or case.spec.create)


Canceler = Callable[..., None]
CANCELERS = [pytest.param(cancel_too_late, id="too late"), pytest.param(cancel_in_time, id="in time")]


@pytest.mark.parametrize("first", CANCELERS)
def test_d5_the_second_canceled_create_that_was_answered_too_late_leaves_nothing(
    world: World, deletable: Case, first: Canceler
) -> None:
    stack = world.stack()
    stack.create(template(OTHER))
    for cancel in (first, cancel_too_late):
        world.advance(600)
        cancel(world, stack, deletable)
        assert arns(world) == {stack.physical_id("Other")}


def lose_before_its_effect(world: World, case: Case) -> None:
    world.crash(case.look, count=ALWAYS)


def lose_after_its_effect(world: World, case: Case) -> None:
    def die_from_now_on(call: Call) -> None:
        if call.operation == case.spec.create:
            world.crash(case.look, count=ALWAYS)

    world.wire.after.append(die_from_now_on)
    world.crash(case.spec.create, after=True)


@pytest.mark.parametrize("lagging", [False, True], ids=["", "late list"])
@pytest.mark.parametrize("cancel", CANCELERS)
@pytest.mark.parametrize("lose", [lose_before_its_effect, lose_after_its_effect])
def test_d5_a_create_that_is_canceled_after_a_lost_one_that_was_answered_leaves_nothing(
    world: World, deletable: Case, lose: Callable[[World, Case], None], cancel: Canceler, lagging: bool
) -> None:
    """CloudFormation has the orphan id of the lost one: the invented id is that of the canceled one."""
    stack = world.stack()
    stack.create(template(OTHER))
    if lagging:
        ExecutionsLag(5).arm(world)
    world.advance(60)
    lose(world, deletable)
    assert stack.update(deletable.template(OTHER, tags=TAG), disable_rollback=True) == "UPDATE_FAILED"
    world.wire.before.clear()
    world.wire.after.clear()
    world.advance(60)
    # A singleton that is there already is not put again.
    cancel(world, stack, deletable, deletable.look if lose is lose_after_its_effect else "")
    world.settle()
    assert arns(world) == {stack.physical_id("Other")}


@pytest.mark.parametrize("cancel", CANCELERS)
@pytest.mark.parametrize("case", EXPIRED, ids=str)
def test_d5_a_canceled_create_leaves_nothing_although_what_an_earlier_one_created_was_retained(
    world: World, case: Case, cancel: Canceler
) -> None:
    stack, retained = with_retained(world, case)
    world.expire(retained)
    cancel(world, stack, case)
    assert len(world.created(case.spec.kind)) == 2
    assert arns(world) == {stack.physical_id("Other")}


def test_d5_a_create_that_is_canceled_after_one_that_got_no_answer_leaves_nothing(
    world: World, deletable: Case
) -> None:
    """CloudFormation has no id of either: the invented one is that of both."""
    stack = world.stack()
    stack.create(template(OTHER))
    stack.declare(target_of(deletable))
    world.replies.faults = [503] * 1000
    create_without_an_answer(world, stack, deletable)
    world.advance(900)
    world.replies.faults = []
    assert stack.sent("Create", THING)[-1].answer is None
    cancel_the_next(world, stack, deletable, deletable.look)
    world.settle()
    assert arns(world) == {stack.physical_id("Other")}


def test_d5_two_cleanups_at_the_same_time_leave_nothing(world: World, deletable: Case) -> None:
    stack = world.stack()
    stack.create(template(OTHER))
    orphan = lose_create(world, stack, deletable)
    create_without_an_answer(world, stack, deletable)
    world.advance(60)
    clean_up(world, stack, deletable, orphan, INVENTED)
    assert arns(world) == {stack.physical_id("Other")}


@pytest.mark.parametrize("case", LASTING, ids=str)
def test_d5_the_delete_of_an_invented_id_days_later_leaves_nothing(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(template(OTHER))
    stack.declare(target_of(case))
    create_without_an_answer(world, stack, case)
    world.advance(3 * DAY)
    clean_up(world, stack, case, INVENTED)
    assert arns(world) == {stack.physical_id("Other")}


def test_d17_the_cleanup_of_a_canceled_create_leaves_the_configuration_that_it_overwrote(world: World) -> None:
    case = next(it for it in SINGLES if it is not POLICY)
    stack, retained = with_retained(world, case)
    cancel_the_next(world, stack, case, case.spec.create, **case.members)
    assert retained in arns(world)


@pytest.mark.parametrize("days", [1, 3])
def test_d17_the_cleanup_of_a_canceled_create_leaves_a_document_that_was_retained_days_before(
    world: World, days: int
) -> None:
    stack, retained = with_retained(world, POLICY)
    world.advance(days * DAY)
    cancel_the_next(world, stack, POLICY, POLICY.look)
    assert retained in arns(world)


@pytest.mark.parametrize("days", [1, 3])
def test_d17_the_cleanup_of_a_lost_create_days_later_leaves_a_retained_document(world: World, days: int) -> None:
    stack, retained = with_retained(world, POLICY)
    orphan = lose_create(world, stack, POLICY)
    world.advance(days * DAY)
    clean_up(world, stack, POLICY, orphan)
    assert retained in arns(world)


@pytest.mark.parametrize("order", ["orphan first", "invented first"])
def test_d17_two_cleanups_at_the_same_time_leave_what_was_retained_before(
    world: World, deletable: Case, order: str
) -> None:
    stack, retained = with_retained(world, deletable)
    orphan = lose_create(world, stack, deletable)
    slow(world, deletable.look, 8)
    stack.conductor.send("Create", target_of(deletable))
    world.advance(4)
    ids = [orphan, INVENTED] if order == "orphan first" else [INVENTED, orphan]
    clean_up(world, stack, deletable, *ids)
    assert retained in arns(world)


def test_d17_the_cleanup_of_a_canceled_create_takes_back_what_it_granted(world: World) -> None:
    stack, _ = with_retained(world, POLICY)
    model = {"configuredAudienceModelArn": free_model_arn(0)}
    before = world.call("GetConfiguredAudienceModelPolicy", **model)["configuredAudienceModelPolicy"]
    slow(world, POLICY.spec.create, 8)
    world.after(3, stack.stop)
    granting = POLICY.template(OTHER, configuredAudienceModelPolicy=document("999999999999"))
    assert stack.update(granting) == "UPDATE_ROLLBACK_COMPLETE"
    after = world.call("GetConfiguredAudienceModelPolicy", **model)["configuredAudienceModelPolicy"]
    assert "999999999999" not in after
    assert after == before


@pytest.mark.parametrize("days", [1, 3])
@pytest.mark.parametrize("case", LASTING, ids=str)
def test_d17_the_delete_of_an_invented_id_days_later_leaves_what_was_retained_before(
    world: World, case: Case, days: int
) -> None:
    stack, retained = with_retained(world, case)
    slow(world, case.look, 8)
    stack.declare(target_of(case))
    stack.conductor.send("Create", target_of(case))
    world.advance(days * DAY)
    clean_up(world, stack, case, INVENTED)
    assert retained in arns(world)


@pytest.mark.parametrize("case", LASTING, ids=str)
def test_d17_the_cleanup_of_a_create_without_an_execution_leaves_what_was_retained_days_before(
    world: World, case: Case
) -> None:
    stack, retained = with_retained(world, case)
    world.advance(3 * DAY)
    stack.declare(target_of(case))
    clean_up(world, stack, case, INVENTED)
    assert retained in arns(world)


@pytest.mark.parametrize("case", TAGGED, ids=str)
def test_d17_the_cleanup_of_a_create_without_an_execution_leaves_what_was_updated_and_retained_before(
    world: World, case: Case
) -> None:
    stack = world.stack()
    for tags in ({}, TAG):
        stack.update(kept(case, tags=tags)) if stack.resources else stack.create(kept(case, tags=tags))
    retained = stack.physical_id(THING)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(600)
    stack.declare(target_of(case))
    clean_up(world, stack, case, INVENTED)
    assert retained in arns(world)


@pytest.mark.parametrize("case", [POLICY], ids=str)
def test_d17_the_cleanup_of_a_create_leaves_what_an_earlier_version_created_and_the_stack_retained(
    world: World, case: Case
) -> None:
    stack, retained = with_retained(world, case)
    for execution in world.states.executions():
        # Its output did not say what was answered.
        execution.output = {"done": True, "wait": 0, "progress": {}}
    cancel_the_next(world, stack, case, case.look)
    assert retained in arns(world)
