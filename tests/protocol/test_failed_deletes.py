"""A Delete of a resource that fails until CloudFormation gives up, and what deletes it then: rules D5 and D17."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_simulator.cloudformation.resource import StackEvent
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case, failing
from cleanrooms_ml_simulator.templates import template
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import OTHER, arns, clean_up, kept, target_of
from .test_cleanup_history import DAY, LASTING, Canceler
from .test_failed_cleanups import NEXT
from .test_later_requests import INVENTED


def give_up_the_delete(world: World, stack: Stack, case: Case, update: dict[str, Any]) -> None:
    """Deploys an update, of whose cleanup each Delete fails until CloudFormation gives up."""

    def fail(event: StackEvent) -> None:
        if event.logical_id == THING and event.status == "DELETE_IN_PROGRESS":
            world.crash(f"Get{case.spec.kind}", count=ALWAYS)

    stack.watchers.append(fail)
    assert stack.update(update).endswith("_COMPLETE")
    stack.watchers.remove(fail)
    world.wire.before.clear()
    tries = stack.sent("Delete", THING)[-3:]
    assert len({it.physical_id for it in tries}) == 1
    assert [it.answer is not None and it.answer.is_success for it in tries] == [False] * 3
    world.advance(600)


def with_left(world: World, case: Case) -> tuple[Stack, str]:
    """A stack that had the first run, whose Delete failed until CloudFormation gave up; with the id of the run."""
    stack = world.stack()
    stack.create(case.template(OTHER, tags=TAG))
    left = stack.physical_id(THING)
    give_up_the_delete(world, stack, case, template(OTHER))
    assert left in arns(world)
    return stack, left


def change_in_vain(world: World, stack: Stack, case: Case) -> None:
    """Changes the second run to the first one, in a deployment that fails."""
    update = case.template(OTHER, failing(case.last), tags=TAG)
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    world.settle()


def test_d5_what_a_failed_delete_left_is_deleted_with_the_replacement_that_adopted_it(
    world: World, deletable: Case
) -> None:
    stack, left = with_left(world, deletable)
    assert stack.update(deletable.template(OTHER, **deletable.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    world.advance(120)
    change_in_vain(world, stack, deletable)
    assert stack.sent("Delete", THING)[-1].physical_id == left
    assert left not in arns(world)
    assert not world.audit()


def test_d5_what_two_failed_cleanups_left_is_deleted_with_the_third(world: World, deletable: Case) -> None:
    stack, left = with_left(world, deletable)
    assert stack.update(deletable.template(OTHER, **deletable.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    world.advance(120)
    give_up_the_delete(world, stack, deletable, deletable.template(OTHER, failing(deletable.last), tags=TAG))
    assert left in arns(world)
    change_in_vain(world, stack, deletable)
    assert left not in arns(world)
    assert not world.audit()


def test_d5_what_a_replacement_created_and_its_failed_cleanup_left_is_deleted_at_the_second_try(
    world: World, deletable: Case
) -> None:
    stack = world.stack()
    stack.create(deletable.template(OTHER, **deletable.run(2), tags=TAG))
    world.advance(120)
    give_up_the_delete(world, stack, deletable, deletable.template(OTHER, failing(deletable.last), tags=TAG))
    left = stack.sent("Delete", THING)[-1].physical_id
    assert left in arns(world)
    change_in_vain(world, stack, deletable)
    assert left not in arns(world)


@pytest.mark.parametrize("following", NEXT)
def test_d5_what_a_failed_delete_left_is_deleted_with_the_next_create(
    world: World, deletable: Case, following: Canceler
) -> None:
    stack, _ = with_left(world, deletable)
    following(world, stack, deletable)
    world.settle()
    assert arns(world) == {stack.physical_id("Other")}
    assert not world.audit()


@pytest.mark.parametrize("case", LASTING, ids=str)
def test_d17_what_a_failed_delete_left_stays_once_the_stack_has_retained_it(world: World, case: Case) -> None:
    stack, left = with_left(world, case)
    assert stack.update(kept(case, tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == left
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    assert stack.update(case.template(OTHER, **case.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    world.advance(120)
    change_in_vain(world, stack, case)
    assert left in arns(world)


def with_failed_cleanup_of_a_rollback(world: World, case: Case) -> tuple[Stack, str]:
    """A stack that had retained a run, adopted it in vain, and gave up the cleanup; with the id of the run."""
    stack = world.stack()
    stack.create(kept(case, tags=TAG))
    retained = stack.physical_id(THING)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    assert stack.update(case.template(OTHER, **case.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    world.advance(120)
    give_up_the_delete(world, stack, case, case.template(OTHER, failing(case.last), tags=TAG))
    return stack, retained


@pytest.mark.parametrize("case", LASTING, ids=str)
def test_d17_what_was_retained_stays_although_the_cleanup_of_a_rollback_failed(world: World, case: Case) -> None:
    stack, retained = with_failed_cleanup_of_a_rollback(world, case)
    change_in_vain(world, stack, case)
    assert retained in arns(world)


@pytest.mark.parametrize("following", NEXT)
@pytest.mark.parametrize("case", LASTING, ids=str)
def test_d17_what_was_retained_stays_although_a_cleanup_failed_before_the_next_create(
    world: World, case: Case, following: Canceler
) -> None:
    stack, retained = with_failed_cleanup_of_a_rollback(world, case)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    following(world, stack, case)
    assert retained in arns(world)


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize("case", LASTING, ids=str)
def test_d17_what_a_failed_delete_left_and_the_stack_retained_stays_when_creates_without_an_execution_are_cleaned_up(
    world: World, case: Case, times: int
) -> None:
    stack, left = with_left(world, case)
    assert stack.update(kept(case, tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == left
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(3 * DAY)
    for _ in range(times):
        stack.declare(target_of(case))
        clean_up(world, stack, case, INVENTED)
    assert left in arns(world)
