"""Texts that are hard to send: what is no UTF-8, and what is too large for Step Functions: X13 and X15."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.request import EVENT_BYTES
from cleanrooms_ml_simulator.behaviors import LONE_SURROGATE, LoneSurrogates
from cleanrooms_ml_simulator.lifecycle.cases import THING, Case
from cleanrooms_ml_simulator.templates import channel, ready, template, watched
from cleanrooms_ml_simulator.world import World


def test_x13_a_refusal_that_is_no_utf_8_keeps_its_reason(
    world: World, case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    LoneSurrogates().arm(world)
    world.emulator.add_fault(Fault(case.spec.create, error_code="ValidationException", message="no such seed"))
    stack = world.stack()
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    assert "ValidationException: no such seed?" in stack.why(THING)
    assert LONE_SURROGATE not in capsys.readouterr().out


def test_x13_an_uncertain_create_that_is_no_utf_8_is_retried(world: World, case: Case) -> None:
    LoneSurrogates().arm(world)
    world.emulator.add_fault(Fault(case.spec.create, kind="lost_reply", http_status=503))
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert len(world.created()) == 1


def test_x13_a_failed_run_whose_details_are_no_utf_8_keeps_its_reason(world: World, run: Case) -> None:
    LoneSurrogates().arm(world)
    world.emulator.order_run(RunOrder(run.spec.kind, status_code="TOO_FEW", message="too few rows"))
    stack = world.stack()
    assert stack.create(run.template()) == "ROLLBACK_COMPLETE"
    assert "TOO_FEW too few rows?" in stack.why(ready(THING))


def test_x13_the_event_of_a_watch_keeps_the_reason(world: World, run: Case) -> None:
    LoneSurrogates().arm(world)
    world.emulator.order_run(RunOrder(run.spec.kind, status_code="TOO_FEW", message="too few rows"))
    stack = world.stack()
    assert stack.create(template(watched(run.resources(), THING))) == "CREATE_COMPLETE"
    world.settle()
    [entry] = world.wire.bus
    assert json.loads(entry["Detail"])["reason"] == "TOO_FEW too few rows?"


def of_size(bytes_of_properties: int) -> Mapping[str, Any]:
    """A template with a channel whose query is that long."""
    return template({THING: channel(THING, query="x" * bytes_of_properties)[THING]})


def test_x15_a_request_that_is_too_large_is_answered_with_the_reason(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = world.stack()
    assert stack.create(of_size(EVENT_BYTES)) == "ROLLBACK_COMPLETE"
    assert f"allowed are {EVENT_BYTES}" in stack.why(THING)
    assert "ProtectedQuery.from_asset(path)" in stack.why(THING)
    assert stack.sent("Create", THING)[0].seconds < 10
    assert not world.created()
    assert "xxxx" not in capsys.readouterr().out


def test_x15_an_update_that_is_too_large_is_refused_and_the_resource_stays(world: World) -> None:
    stack = world.stack()
    half = EVENT_BYTES // 2
    assert stack.create(of_size(half)) == "CREATE_COMPLETE"
    old = stack.physical_id(THING)
    # With the old properties it is too large.
    stack.update(of_size(half + 1))
    assert f"allowed are {EVENT_BYTES}" in stack.why(THING)
    assert stack.physical_id(THING) == old
    assert world.created() == [old]


def test_x15_the_largest_request_passes_the_state_machine(world: World) -> None:
    stack = world.stack()
    rest = len(json.dumps(of_size(0)))
    assert stack.create(of_size(EVENT_BYTES - rest - 2000)) == "CREATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"


def test_an_execution_that_does_not_start_leaves_no_input_in_the_log(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(call: Any, _: Any) -> Any:
        if call.operation != "StartExecution":
            return None
        message = f"Invalid State Machine Execution Input: '{call.invocation.event}'"
        body = json.dumps({"__type": "InvalidExecutionInput", "message": message}).encode()
        return 400, {"content-type": "application/x-amz-json-1.0"}, body

    world.wire.stand_ins.append(refuse)
    stack = world.stack()
    stack.create(template(channel(THING, query="SELECT very_secret_column FROM a")), disable_rollback=True)
    world.settle()
    shown = [invocation.cause for invocation in world.functions.invocations] + [capsys.readouterr().out]
    assert "InvalidExecutionInput" in "".join(shown)
    assert "very_secret_column" not in "".join(shown)
