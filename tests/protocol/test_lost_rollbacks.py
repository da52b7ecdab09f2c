"""Rollbacks whose execution is lost, because no worker runs for minutes: U7, U8, U10 and U13 of the contract."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_simulator.behaviors import lose, stop_workers
from cleanrooms_ml_simulator.cloudformation.resource import StackEvent
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case, failing
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import OTHER
from .test_overlap import slow

# Longer than the steps of an execution are repeated.
_LOST_SECONDS = 200
# Before the first worker begins, before it changes anything, and after that.
MOMENTS = [0.1, 0.6, 1.05]


def lose_the_rollback(world: World, stack: Stack, after: float, seconds: int = _LOST_SECONDS) -> None:
    """No worker runs soon after the rollback has begun."""

    def stop(event: StackEvent) -> None:
        if (event.logical_id, event.status) == ("", "UPDATE_ROLLBACK_IN_PROGRESS"):
            world.after(after, lambda: stop_workers(world, seconds, throttled=False))

    stack.watchers.append(stop)


def content(world: World, case: Case, physical_id: str) -> Any:
    """What the service holds; an update clears a member with an empty value."""
    record = world.record(physical_id)
    shown = {key: value for key, value in case.shown(record).items() if value and key != "updateTime"}
    return shown, record.get("tags")


def deployed(world: World, case: Case, **options: Any) -> tuple[Stack, str, Any]:
    """A stack with a resource since ten minutes ago, the id of the resource, and what the service holds of it."""
    stack = world.stack()
    stack.create(case.template(OTHER, tags=TAG, **options))
    held = stack.physical_id(THING)
    before = content(world, case, held)
    world.advance(600)
    return stack, held, before


@pytest.mark.parametrize("after", MOMENTS)
def test_u7_a_lost_rollback_restores_what_its_update_changed(world: World, case: Case, after: float) -> None:
    stack, held, before = deployed(world, case)
    changed = case.template(OTHER, failing(case.last), tags={"stage": "test"}, **case.changeable)
    if changed["Resources"][THING] == stack.template["Resources"][THING]:
        # An export job: it has neither tags nor members that can be changed.
        changed["Resources"][THING]["Properties"].setdefault("Settings", {})["TimeoutSeconds"] = 1200
    lose_the_rollback(world, stack, after)
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == held
    assert content(world, case, held) == before
    world.advance(_LOST_SECONDS)
    world.settle()
    assert not world.audit()


@pytest.mark.parametrize("after", MOMENTS)
def test_u10_a_lost_rollback_of_a_replacement_returns_to_the_old_resource(
    world: World, case: Case, after: float
) -> None:
    stack, held, before = deployed(world, case, **case.run(1))
    lose_the_rollback(world, stack, after)
    changed = case.template(OTHER, failing(case.last), tags=TAG, **case.run(2))
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == held
    assert content(world, case, held) == before
    world.advance(_LOST_SECONDS)
    world.settle()
    assert not world.audit()
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


@pytest.mark.parametrize("after", MOMENTS)
def test_u13_a_lost_rollback_undoes_an_update_that_was_canceled(world: World, changeable: Case, after: float) -> None:
    stack, held, before = deployed(world, changeable)
    slow(world, changeable.update, 8)
    world.after(3, stack.stop)
    lose_the_rollback(world, stack, after)
    changed = changeable.template(OTHER, tags={"stage": "test"}, **changeable.changeable)
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    world.advance(_LOST_SECONDS)
    world.settle()
    assert stack.physical_id(THING) == held
    assert content(world, changeable, held) == before
    assert not world.audit()


@pytest.mark.parametrize("seconds", [1584, 1591, 1647])
def test_u13_an_update_that_waited_does_not_go_on_after_its_lost_rollback(
    world: World, updatable: Case, seconds: int
) -> None:
    """By then it asks so seldom that its next step may begin after the rollback has ended."""
    stack, held, before = deployed(world, updatable)
    world.emulator.add_fault(Fault(updatable.update, count=ALWAYS, error_code="ConflictException"))
    world.after(seconds, stack.stop)
    world.after(seconds, world.emulator.clear_faults)
    lose_the_rollback(world, stack, MOMENTS[0], 145)
    changed = updatable.template(OTHER, tags=TAG, **{**updatable.changeable, **updatable.changed})
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    world.advance(_LOST_SECONDS)
    world.settle()
    assert content(world, updatable, held) == before


def test_u7_a_lost_rollback_of_a_wait_returns(world: World, run: Case) -> None:
    stack = world.stack()
    stack.create(run.template(OTHER, tags=TAG))
    world.advance(600)
    lose_the_rollback(world, stack, MOMENTS[0])
    changed = run.template(OTHER, failing(run.last), tags=TAG, timeout_seconds=1200)
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"


def test_u8_an_update_in_place_that_is_lost_fails(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(OTHER, tags=TAG))
    world.advance(600)
    stop_workers(world, _LOST_SECONDS, throttled=False)
    changed = case.template(OTHER, tags=TAG)
    changed["Resources"][THING]["Properties"].setdefault("Settings", {})["TimeoutSeconds"] = 1200
    held = stack.physical_id(THING)
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == held
    assert "was lost in Lambda or Step Functions; deploy again" in stack.why(THING)


def lose_running(world: World, stack: Stack, after: float) -> None:
    """In Step Functions what runs then fails, so long after the rollback has begun."""

    def fail() -> None:
        for execution in world.states.executions():
            if execution.is_running:
                lose(execution)

    def stop(event: StackEvent) -> None:
        if (event.logical_id, event.status) == ("", "UPDATE_ROLLBACK_IN_PROGRESS"):
            world.after(after, fail)

    stack.watchers.append(stop)


@pytest.mark.parametrize("seconds", [8, 30])
@pytest.mark.parametrize("after", [0.3, 1.05, 2])
def test_u13_a_call_of_a_canceled_update_that_lands_after_its_execution_failed_is_undone(
    world: World, changeable: Case, after: float, seconds: float
) -> None:
    """The execution of the update fails, or that of the rollback which has just stopped it."""
    stack, held, before = deployed(world, changeable)
    slow(world, changeable.update, seconds)
    world.after(3, stack.stop)
    lose_running(world, stack, after)
    changed = changeable.template(OTHER, tags=TAG, **changeable.changeable)
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    world.advance(_LOST_SECONDS)
    world.settle()
    assert content(world, changeable, held) == before
