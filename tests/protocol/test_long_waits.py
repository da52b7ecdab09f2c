"""Waits of many hours: links, draining deletes, and the watch of runs without `Ready`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_simulator.lifecycle.cases import JOB, TAG, THING, Case, failing
from cleanrooms_ml_simulator.step_functions.states import HISTORY_LIMIT
from cleanrooms_ml_simulator.templates import link, linked, ready, template, watched
from cleanrooms_ml_simulator.wire import Call, Reply
from cleanrooms_ml_simulator.world import World

_HOUR_SECONDS = 3600
_LINK_SECONDS = 3300
_LONGEST_LAG_SECONDS = 60
# As many as `Wait.until_active(Duration.hours(20))` creates.
_LINKS_OF_20_HOURS = (20 * _HOUR_SECONDS - 1) // _LINK_SECONDS


def linked_template(case: Case, count: int, **options: Any) -> dict[str, Any]:
    """A template with a run and links that wait for it."""
    return template(linked(case.resources(**options), THING, count))


def watched_template(case: Case, **options: Any) -> dict[str, Any]:
    """A template with a run without `Ready`."""
    return template(watched(case.resources(**options), THING))


def test_w4_a_chain_of_waits_ends_at_the_first_link_that_sees_the_end(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=4000))
    stack = world.stack()
    assert stack.create(linked_template(run, 3)) == "CREATE_COMPLETE"
    seconds = [stack.sent("Create", logical_id)[0].seconds for logical_id in stack.resources if logical_id != THING]
    assert 3300 <= seconds[0] < 3360
    assert 600 < seconds[1] < 800
    assert seconds[2:] == [0, 0]
    assert stack.attribute(ready(THING), "Status") == "ACTIVE"
    assert not world.audit()


def test_w4_a_link_that_sees_a_failure_fails(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=4000, status_code="TOO_FEW", message="too few rows"))
    stack = world.stack()
    assert stack.create(linked_template(run, 3)) == "ROLLBACK_COMPLETE"
    assert "TOO_FEW too few rows" in stack.why(link(THING, 2))
    assert not stack.sent("Create", link(THING, 3))
    assert not world.leftovers()


def test_w4_a_link_that_cannot_look_leaves_it_to_the_next(world: World, run: Case) -> None:
    stack = world.stack()
    stack.create(linked_template(run, 2, run_id="1"))

    def unavailable(call: Call, _ask: object) -> Reply | None:
        event = call.invocation.event if call.invocation else {}
        is_of_link = event.get("input", {}).get("LogicalResourceId") == link(THING, 1)
        return (503, {}, b"{}") if is_of_link and call.operation == "ListExecutions" else None

    world.wire.stand_ins.append(unavailable)
    assert stack.update(linked_template(run, 2, run_id="2")) == "UPDATE_COMPLETE"
    assert stack.sent("Update", link(THING, 1))[0].seconds >= _LINK_SECONDS


def test_only_the_last_of_a_chain_says_that_the_run_is_still_not_ready(world: World) -> None:
    world.emulator.order_run(RunOrder(JOB.spec.kind, seconds=9000))
    stack = world.stack()
    assert stack.create(linked_template(JOB, 1, timeout_seconds=600), disable_rollback=True) == "CREATE_FAILED"
    assert stack.resources[link(THING, 1)].status == "CREATE_COMPLETE"
    assert "is still CREATE_IN_PROGRESS after 65 minutes; raise wait=" in stack.why(ready(THING))


def test_a_long_wait_is_reported_in_hours(world: World) -> None:
    world.emulator.order_run(RunOrder(JOB.spec.kind, seconds=9 * _HOUR_SECONDS))
    stack = world.stack()
    assert stack.create(linked_template(JOB, 2, timeout_seconds=600), disable_rollback=True) == "CREATE_FAILED"
    assert "is still CREATE_IN_PROGRESS after 2 hours; raise wait=" in stack.why(ready(THING))


def test_a_new_run_is_waited_for_by_every_link_again(world: World, run: Case) -> None:
    stack = world.stack()
    stack.create(linked_template(run, 2, run_id="1"))
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=4000))
    assert stack.update(linked_template(run, 2, run_id="2")) == "UPDATE_COMPLETE"
    assert [stack.sent("Update", link(THING, number))[0].seconds > 500 for number in (1, 2)] == [True, True]
    assert stack.update(linked_template(run, 3, run_id="2", tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.sent("Create", link(THING, 3))[0].seconds == 0
    assert len(world.created()) == 2
    assert not world.audit()


def test_a_job_of_twenty_hours_is_seen_to_its_end_within_a_minute(world: World) -> None:
    world.emulator.order_run(RunOrder(JOB.spec.kind, seconds=20 * _HOUR_SECONDS))
    stack = world.stack()
    begun = world.simulation.now
    assert stack.create(linked_template(JOB, _LINKS_OF_20_HOURS)) == "CREATE_COMPLETE"
    assert 0 <= world.simulation.now - begun - 20 * _HOUR_SECONDS < _LONGEST_LAG_SECONDS
    assert 1200 < world.calls(JOB.get) < 1400
    events = [execution.events for execution in world.states.executions()]
    assert 100 < max(events) < HISTORY_LIMIT / 20
    assert not world.audit()


def test_a_job_that_fails_in_its_seventh_hour_fails_the_stack_within_a_minute(world: World) -> None:
    order = RunOrder(JOB.spec.kind, seconds=6.5 * _HOUR_SECONDS, status_code="INTERNAL_ERROR", message="lost")
    world.emulator.order_run(order)
    stack = world.stack()
    begun = world.simulation.now
    assert stack.create(linked_template(JOB, _LINKS_OF_20_HOURS)) == "ROLLBACK_COMPLETE"
    failed = next(event for event in stack.events if event.status == "CREATE_FAILED")
    assert "INTERNAL_ERROR lost" in failed.reason
    assert 0 <= failed.at - begun - order.seconds < _LONGEST_LAG_SECONDS if order.seconds else False
    assert not world.leftovers()
    assert not world.audit()


@pytest.mark.parametrize("hours", [6, 20])
def test_a_stack_that_is_destroyed_in_hour_three_drains_its_run_and_ends_clean(world: World, hours: int) -> None:
    world.emulator.order_run(RunOrder(JOB.spec.kind, seconds=hours * _HOUR_SECONDS))
    stack = world.stack()
    world.after(3 * _HOUR_SECONDS, stack.stop)
    status = stack.create(linked_template(JOB, _LINKS_OF_20_HOURS))
    assert all(exchange.seconds < _HOUR_SECONDS for exchange in stack.exchanges if exchange.kind == "Delete")
    if hours == 6:
        # Each link that was begun waited for its part of the rest.
        assert status == "ROLLBACK_COMPLETE"
    else:
        assert status == "ROLLBACK_FAILED"
        assert "delete again" in stack.why(THING)
        world.settle()
        assert not world.leftovers()
        assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()
    assert not world.audit()


# -- the watch ---------------------------------------------------------------------------------------------------------


def events_of(world: World) -> list[dict[str, Any]]:
    """The details of the events on the bus."""
    return [json_of(entry) for entry in world.wire.bus]


def json_of(entry: dict[str, Any]) -> dict[str, Any]:
    """The detail of an event."""
    assert (entry["Source"], entry["DetailType"]) == ("cdk-cleanrooms-ml", "Clean Rooms ML Resource State Change")
    detail: dict[str, Any] = json.loads(entry["Detail"])
    return detail


def test_the_end_of_a_run_without_ready_is_reported_by_an_event(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=20 * _HOUR_SECONDS))
    stack = world.stack()
    assert stack.create(watched_template(run)) == "CREATE_COMPLETE"
    assert stack.exchanges[0].seconds < 10
    world.advance(19 * _HOUR_SECONDS)
    assert not events_of(world)
    world.settle()
    [detail] = events_of(world)
    assert detail == {
        "kind": run.spec.kind,
        "arn": stack.attribute(THING, "Arn"),
        "name": stack.attribute(THING, "Name"),
        "status": "ACTIVE",
        "reason": "",
        "stackId": stack.id,
        "logicalId": THING,
    }
    assert max(execution.events for execution in world.states.executions()) < HISTORY_LIMIT / 15
    assert not world.audit()


def test_a_failure_of_a_run_without_ready_is_reported_with_its_reason(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=7200, status_code="TOO_FEW", message="too few rows"))
    stack = world.stack()
    assert stack.create(watched_template(run)) == "CREATE_COMPLETE"
    world.settle()
    [detail] = events_of(world)
    assert detail["status"].endswith("_FAILED")
    assert detail["reason"] == "TOO_FEW too few rows"


def test_a_delete_ends_the_watch(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=1800))
    stack = world.stack()
    stack.create(watched_template(run))
    world.advance(300)
    assert stack.delete() == "DELETE_COMPLETE"
    world.settle()
    assert not events_of(world)
    assert not world.audit()


def test_a_change_of_tags_does_not_end_the_watch(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=7200))
    stack = world.stack()
    stack.create(watched_template(run))
    world.advance(300)
    assert stack.update(watched_template(run, tags=TAG)) == "UPDATE_COMPLETE"
    world.settle()
    assert [detail["arn"] for detail in events_of(world)] == [stack.attribute(THING, "Arn")]


def test_a_replacement_ends_the_watch_of_the_old_run_and_begins_one_of_the_new(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, count=2, seconds=2400))
    stack = world.stack()
    stack.create(watched_template(run, run_id="1"))
    world.advance(300)
    assert stack.update(watched_template(run, run_id="2")) == "UPDATE_COMPLETE"
    world.settle()
    assert [detail["arn"] for detail in events_of(world)] == [stack.attribute(THING, "Arn")]
    assert not world.audit()


def test_the_rollback_of_a_replacement_ends_the_watch_of_the_new_run_and_keeps_that_of_the_old(
    world: World, run: Case
) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, count=2, seconds=2400))
    stack = world.stack()
    stack.create(watched_template(run, run_id="1"))
    world.advance(300)
    update = watched_template(run, run_id="2")
    update["Resources"].update(failing(THING))
    world.emulator.order_run(RunOrder("AudienceGenerationJob", seconds=60, status_code="TOO_FEW"))
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    world.settle()
    assert [detail["arn"] for detail in events_of(world)] == [stack.attribute(THING, "Arn")]
    assert not world.audit()
