"""The event at the end of a run for which the deployment waits."""

from __future__ import annotations

import json
from typing import Any

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_simulator.lifecycle.cases import THING, Case
from cleanrooms_ml_simulator.templates import ready
from cleanrooms_ml_simulator.world import World


def announced(case: Case, **options: Any) -> dict[str, Any]:
    """A run, with a request for the event."""
    result: dict[str, Any] = case.template(**options)
    result["Resources"][ready(THING)]["Properties"].setdefault("Settings", {})["EventFor"] = THING
    return result


def details(world: World) -> list[dict[str, Any]]:
    """The details of the events on the bus."""
    return [json.loads(entry["Detail"]) for entry in world.wire.bus]


def test_a_success_is_one_event(world: World, run: Case) -> None:
    stack = world.stack()
    assert stack.create(announced(run)) == "CREATE_COMPLETE"
    (detail,) = details(world)
    assert (detail["kind"], detail["logicalId"], detail["reason"]) == (run.spec.kind, THING, "")
    assert detail["stackId"] == stack.id


def test_a_failure_is_one_event_with_its_reason(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, status_code="INTERNAL_ERROR", message="no rows"))
    stack = world.stack()
    assert stack.create(announced(run)) == "ROLLBACK_COMPLETE"
    (detail,) = details(world)
    assert detail["status"] == "CREATE_FAILED"
    assert "no rows" in detail["reason"]


def test_an_update_of_the_same_run_is_no_new_end(world: World, run: Case) -> None:
    stack = world.stack()
    stack.create(announced(run))
    changed = announced(run)
    changed["Resources"][ready(THING)]["Properties"]["Settings"]["TimeoutSeconds"] = 1200
    assert stack.update(changed) == "UPDATE_COMPLETE"
    assert len(details(world)) == 1


def test_without_a_rule_there_is_no_event(world: World, run: Case) -> None:
    assert world.stack().create(run.template()) == "CREATE_COMPLETE"
    assert details(world) == []
