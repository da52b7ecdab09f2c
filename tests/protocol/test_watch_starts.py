"""Which requests start the watch of a run that was there before, and which leave one alone: W5."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_simulator.behaviors import Lag
from cleanrooms_ml_simulator.cloudformation.resource import StackEvent
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS, disarm
from cleanrooms_ml_simulator.lifecycle.cases import JOB, TAG, THING, Case, failing
from cleanrooms_ml_simulator.templates import configured_audience_model, retaining, template, watched
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import arns
from .test_events import details
from .test_overlap import slow

HOUR = 3600
OTHER = configured_audience_model("Other")


def give_up(world: World, case: Case, **options: Any) -> Stack:
    """A stack whose `Ready` has given up waiting for a run of three hours, which goes on."""
    stack = world.stack()
    world.emulator.order_run(RunOrder(str(case), seconds=3 * HOUR))
    given = case.template(OTHER, tags=TAG, timeout_seconds=300, **options)
    assert stack.create(given, disable_rollback=True) == "CREATE_FAILED"
    return stack


def not_waiting(case: Case, *others: Any, keep: bool = False, **options: Any) -> dict[str, Any]:
    """A template with a run that nothing waits for."""
    parts = watched(case.resources(**{"tags": TAG, **options}), THING)
    return template(retaining(parts) if keep else parts, OTHER, *others)


@pytest.mark.parametrize("lag", [0, 20])
def test_w5_a_run_for_which_a_deployment_gave_up_waiting_has_its_event(world: World, run: Case, lag: int) -> None:
    stack = give_up(world, run)
    if lag:
        Lag("List", lag).arm(world)
        Lag("Get", lag).arm(world)
    assert stack.update(not_waiting(run)) == "UPDATE_COMPLETE"
    world.settle()
    [detail] = details(world)
    assert (detail["status"], detail["name"]) == ("ACTIVE", stack.attribute(THING, "Name"))
    assert not world.audit()


def test_w5_a_run_that_ended_while_nobody_waited_has_its_event(world: World, run: Case) -> None:
    stack = give_up(world, run)
    world.advance(5 * HOUR)
    assert stack.update(not_waiting(run)) == "UPDATE_COMPLETE"
    world.settle()
    assert [it["status"] for it in details(world)] == ["ACTIVE"]
    assert not world.audit()


def test_w5_a_replacement_for_which_a_deployment_gave_up_waiting_has_its_event(world: World, run: Case) -> None:
    stack = world.stack()
    assert stack.create(run.template(OTHER, tags=TAG, **run.run(1))) == "CREATE_COMPLETE"
    world.emulator.order_run(RunOrder(str(run), seconds=3 * HOUR))
    second = run.template(OTHER, tags=TAG, timeout_seconds=300, **run.run(2))
    assert stack.update(second, disable_rollback=True) == "UPDATE_FAILED"
    assert stack.update(not_waiting(run, **run.run(2))) == "UPDATE_COMPLETE"
    world.settle()
    assert [it["name"] for it in details(world)] == [stack.attribute(THING, "Name")]
    assert not world.audit().lost_events


def test_w5_a_retained_run_to_which_an_update_returns_has_its_event_although_the_first_one_waited(
    world: World, run: Case
) -> None:
    stack = world.stack()
    world.emulator.order_run(RunOrder(str(run), seconds=9 * HOUR))
    waiting = retaining(run.resources(tags=TAG, timeout_seconds=300, **run.run(1)))
    assert stack.create(template(waiting, OTHER), disable_rollback=True) == "CREATE_FAILED"
    first = stack.attribute(THING, "Name")
    assert stack.update(not_waiting(run, keep=True, **run.run(2))) == "UPDATE_COMPLETE"
    world.advance(600)
    assert stack.update(not_waiting(run, keep=True, **run.run(1))) == "UPDATE_COMPLETE"
    assert stack.attribute(THING, "Name") == first
    world.settle()
    assert first in [it["name"] for it in details(world)]
    assert not world.audit()


@pytest.mark.parametrize("way", ["fails", "canceled"])
def test_w5_a_retained_run_to_which_an_update_returns_at_the_second_try_has_its_event(
    world: World, run: Case, way: str
) -> None:
    stack = world.stack()
    waiting = retaining(run.resources(tags=TAG, **run.run(1)))
    assert stack.create(template(waiting, OTHER)) == "CREATE_COMPLETE"
    first = stack.attribute(THING, "Name")
    assert stack.update(not_waiting(run, keep=True, **run.run(2))) == "UPDATE_COMPLETE"
    world.advance(600)
    if way == "canceled":
        slow(world, run.look, 8)
        world.after(3, stack.stop)
    others = [failing(THING)] if way == "fails" else []
    assert stack.update(not_waiting(run, *others, keep=True, **run.run(1))) == "UPDATE_ROLLBACK_COMPLETE"
    world.settle()
    assert stack.update(not_waiting(run, keep=True, **run.run(1))) == "UPDATE_COMPLETE"
    assert stack.attribute(THING, "Name") == first
    world.settle()
    assert [it["name"] for it in details(world)].count(first) == 1
    assert not world.audit()


def test_w5_a_run_that_a_rollback_creates_anew_has_its_event_although_the_step_that_created_it_is_lost(
    world: World, tagged_run: Case
) -> None:
    run = tagged_run
    stack = world.stack()
    assert stack.create(not_waiting(run, **run.run(1))) == "CREATE_COMPLETE"
    gone = stack.physical_id(THING)
    world.settle()

    def lose(event: StackEvent) -> None:
        if event.status == "UPDATE_ROLLBACK_IN_PROGRESS" and not event.logical_id:
            world.emulator.forget(gone)
            world.wire.bus.clear()
            world.crash(run.spec.create, after=True)

    stack.watchers.append(lose)
    assert stack.update(not_waiting(run, failing(THING), **run.run(2))) == "UPDATE_ROLLBACK_COMPLETE"
    stack.watchers.remove(lose)
    assert stack.physical_id(THING) != gone
    world.settle()
    assert [it["arn"] for it in details(world)].count(stack.physical_id(THING)) == 1


def test_w5_a_run_that_is_watched_already_is_not_watched_twice(world: World, run: Case) -> None:
    stack = world.stack()
    world.emulator.order_run(RunOrder(str(run), seconds=9 * HOUR))
    assert stack.create(not_waiting(run)) == "CREATE_COMPLETE"
    world.advance(600)
    waiting = run.template(OTHER, tags=TAG, timeout_seconds=300)
    assert stack.update(waiting, disable_rollback=True) == "UPDATE_FAILED"
    assert stack.update(not_waiting(run)) == "UPDATE_COMPLETE"
    world.settle()
    assert len(details(world)) == 1


def test_an_update_that_does_not_change_the_wait_puts_no_event(world: World, tagged_run: Case) -> None:
    stack = world.stack()
    assert stack.create(not_waiting(tagged_run)) == "CREATE_COMPLETE"
    world.settle()
    world.wire.bus.clear()
    assert stack.update(not_waiting(tagged_run, tags={"team": "others"})) == "UPDATE_COMPLETE"
    assert stack.update(not_waiting(tagged_run, failing(THING))) == "UPDATE_ROLLBACK_COMPLETE"
    world.settle()
    assert not details(world)


# -- what a Delete leaves alone ----------------------------------------------------------------------------------------


def retained(world: World, case: Case) -> tuple[Stack, str, str]:
    """A stack that has replaced a watched run of hours and retained it, the id of that one, and its name."""
    stack = world.stack()
    world.emulator.order_run(RunOrder(str(case), seconds=9 * HOUR))
    assert stack.create(not_waiting(case, keep=True, **case.run(1))) == "CREATE_COMPLETE"
    first, name = stack.physical_id(THING), stack.attribute(THING, "Name")
    world.advance(600)
    assert stack.update(not_waiting(case, keep=True, **case.run(2))) == "UPDATE_COMPLETE"
    return stack, first, name


def released(case: Case) -> dict[str, Any]:
    """A template with the second run, which is not retained any more.

    A setting differs: a change back to the very properties would look like a rollback.
    """
    changed = not_waiting(case, **case.run(2))
    changed["Resources"][THING]["Properties"]["Settings"]["TimeoutSeconds"] = 1200
    return changed


@pytest.mark.parametrize("way", ["fails", "canceled"])
def test_w5_a_retained_run_keeps_its_watch_when_the_way_back_to_it_is_rolled_back(
    world: World, run: Case, way: str
) -> None:
    stack, first, name = retained(world, run)
    second = stack.physical_id(THING)
    world.advance(600)
    assert stack.update(released(run)) == "UPDATE_COMPLETE"
    world.advance(600)
    if way == "canceled":
        slow(world, run.look, 8)
        world.after(3, stack.stop)
    back = not_waiting(run, *([failing(THING)] if way == "fails" else []), **run.run(1))
    assert stack.update(back) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == second
    world.settle()
    assert [it["status"] for it in details(world) if it["name"] == name] == ["ACTIVE"]
    if run.spec.delete:
        assert first in arns(world)


def test_w5_a_retained_run_keeps_its_watch_when_a_create_is_canceled(world: World, run: Case) -> None:
    stack = world.stack()
    world.emulator.order_run(RunOrder(str(run), seconds=3 * HOUR))
    assert stack.create(not_waiting(run, keep=True)) == "CREATE_COMPLETE"
    kept = stack.physical_id(THING)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(600)
    slow(world, run.look, 8)
    world.after(3, stack.stop)
    assert stack.update(not_waiting(run)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.sent("Delete", THING)
    world.settle()
    assert [it["status"] for it in details(world)] == ["ACTIVE"]
    if run.spec.delete:
        assert kept in arns(world)
    assert not world.audit()


def test_w5_a_retained_run_that_somebody_deletes_has_its_event_although_another_one_was_deleted_since(
    world: World, deletable_run: Case
) -> None:
    stack, first, name = retained(world, deletable_run)
    assert stack.update(released(deletable_run)) == "UPDATE_COMPLETE"
    world.advance(60)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.emulator.forget(first)
    world.settle()
    assert [it["status"] for it in details(world) if it["name"] == name] == ["DELETED"]


def test_w5_a_run_whose_delete_is_refused_keeps_its_watch(world: World, tagged_run: Case) -> None:
    stack = world.stack()
    world.emulator.order_run(RunOrder(str(tagged_run), seconds=9 * HOUR))
    assert stack.create(not_waiting(tagged_run)) == "CREATE_COMPLETE"
    world.advance(60)
    # Somebody's policy denies every look for longer than the Delete tries.
    for operation in {tagged_run.get, tagged_run.look}:
        world.emulator.add_fault(Fault(operation, count=ALWAYS, error_code="AccessDeniedException"))
    assert stack.delete() == "DELETE_FAILED"
    disarm(world)
    world.advance(10 * HOUR)
    assert [it["status"] for it in details(world)] == ["ACTIVE"]


def test_x6_a_run_that_is_deleted_ends_without_an_event(world: World, run: Case) -> None:
    stack = world.stack()
    world.emulator.order_run(RunOrder(str(run), seconds=2000))
    assert stack.create(not_waiting(run)) == "CREATE_COMPLETE"
    world.advance(600)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.settle()
    assert not details(world)
    assert not world.audit()


def test_x9_made_up_progress_of_a_delete_stops_no_other_execution(world: World) -> None:
    world.emulator.order_run(RunOrder(str(JOB), seconds=HOUR))
    stack = world.stack()
    assert stack.create(not_waiting(JOB)) == "CREATE_COMPLETE"
    [victim] = [it for it in world.states.executions() if it.name.startswith("watch_")]
    theirs = {**stack.sent("Create", "Other")[0].event, "RequestType": "Delete"}
    theirs |= {"PhysicalResourceId": stack.physical_id("Other"), "RequestId": "forged"}
    world.advance(120)
    progress = {"turn": True, "latest_at": world.simulation.now, "watches": [victim.arn]}
    arn = victim.arn.rpartition(":")[0]
    step = {"input": theirs, "execution": f"{arn}:made-20260131T120000Z-up", "progress": progress}
    world.functions.deliver(world.providers[stack.id].worker, step)
    world.settle()
    assert [it["status"] for it in details(world)] == ["ACTIVE"]


def test_w5_a_run_that_follows_a_watched_one_within_the_hour_has_its_event(world: World, run: Case) -> None:
    stack = world.stack()
    world.emulator.order_run(RunOrder(str(run), seconds=60, status_code="INTERNAL_ERROR", message="x"))
    assert stack.create(not_waiting(run)) == "CREATE_COMPLETE"
    world.advance(1200)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.settle()
    world.wire.bus.clear()
    world.emulator.order_run(RunOrder(str(run), seconds=9 * 3600))
    waiting = run.template(OTHER, tags=TAG, timeout_seconds=3300)
    assert stack.update(waiting, disable_rollback=True) == "UPDATE_FAILED"
    world.advance(600)
    assert stack.update(not_waiting(run)) == "UPDATE_COMPLETE"
    name = stack.attribute(THING, "Name")
    world.settle()
    assert [it["status"] for it in details(world) if it["name"] == name] == ["ACTIVE"]
