"""A rollback that fails, and is continued days later: rules U10, U13 and D17 of the lifecycle contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY
from cleanrooms_ml_simulator.behaviors import Lag, stop_workers
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.cloudformation.exchange import Exchange
from cleanrooms_ml_simulator.cloudformation.resource import StackEvent
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.functions import CrashError
from cleanrooms_ml_simulator.lifecycle.cases import TAG, TAGGED, THING, Case, failing
from cleanrooms_ml_simulator.templates import configured_audience_model, ready, retaining, template
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

OTHER = configured_audience_model("Other")
_DAYS = 3 * 24 * 3600


def fail_rollback(world: World, stack: Stack) -> None:
    """No worker runs when the next rollback begins, and for half an hour."""

    def stop(event: StackEvent) -> None:
        if (event.logical_id, event.status) == ("", "UPDATE_ROLLBACK_IN_PROGRESS"):
            stack.watchers.remove(stop)
            stop_workers(world, 1800, throttled=False)

    stack.watchers.append(stop)


def continue_later(world: World, stack: Stack) -> None:
    """Somebody continues the rollback after the weekend."""
    assert stack.status == "UPDATE_ROLLBACK_FAILED"
    world.advance(_DAYS)
    stack.continue_rollback()
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"


@pytest.mark.parametrize("is_created", [True, False], ids=["the new one was created", "it was not"])
def test_u10_a_rollback_continued_days_later_returns_to_a_run_that_expired_meanwhile(
    world: World, expiring: Case, is_created: bool
) -> None:
    stack = world.stack()
    stack.create(expiring.template(run_id="1", tags=TAG))
    old = stack.physical_id(THING)
    fail_rollback(world, stack)
    if not is_created:
        stop_workers(world, 1200, throttled=False)
    stack.update(expiring.template(failing(expiring.last), run_id="2", tags=TAG))
    world.expire(old)
    continue_later(world, stack)
    assert stack.physical_id(THING) == old
    assert len(world.created(expiring.spec.kind)) == 1 + is_created
    world.settle()
    assert not world.audit()


@pytest.mark.parametrize("days", [0, 3])
def test_u10_a_rollback_that_reaches_a_resource_days_later_returns_to_a_run_that_expired_meanwhile(
    world: World, expiring: Case, days: int
) -> None:
    """Another resource has failed to be rolled back before."""
    stack = world.stack()
    stack.create(expiring.template(OTHER, **expiring.run(1), tags=TAG))
    old = stack.physical_id(THING)
    world.advance(600)
    one = stack.resources[THING].target
    two = Target(THING, one.type, {**one.properties, **expiring.run(2)})
    new = updated(world, stack, two, old, one.properties)
    world.advance(days * 24 * 3600)
    world.expire(old)
    assert updated(world, stack, one, new, two.properties) == old
    assert len(world.created(expiring.spec.kind)) == 2


def updated(world: World, stack: Stack, target: Target, physical_id: str, before: Mapping[str, Any]) -> str:
    """Sends an Update; the id of the answer."""
    stack.declare(target)
    sent = stack.conductor.send("Update", target, physical_id, before)
    world.simulation.run_until(lambda: sent.is_over)
    assert sent.answer is not None
    assert sent.answer.is_success
    return sent.answer.physical_id


def test_u13_what_an_interrupted_update_created_is_deleted_by_a_rollback_continued_days_later(
    world: World, named: Case
) -> None:
    stack = world.stack()
    stack.create(named.template(**named.run(1), tags=TAG))
    old = stack.physical_id(THING)
    world.advance(600)

    def crash(call: Call) -> None:
        if call.operation == named.spec.create and len(world.created(named.spec.kind)) > 1:
            world.wire.after.remove(crash)
            stop_workers(world, 3000, throttled=False)
            raise CrashError("after the create")

    world.wire.after.append(crash)
    stack.update(named.template(**named.run(2), tags=TAG))
    continue_later(world, stack)
    assert stack.physical_id(THING) == old
    world.settle()
    assert {record["arn"] for record in world.leftovers()} <= {old}
    assert not world.audit()


def test_d17_a_rollback_continued_after_a_failure_leaves_what_the_replacement_adopted(
    world: World, named: Case
) -> None:
    stack = world.stack()
    kept = named.template(OTHER, **named.run(2), tags=TAG)
    kept["Resources"] = retaining(kept["Resources"])
    stack.create(kept)
    retained = stack.physical_id(THING)
    stack.update(template(OTHER))
    stack.update(named.template(OTHER, **named.run(1), tags=TAG))
    old = stack.physical_id(THING)
    world.advance(120)
    fail_rollback(world, stack)
    stack.update(named.template(OTHER, failing(named.last), **named.run(2), tags=TAG))
    continue_later(world, stack)
    assert stack.physical_id(THING) == old
    world.settle()
    calls = [(entry.operation, entry.arn) for entry in world.emulator.journal if entry.took_effect]
    assert (named.delete, retained) not in calls
    assert not world.record(retained)["tags"].get(OWNERSHIP_TAG_KEY, "").endswith("/left")


@pytest.mark.parametrize("case", [case for case in TAGGED if not case.spec.names_are_unique], ids=str)
def test_u10_a_rollback_returns_to_the_resource_that_cloudformation_knows(world: World, case: Case) -> None:
    stack = world.stack()
    first = case.template(OTHER, **case.run(1), tags=TAG)
    first["Resources"] = retaining(first["Resources"])
    # The list does not show the retained one when it is asked for again.
    Lag("List", 20).arm(world)
    stack.create(first)
    retained = stack.physical_id(THING)
    stack.update(template(OTHER))
    stack.update(first)
    old = stack.physical_id(THING)
    assert old != retained
    world.advance(600)
    assert stack.update(case.template(OTHER, failing(case.last), **case.run(2))) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    world.settle()
    assert not world.audit()


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ARCHIVED"])
def test_u14_a_wait_returns_to_a_run_of_any_status_although_its_rollback_arrives_first(
    world: World, run: Case, status: str
) -> None:
    stack = world.stack()
    stack.create(run.template(**run.run(1)))
    waiting = stack.resources[ready(THING)]
    old = waiting.properties
    new = {**old, "Arn": f"{old['Arn'][:-1]}{'1' if old['Arn'][-1] == '0' else '0'}"}
    world.advance(60)
    world.set_status(stack.physical_id(THING), status)

    def send(wanted: Mapping[str, Any], before: Mapping[str, Any], after: float) -> Exchange:
        world.functions.delay = lambda: after
        target = Target(waiting.logical_id, waiting.type, wanted)
        return stack.conductor.send("Update", target, waiting.physical_id, before)

    send(new, old, 20)
    world.advance(1)
    rollback = send(old, new, 0)
    world.settle()
    assert rollback.answer is not None
    assert rollback.answer.is_success, rollback.answer.reason
