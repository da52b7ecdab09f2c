"""A change back to an earlier run that is no rollback: rule U19 of the lifecycle contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_simulator.behaviors import stop_workers
from cleanrooms_ml_simulator.cloudformation.resource import StackEvent
from cleanrooms_ml_simulator.lifecycle.cases import LONG_RUNNING, TAG, THING, Case, failing
from cleanrooms_ml_simulator.templates import configured_audience_model, ready, retaining, template, watched
from cleanrooms_ml_simulator.wire import Call, Reply
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import arns, kept
from .test_cleanup import EXPORTS
from .test_cleanup_history import DAY, LASTING
from .test_singletons import CONFIGURATION

OTHER = configured_audience_model("Other")
# Runs with a generated name, and those that a record of the same fixed name replaces.
_GENERATED: dict[str, Any] = {}
_REPLACED_RUNS = [
    *((case, _GENERATED) for case in LONG_RUNNING),
    *((export, {"name": "audiences"}) for export in EXPORTS),
]
# Longer than a list of executions lags.
_PAUSE_SECONDS = 120


def retained(run: Case, number: int, *, is_watched: bool = False, **options: Any) -> dict[str, Any]:
    """A template with a run that stays when it is replaced or removed."""
    parts = run.resources(tags=TAG, **run.run(number), **options)
    return template(retaining(watched(parts, THING) if is_watched else parts), OTHER)


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ARCHIVED"])
def test_u19_a_change_back_to_a_retained_run_that_cannot_be_used_creates_a_new_one(
    world: World, run: Case, status: str
) -> None:
    stack = world.stack()
    stack.create(retained(run, 1))
    first = stack.physical_id(THING)
    # The logical id leaves the stack and comes back with the run that had replaced the first one.
    for wanted in (retained(run, 2), template(OTHER), retained(run, 2)):
        assert stack.update(wanted) == "UPDATE_COMPLETE"
        world.advance(_PAUSE_SECONDS)
    assert len(world.created(run.spec.kind)) == 2
    world.set_status(first, status)
    assert stack.update(retained(run, 1)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == world.created(run.spec.kind)[2]
    world.settle()
    assert not world.audit()


def test_u19_a_wait_for_a_run_that_was_taken_back_and_then_failed_says_so(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=2000, status_code="INTERNAL_ERROR", message="lost"))
    stack = world.stack()
    stack.create(retained(run, 1, is_watched=True))
    first = stack.physical_id(THING)
    assert stack.update(retained(run, 2)) == "UPDATE_COMPLETE"
    second = stack.physical_id(THING)
    world.advance(_PAUSE_SECONDS)
    assert stack.update(retained(run, 1)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "CREATE_FAILED: INTERNAL_ERROR lost" in stack.why(ready(THING))
    assert world.created(run.spec.kind) == [first, second]
    assert stack.physical_id(THING) == second
    world.settle()
    assert not world.audit()


def test_u19_the_same_replacement_after_its_rollbacks_does_not_take_the_run_that_failed_since(
    world: World, run: Case
) -> None:
    stack = world.stack()
    stack.create(retained(run, 1, timeout_seconds=300))
    world.advance(_PAUSE_SECONDS)
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=2000, status_code="INTERNAL_ERROR", message="lost"))
    for _ in range(2):
        assert stack.update(retained(run, 2, timeout_seconds=300)) == "UPDATE_ROLLBACK_COMPLETE"
        world.advance(_PAUSE_SECONDS)
    assert len(world.created(run.spec.kind)) == 2
    world.advance(2000)
    assert stack.update(retained(run, 2, timeout_seconds=300)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == world.created(run.spec.kind)[2]
    world.settle()
    assert not world.audit()


@pytest.mark.parametrize(("case", "options"), _REPLACED_RUNS, ids=str)
def test_u10_the_rollback_of_a_canceled_change_back_returns_to_a_run_that_has_failed(
    world: World, case: Case, options: dict[str, Any]
) -> None:
    """The change back looks like the rollback of the replacement before it; but it was still in progress."""
    stack = world.stack()
    stack.create(retained(case, 2, **options))
    assert stack.update(retained(case, 1, **options)) == "UPDATE_COMPLETE"
    first = stack.physical_id(THING)
    world.advance(_PAUSE_SECONDS)
    count = len(world.created(case.spec.kind))
    world.set_status(first, "CREATE_FAILED")
    world.emulator.add_fault(Fault("CreateConfiguredAudienceModel", error_code="ValidationException"))
    parts = retaining(case.resources(tags=TAG, **case.run(2), **options))
    wanted = template(parts, OTHER, configured_audience_model("Wrong"))
    assert stack.update(wanted) == "UPDATE_ROLLBACK_COMPLETE"
    assert len(stack.sent("Update", THING)) == 3
    assert stack.physical_id(THING) == first
    assert len(world.created(case.spec.kind)) == count
    world.settle()
    assert not world.audit()


def test_d8_the_cleanup_of_a_replacement_whose_first_try_was_retained_deletes_the_old_one(
    world: World, named: Case
) -> None:
    stack = world.stack()
    stack.create(named.template(**named.run(1), tags=TAG))
    world.advance(_PAUSE_SECONDS)
    first_try = template(retaining(named.resources(tags=TAG, **named.run(2))), failing(named.last))
    assert stack.update(first_try) == "UPDATE_ROLLBACK_COMPLETE"
    [old, new] = world.created(named.spec.kind)[:2]
    assert stack.physical_id(THING) == old
    world.advance(_PAUSE_SECONDS)
    assert stack.update(named.template(**named.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == new
    world.settle()
    assert [record["arn"] for record in world.leftovers()] == named.held(new)
    assert not world.audit()


def test_d8_the_cleanup_of_a_replacement_whose_first_try_left_no_execution_deletes_the_old_one(
    world: World, named: Case
) -> None:
    """The front could start none, so that nothing shows what the rollback undid."""
    stack = world.stack()
    stack.create(named.template(**named.run(1), tags=TAG))
    old = stack.physical_id(THING)
    world.advance(_PAUSE_SECONDS)

    def refuse(call: Call, _ask: object) -> Reply | None:
        if call.operation != "StartExecution":
            return None
        body = json.dumps({"__type": "StateMachineDeleting", "message": "not now"}).encode("utf-8")
        return 400, {"content-type": "application/x-amz-json-1.0"}, body

    world.wire.stand_ins.append(refuse)
    stack.watchers.append(
        lambda event: world.wire.stand_ins.clear() if event.status == "UPDATE_ROLLBACK_IN_PROGRESS" else None
    )
    assert stack.update(named.template(**named.run(2), tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    world.advance(_PAUSE_SECONDS)
    assert stack.update(named.template(**named.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    world.settle()
    assert [record["arn"] for record in world.leftovers()] == named.held(stack.physical_id(THING))
    assert not world.audit()


def test_d14_a_change_back_to_a_retained_resource_whose_execution_is_lost_has_the_tags_asked_for(
    world: World, tagged: Case
) -> None:
    """The rescue answers in place of a step that has changed nothing yet."""

    def wanted(number: int, team: str) -> dict[str, Any]:
        return template(retaining(tagged.resources(tags={"team": team}, **tagged.run(number))))

    stack = world.stack()
    stack.create(wanted(1, "ads"))
    first = stack.physical_id(THING)
    assert stack.update(wanted(2, "ads")) == "UPDATE_COMPLETE"
    world.advance(_PAUSE_SECONDS)

    def lose(event: StackEvent) -> None:
        if event.logical_id == THING and event.status == "UPDATE_IN_PROGRESS":
            stop_workers(world, 150, throttled=False)

    stack.watchers.append(lose)
    assert stack.update(wanted(1, "sales")) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == first
    assert world.record(first)["tags"]["team"] == "sales"
    world.settle()
    assert not world.audit()


def test_d14_a_lost_change_back_to_what_cannot_be_changed_keeps_both(world: World, tagged: Case) -> None:
    def wanted(number: int, team: str) -> dict[str, Any]:
        return template(retaining(tagged.resources(tags={"team": team}, **tagged.run(number))))

    stack = world.stack()
    stack.create(wanted(1, "ads"))
    stack.update(wanted(2, "ads"))
    second = stack.physical_id(THING)
    world.advance(_PAUSE_SECONDS)

    def lose(event: StackEvent) -> None:
        if event.logical_id == THING and event.status == "UPDATE_IN_PROGRESS":
            stop_workers(world, 150, throttled=False)

    stack.watchers.append(lose)
    world.emulator.add_fault(Fault("TagResource", error_code="ValidationException"))
    assert stack.update(wanted(1, "sales")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "ValidationException" in stack.why(THING)
    assert stack.physical_id(THING) == second
    assert len(world.created(tagged.spec.kind)) == 2
    world.settle()
    assert not world.audit()


@pytest.mark.parametrize("case", [*LASTING, CONFIGURATION], ids=str)
def test_d17_what_a_replacement_retained_stays_when_it_is_changed_back_in_vain_days_later(
    world: World, case: Case
) -> None:
    stack = world.stack()
    stack.create(kept(case, tags=TAG))
    first = stack.physical_id(THING)
    world.advance(600)
    assert stack.update(kept(case, **case.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    world.advance(3 * DAY)
    update = case.template(OTHER, failing(case.last), tags=TAG)
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    world.settle()
    assert first in arns(world)
