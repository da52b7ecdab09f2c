"""What an accepted request left to a watch or a background delete goes on without its kind in the template: W5, W6."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.shared_names import KINDS
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS, disarm
from cleanrooms_ml_simulator.lifecycle.cases import LONG_RUNNING, TAG, THING, Case
from cleanrooms_ml_simulator.lifecycle.hardships import cancel_before_id
from cleanrooms_ml_simulator.templates import configured_audience_model, retaining, template, watched
from cleanrooms_ml_simulator.wire import Call, Reply
from cleanrooms_ml_simulator.world import World

from .test_events import details

HOUR = 3600
OTHER = configured_audience_model("Other")
BY_TYPE = {spec.resource_type: spec.kind for spec in SPECS}
UNSTOPPABLE = [case for case in LONG_RUNNING if case.spec.cancel is None and case.spec.delete]


def stack_that_lists_its_kinds(world: World) -> Stack:
    """A stack whose functions know the kinds of the template, as constructs render it."""
    stack = world.stack()
    before = stack.provision

    def provision(given: Any) -> None:
        before(given)
        kinds = {BY_TYPE[it["Type"]] for it in given["Resources"].values() if it["Type"] in BY_TYPE}
        worker = world.providers[stack.id].worker
        worker.environment = {**worker.environment, KINDS: ",".join(sorted(kinds))}

    stack.provision = provision
    return stack


def leave_a_watched_run(world: World, case: Case) -> Stack:
    """A stack that has retained a run of three hours, the last one of its kind."""
    stack = stack_that_lists_its_kinds(world)
    world.emulator.order_run(RunOrder(str(case), seconds=3 * HOUR))
    kept = template(retaining(watched(case.resources(tags=TAG), THING)), OTHER)
    assert stack.create(kept) == "CREATE_COMPLETE"
    world.advance(600)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    return stack


def logged(world: World, capsys: pytest.CaptureFixture[str], what: str) -> list[dict[str, Any]]:
    """The lines of the functions' logs."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [line for line in lines if line["what"] == what]


def test_w5_the_watch_of_a_retained_run_ends_with_its_event_although_its_kind_left_the_template(
    world: World, run: Case
) -> None:
    leave_a_watched_run(world, run)
    world.settle()
    assert [it["status"] for it in details(world)] == ["ACTIVE"]
    assert not world.audit()


@pytest.mark.parametrize("case", UNSTOPPABLE, ids=str)
def test_w6_the_background_delete_of_an_undone_update_goes_on_although_its_kind_left_the_template(
    world: World, case: Case
) -> None:
    stack = stack_that_lists_its_kinds(world)
    assert stack.create(case.template(OTHER, tags=TAG, **case.run(1))) == "CREATE_COMPLETE"
    world.emulator.order_run(RunOrder(str(case), seconds=6 * HOUR))
    cancel_before_id(world, stack, case)
    assert stack.update(case.template(OTHER, tags=TAG, **case.run(2))) == "UPDATE_ROLLBACK_COMPLETE"
    world.advance(600)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.settle()
    assert not [it for it in world.leftovers() if it["kind"] == str(case)]
    assert not world.audit()


@pytest.mark.parametrize("operation", ["PutEvents", "look"])
def test_w5_a_watch_that_has_lost_a_permission_says_so_and_ends_with_its_event_when_it_has_it_again(
    world: World, run: Case, operation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    leave_a_watched_run(world, run)
    if operation == "look":
        for each in {run.get, run.look}:
            world.emulator.add_fault(Fault(each, count=ALWAYS, error_code="AccessDeniedException"))
        world.after(5 * HOUR, lambda: disarm(world))
    else:
        until = world.simulation.now + 5 * HOUR

        def denied(call: Any, _: object) -> Any:
            if call.operation == "PutEvents" and world.simulation.now < until:
                return 400, {"content-type": "application/x-amz-json-1.1"}, b'{"__type": "AccessDeniedException"}'
            return None

        world.wire.stand_ins.append(denied)
    capsys.readouterr()
    world.settle()
    assert [it["status"] for it in details(world)] == ["ACTIVE"]
    [line] = logged(world, capsys, "fault")
    assert line["error"].startswith("AccessDeniedException (")
    assert "watch_" in line["at"]


def test_x9_a_watch_that_nobody_accepted_is_refused_and_logged(
    world: World, run: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = leave_a_watched_run(world, run)
    own = stack.sent("Create", THING)[0].event
    arn = next(it.arn for it in world.states.executions()).rpartition(":")[0]
    before = len(world.wire.callers)
    capsys.readouterr()
    for purpose in ("watch_", "later_"):
        event = {**own, "RequestType": "Update", "PhysicalResourceId": stack.id, "OldResourceProperties": {}}
        step = {"input": event, "execution": f"{arn}:{purpose}made-20260131T120000Z-up", "progress": {}}
        world.functions.deliver(world.providers[stack.id].worker, step)
        world.advance(10)
    assert len(logged(world, capsys, "refused")) == 2
    assert len(world.wire.callers) == before


def test_w5_a_proof_that_is_denied_once_does_not_end_a_watch(world: World, run: Case) -> None:
    leave_a_watched_run(world, run)
    denials: list[str] = []

    def deny(call: Call, _: object) -> Reply | None:
        if call.operation != "DescribeExecution" or denials:
            return None
        denials.append(call.operation)
        return 400, {"content-type": "application/x-amz-json-1.0"}, b'{"__type": "AccessDeniedException"}'

    world.wire.stand_ins.append(deny)
    world.settle()
    assert denials
    assert [it["status"] for it in details(world)] == ["ACTIVE"]
