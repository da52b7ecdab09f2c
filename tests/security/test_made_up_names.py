"""Forged executions: their names order the requests of a logical id, and Step Functions keeps them for 90 days."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cleanrooms_ml_handlers.identity import Owner
from cleanrooms_ml_handlers.reply_address import SANDBOX_REPLY_HOST, moment_of
from cleanrooms_ml_handlers.request import Request, execution_name, parse, recorded, request_key
from cleanrooms_ml_simulator.cloudformation.replies import HOST
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import CASES, CHANNEL, TAG, THING, Case
from cleanrooms_ml_simulator.world import World

from .test_events import signed

STATUS_CHANGE = "Step Functions Execution Status Change"
# No function gives an execution such a name, but sorted it would be the last.
_NAMES = ["", "-x", "-99999999T999999Z-x", "-30000101T000000Z-x", "-{soon}-x", "-202691T010101Z-x"]
_PURPOSES = ["", "lost_", "watch_", "later_", "later.7_"]


def deployed(world: World, case: Case) -> Stack:
    """A stack with a resource, half an hour later: what is signed from now on is no part of its deployment."""
    stack = world.stack()
    assert stack.create(case.template(tags=TAG)) == "CREATE_COMPLETE"
    world.advance(1800)
    return stack


def of_thing(world: World, stack: Stack, **members: Any) -> tuple[dict[str, Any], Request]:
    """An event for the stack's resource, and the request in it."""
    original = next(it.event for it in stack.exchanges if it.event["LogicalResourceId"] == THING)
    event = signed({**original, **members}, world.simulation.now)
    return event, parse(event, {"STACK_ID": stack.id, SANDBOX_REPLY_HOST: HOST})


def of_nothing(world: World, stack: Stack) -> tuple[dict[str, Any], Request]:
    """An event on which nothing acts."""
    nothing = Owner(stack.id.rpartition("/")[2], THING).not_created_id
    return of_thing(world, stack, RequestType="Delete", PhysicalResourceId=nothing)


def assert_can_be_changed_and_deleted(world: World, stack: Stack, case: Case) -> None:
    world.settle()
    assert stack.update(case.template(tags={**TAG, "another": "tag"})) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


@pytest.mark.parametrize("purpose", _PURPOSES)
def test_an_execution_is_started_under_the_name_of_its_request_alone(world: World, purpose: str) -> None:
    stack = deployed(world, CHANNEL)
    provider = world.providers[stack.id]
    event, request = of_nothing(world, stack)
    before = {it.name for it in world.states.executions()}
    for end in _NAMES:
        name = f"{purpose}{request_key(request)}{end.format(soon=moment_of(world.simulation.now + 3600))}"
        arn = f"{world.states.executions()[0].arn.rpartition(':')[0]}:{name}"
        step = {"input": event, "execution": arn, "progress": {}}
        detail = {"executionArn": arn, "input": json.dumps(event), "status": "FAILED"}
        world.functions.deliver(provider.front, {"requestPayload": {"detail-type": STATUS_CHANGE, "detail": detail}})
        world.functions.deliver(provider.worker, {**step, "error": {"Error": "x"}})
        busy = {**event, "PhysicalResourceId": stack.physical_id(THING)}
        world.functions.deliver(provider.worker, {**step, "input": busy, "progress": {"busy": True}})
    world.advance(120)
    started = {it.name.rpartition("_")[2] for it in world.states.executions() if it.name not in before}
    assert started <= {execution_name(request)}
    assert_can_be_changed_and_deleted(world, stack, CHANNEL)


@pytest.mark.parametrize("purpose", [*_PURPOSES, "unknown_"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_name_of_an_execution_stops_a_deployment(world: World, case: Case, purpose: str) -> None:
    """Anyone who may start one of the state machine's executions could give it these names for the next 90 days."""
    stack = deployed(world, case)
    event, request = of_nothing(world, stack)
    for end in _NAMES:
        name = f"{purpose}{request_key(request)}{end.format(soon=moment_of(world.simulation.now + 3600))}"
        start(world, stack, name, event)
    assert_can_be_changed_and_deleted(world, stack, case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_input_of_an_execution_stops_a_deployment(world: World, case: Case) -> None:
    stack = deployed(world, case)
    event, request = of_nothing(world, stack)
    inputs = [{}, {**event, "ResourceProperties": [["a", "b"]]}, {**event, "RequestType": ["Update"]}]
    inputs += [{key: value for key, value in event.items() if key != left_out} for left_out in event]
    for number, content in enumerate(inputs):
        start(world, stack, f"{request_key(request)}-{moment_of(request.signed_at)}-{number}", content)
    assert_can_be_changed_and_deleted(world, stack, case)


@pytest.mark.parametrize("text", ["5", "[]", "null", '"text"', "[" * 100_000, '{"RequestType": {}}'])
def test_an_input_that_is_no_event_is_one_of_no_type(text: str) -> None:
    assert not recorded(text)["RequestType"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_recorded_request_of_another_form_stops_a_deployment(world: World, case: Case) -> None:
    """One with a list instead of properties ended at once, and so did every later request that read of it."""
    stack = deployed(world, case)
    own = stack.resources[THING].properties
    pairs = [[key, value] for key, value in own.items()]
    for kind in ("Create", "Update", "Delete"):
        for number, form in enumerate(({"ResourceProperties": pairs}, {"OldResourceProperties": pairs})):
            event, _ = of_thing(world, stack)
            event |= {"RequestType": kind, "RequestId": f"{kind}{number}", "PhysicalResourceId": "x", **form}
            world.functions.deliver(world.providers[stack.id].front, event)
    for kind in ("Update", "Delete"):
        event, _ = of_thing(world, stack)
        world.functions.deliver(world.providers[stack.id].front, {**event, "RequestType": kind})
    assert_can_be_changed_and_deleted(world, stack, case)


def start(world: World, stack: Stack, name: str, content: object) -> None:
    """Starts an execution of the stack's state machine, as anyone with that permission can."""
    machine = world.providers[stack.id].worker.environment["STATE_MACHINE_ARN"]
    parameters = {"stateMachineArn": machine, "name": name, "input": json.dumps(content)}
    status, answer = world.states.handle("StartExecution", json.dumps(parameters).encode())
    assert status == 200, answer
