"""What a rollback leaves of a configuration or policy that the stack had retained: rule D17."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cleanrooms_ml_simulator.cloudformation.resource import StackEvent
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import THING, Case, failing
from cleanrooms_ml_simulator.templates import template
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import OTHER, arns, cancel_the_next, kept
from .test_cleanup_history import SINGLES
from .test_failed_deletes import give_up_the_delete
from .test_overlap import slow
from .test_singletons import CONFIGURATION, LOCATION, location_of, replacing

# A deployment that does not last: it changes the singleton of the stack to another one, perhaps with other content.
Attempt = Callable[[World, Stack, Case, Mapping[str, Any]], None]


def with_retained(world: World, case: Case) -> tuple[Stack, str]:
    """A stack that has retained a singleton and has another one, with the id of the retained one."""
    stack = world.stack()
    stack.create(kept(case, **case.changeable))
    retained = stack.physical_id(THING)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(600)
    assert stack.update(case.template(OTHER, **case.changeable, **case.run(2))) == "UPDATE_COMPLETE"
    world.advance(120)
    return stack, retained


def fail_after(world: World, stack: Stack, case: Case, members: Mapping[str, Any]) -> None:
    update = case.template(OTHER, failing(case.last), **members)
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    world.advance(120)


def cancel_while_written(world: World, stack: Stack, case: Case, members: Mapping[str, Any]) -> None:
    # What is as it is asked for is not written.
    slow(world, case.look if members == case.changeable else case.spec.create, 8)
    world.after(3, stack.stop)
    assert stack.update(case.template(OTHER, **members)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.sent("Update", THING)[-2].was_cancelled
    world.advance(120)


def cancel_before_a_late_rollback(world: World, stack: Stack, case: Case, members: Mapping[str, Any]) -> None:
    """The canceled Update is answered SUCCESS before its rollback, which CloudFormation has sent, arrives."""

    def delay(event: StackEvent) -> None:
        if (event.logical_id, event.status) == ("", "UPDATE_ROLLBACK_IN_PROGRESS"):
            for provider in world.providers.values():
                provider.front.failing_until = event.at + 20

    stack.watchers.append(delay)
    cancel_while_written(world, stack, case, members)
    stack.watchers.remove(delay)
    canceled = stack.sent("Update", THING)[-2]
    assert canceled.answer is not None
    assert canceled.answer.is_success


def content(world: World, case: Case, physical_id: str) -> dict[str, Any]:
    return {key: case.shown(world.record(physical_id))[key] for key in case.changeable}


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
@pytest.mark.parametrize("attempt", [fail_after, cancel_while_written, cancel_before_a_late_rollback])
@pytest.mark.parametrize("is_changed", [False, True], ids=["the same", "with other content"])
@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_d17_a_replacement_that_is_rolled_back_leaves_what_was_retained_as_it_was(
    world: World, case: Case, is_changed: bool, attempt: Attempt, times: int
) -> None:
    stack, retained = with_retained(world, case)
    held = stack.physical_id(THING)
    shown = {it: content(world, case, it) for it in (retained, held)}
    for _ in range(times):
        attempt(world, stack, case, {**case.changeable, **(case.changed if is_changed else {})})
    assert stack.physical_id(THING) == held
    assert {it: content(world, case, it) for it in (retained, held)} == shown
    assert not world.audit()


@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_d17_a_canceled_create_leaves_what_was_retained_as_it_was(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(kept(case, **case.changeable))
    retained = stack.physical_id(THING)
    shown = content(world, case, retained)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(600)
    cancel_the_next(world, stack, case, case.spec.create, **case.changed)
    world.advance(120)
    assert content(world, case, retained) == shown


def test_s1_what_a_failed_delete_left_is_anothers_once_it_has_written_there(world: World) -> None:
    stack, other = world.stack(), world.stack("other")
    stack.create(CONFIGURATION.template(OTHER))
    give_up_the_delete(world, stack, CONFIGURATION, template(OTHER))
    assert other.create(replacing()) == "CREATE_COMPLETE"
    world.advance(600)
    cancel_the_next(world, stack, CONFIGURATION, CONFIGURATION.look)
    world.advance(120)
    assert location_of(world) == LOCATION


@pytest.mark.parametrize("is_same", [True, False], ids=["the same", "with other content"])
def test_s1_what_another_stack_writes_right_after_a_rollback_is_its_own(world: World, is_same: bool) -> None:
    stack, other = world.stack(), world.stack("other")
    theirs = CONFIGURATION.changed["defaultOutputLocation"]
    stack.create(kept(CONFIGURATION))
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(600)
    assert stack.update(CONFIGURATION.template(OTHER, **CONFIGURATION.run(2))) == "UPDATE_COMPLETE"
    update = CONFIGURATION.template(OTHER, failing(THING), **CONFIGURATION.changeable)
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    assert location_of(world) == LOCATION
    assert other.create(replacing(defaultOutputLocation=theirs)) == "CREATE_COMPLETE"
    world.advance(600)
    asked = theirs if is_same else LOCATION
    assert stack.update(CONFIGURATION.template(OTHER, defaultOutputLocation=asked)) == "UPDATE_ROLLBACK_COMPLETE"
    assert location_of(world) == theirs


@pytest.mark.parametrize("is_kept", [True, False], ids=["both were retained", "one was"])
@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_a_change_back_to_exactly_the_earlier_properties_leaves_what_was_retained(
    world: World, case: Case, is_kept: bool
) -> None:
    """A documented limit: it looks like a rollback, unless a Delete shows that the first change succeeded."""
    stack, retained = with_retained(world, case)
    held = case.template(OTHER, **case.changeable, **case.run(2))
    changed = {**case.changeable, **case.changed}
    for update in (kept(case, **changed) if is_kept else case.template(OTHER, **changed), held):
        assert stack.update(update) == "UPDATE_COMPLETE"
        world.advance(120)
    assert (retained in arns(world)) is is_kept
    assert not world.audit()
