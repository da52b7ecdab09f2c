"""The event at the end of a run for which the deployment waits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case
from cleanrooms_ml_simulator.templates import link, linked, ready
from cleanrooms_ml_simulator.world import World

Render = Callable[..., dict[str, Any]]


def announced(case: Case, **options: Any) -> dict[str, Any]:
    """A run, with a request for the event."""
    result: dict[str, Any] = case.template(**options)
    result["Resources"][ready(THING)]["Properties"].setdefault("Settings", {})["EventFor"] = THING
    return result


def announced_by_links(case: Case) -> dict[str, Any]:
    """The same with two links before `Ready`."""
    result = announced(case, tags=TAG)
    result["Resources"] = linked(result["Resources"], THING, 2)
    for number in (1, 2):
        result["Resources"][link(THING, number)]["Properties"]["Settings"]["EventFor"] = THING
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


@pytest.mark.parametrize("render", [announced, announced_by_links])
def test_w5_a_run_for_which_the_deployment_waits_and_that_somebody_cancels_is_an_event(
    world: World, expiring: Case, render: Render
) -> None:
    world.emulator.order_run(RunOrder(str(expiring), seconds=9000))
    world.after(300, lambda: world.expire(world.created(str(expiring))[-1]))
    assert world.stack().create(render(expiring)) == "ROLLBACK_COMPLETE"
    [detail] = details(world)
    assert (detail["status"], detail["logicalId"]) == ("INACTIVE", THING)
    assert ("it was canceled" in detail["reason"]) is bool(expiring.spec.cancel)
    assert not world.audit()


@pytest.mark.parametrize("render", [announced, announced_by_links])
def test_w5_a_run_for_which_the_deployment_waits_has_an_event_with_a_status_that_is_unknown(
    world: World, run: Case, render: Render
) -> None:
    world.emulator.order_run(RunOrder(str(run), seconds=9000))
    world.after(300, lambda: world.set_status(world.created(str(run))[-1], "PAUSED"))
    world.stack().create(render(run), disable_rollback=True)
    [detail] = details(world)
    assert detail["status"] == "PAUSED"
    assert "does not know the status" in detail["reason"]
    assert not world.audit()


@pytest.mark.parametrize("render", [announced, announced_by_links])
def test_w5_a_run_for_which_the_deployment_waits_and_that_somebody_deletes_is_an_event(
    world: World, run: Case, render: Render
) -> None:
    world.emulator.order_run(RunOrder(str(run), seconds=9000))
    stack = world.stack()
    world.after(300, lambda: world.emulator.forget(stack.physical_id(THING)))
    stack.create(render(run), disable_rollback=True)
    [detail] = details(world)
    assert (detail["status"], detail["arn"]) == ("DELETED", stack.attribute(THING, "Arn"))
    assert detail["name"] == stack.attribute(THING, "Name")
