"""A cleanup that fails until CloudFormation gives up, and what the next one deletes then: rules D5 and D17."""

from __future__ import annotations

import pytest

from cleanrooms_ml_simulator.behaviors import stop_workers
from cleanrooms_ml_simulator.cloudformation.resource import StackEvent
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case
from cleanrooms_ml_simulator.templates import template
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import OTHER, arns, cancel_the_next, clean_up, kept, target_of, with_retained
from .test_cleanup_history import CANCELERS, LASTING, TAGGED, Canceler, cancel_too_late
from .test_later_requests import INVENTED


def give_up_the_cleanup(world: World, stack: Stack, case: Case, cancel: Canceler) -> set[str]:
    """Cancels a Create, and has each Delete of its id fail until CloudFormation gives up; what the Create left."""

    def fail(event: StackEvent) -> None:
        if event.logical_id == THING and event.status == "DELETE_IN_PROGRESS":
            world.crash(case.look, count=ALWAYS)

    before = arns(world)
    stack.watchers.append(fail)
    cancel(world, stack, case)
    stack.watchers.remove(fail)
    world.wire.before.clear()
    tries = [it for it in stack.sent("Delete", THING) if it.physical_id == stack.sent("Delete", THING)[-1].physical_id]
    assert [it.answer is not None and it.answer.is_success for it in tries] == [False] * 3
    return arns(world) - before


def lose_the_next(world: World, stack: Stack, case: Case) -> None:
    """Adds the resource again; its Create is lost, and the rollback cleans up."""

    def end_losing(event: StackEvent) -> None:
        if event.logical_id == THING and event.status == "DELETE_IN_PROGRESS":
            world.wire.before.clear()

    stack.watchers.append(end_losing)
    world.crash(case.look, count=ALWAYS)
    assert stack.update(case.template(OTHER, tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    stack.watchers.remove(end_losing)


def cancel_the_next_look(world: World, stack: Stack, case: Case) -> None:
    cancel_the_next(world, stack, case, case.look)


NEXT = [pytest.param(lose_the_next, id="lost"), pytest.param(cancel_the_next_look, id="canceled")]


@pytest.mark.parametrize("following", NEXT)
@pytest.mark.parametrize("cancel", CANCELERS)
def test_d5_what_an_earlier_cleanup_could_not_delete_is_deleted_with_the_next_create(
    world: World, deletable: Case, cancel: Canceler, following: Canceler
) -> None:
    stack = world.stack()
    stack.create(template(OTHER))
    left = give_up_the_cleanup(world, stack, deletable, cancel)
    assert left
    world.advance(600)
    following(world, stack, deletable)
    world.settle()
    assert arns(world) == {stack.physical_id("Other")}
    assert not world.audit()


@pytest.mark.parametrize("following", NEXT)
@pytest.mark.parametrize("cancel", CANCELERS)
@pytest.mark.parametrize("case", TAGGED, ids=str)
def test_d17_what_was_retained_stays_although_an_earlier_cleanup_failed(
    world: World, case: Case, cancel: Canceler, following: Canceler
) -> None:
    stack, retained = with_retained(world, case)
    give_up_the_cleanup(world, stack, case, cancel)
    world.advance(600)
    following(world, stack, case)
    world.settle()
    assert retained in arns(world)


@pytest.mark.parametrize("following", NEXT)
@pytest.mark.parametrize("is_update", [False, True], ids=["by a create", "by an update"])
@pytest.mark.parametrize("case", LASTING, ids=str)
def test_d17_what_an_earlier_cleanup_left_stays_once_the_stack_had_it(
    world: World, case: Case, is_update: bool, following: Canceler
) -> None:
    stack = world.stack()
    stack.create(template(OTHER))
    (left,) = give_up_the_cleanup(world, stack, case, cancel_too_late)
    world.advance(600)
    if is_update:
        assert stack.update(kept(case, tags=TAG, **case.run(2))) == "UPDATE_COMPLETE"
    assert stack.update(kept(case, tags=TAG)) == "UPDATE_COMPLETE"
    assert world.record(left) == world.record(stack.physical_id(THING))
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(600)
    following(world, stack, case)
    world.settle()
    assert left in arns(world)


@pytest.mark.parametrize("order", [("Delete", "Create"), ("Create", "Delete"), ("Delete", "Delete", "Create")], ids=str)
def test_d5_a_create_and_its_cleanup_of_one_second_that_are_lost_are_cleaned_up_later(
    world: World, deletable: Case, order: tuple[str, ...]
) -> None:
    stack = world.stack()
    stack.create(template(OTHER))
    stack.declare(target_of(deletable))
    stop_workers(world, 1800, throttled=True)
    for kind in order:
        stack.conductor.send(kind, target_of(deletable), INVENTED if kind == "Delete" else "")
    world.advance(4000)
    for _ in range(2):
        clean_up(world, stack, deletable, INVENTED)
    assert arns(world) == {stack.physical_id("Other")}
