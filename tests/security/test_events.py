"""Forged events: signed at another time, for other kinds, or for what another stack has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_handlers.errors import Refused
from cleanrooms_ml_handlers.executions import Purpose, name_for
from cleanrooms_ml_handlers.reply_address import SANDBOX_REPLY_HOST, signing_time
from cleanrooms_ml_handlers.request import parse
from cleanrooms_ml_handlers.shared_names import KINDS
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import CASES, CHANNEL, JOB, LONG_RUNNING, TAG, THING, Case
from cleanrooms_ml_simulator.templates import channel, ready, template, watched
from cleanrooms_ml_simulator.world import World

_DAY_SECONDS = 24 * 3600

Event = Mapping[str, Any]


def signed(event: Event, at: float) -> dict[str, Any]:
    """An event with another signing time."""
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
    start, _, rest = event["ResponseURL"].partition("X-Amz-Date=")
    return {**event, "ResponseURL": f"{start}X-Amz-Date={moment}{rest[16:]}"}


def made(world: World, case: Case = JOB) -> Stack:
    """A stack with a resource."""
    stack = world.stack()
    assert stack.create(case.template(tags=TAG)) == "CREATE_COMPLETE"
    return stack


def assert_refused(world: World, stack: Stack, event: Event) -> None:
    """Neither the front nor the worker acts on an event or answers it."""
    provider = world.providers[stack.id]
    execution = f"{world.states.executions()[0].arn.rpartition(':')[0]}:made-20260131T120000Z-up"
    before = world.mutations(), len(world.states.executions()), world.replies.attempts
    world.functions.deliver(provider.front, event)
    world.functions.deliver(provider.front, {"requestPayload": event})
    world.functions.deliver(provider.worker, {"requestPayload": event})
    for purpose in Purpose:
        step = {"input": event, "execution": name_for(purpose, execution), "progress": {}}
        name = execution.rpartition(":")[0] + ":" + name_for(purpose, execution)
        world.functions.deliver(provider.worker, {**step, "execution": name})
        world.functions.deliver(provider.worker, {**step, "execution": name, "error": {"Error": "x"}})
    world.advance(900)
    assert (world.mutations(), len(world.states.executions()), world.replies.attempts) == before


@pytest.mark.parametrize("seconds", [16 * 60, 974 * 365 * _DAY_SECONDS], ids=["16 minutes", "the year 3000"])
def test_a_request_that_is_signed_in_the_future_is_refused(world: World, seconds: float) -> None:
    stack = made(world)
    forged = {**stack.exchanges[0].event, "RequestType": "Delete", "PhysicalResourceId": stack.physical_id(THING)}
    assert_refused(world, stack, signed(forged, world.simulation.now + seconds))
    # A real request is not overtaken by it.
    assert stack.delete() == "DELETE_COMPLETE"


@pytest.mark.parametrize("seconds", [2.1 * 3600, 30 * _DAY_SECONDS], ids=["two hours", "a month"])
def test_a_request_that_was_signed_long_ago_is_refused(world: World, seconds: float) -> None:
    stack = made(world)
    forged = {**stack.exchanges[0].event, "RequestType": "Delete", "PhysicalResourceId": stack.physical_id(THING)}
    assert_refused(world, stack, signed(forged, world.simulation.now - seconds))


def test_a_request_within_the_difference_of_clocks_is_accepted(world: World) -> None:
    stack = made(world)
    event = {**stack.exchanges[0].event, "RequestType": "Delete", "PhysicalResourceId": stack.physical_id(THING)}
    stack.conductor.deliver(signed(event, world.simulation.now + 14 * 60))
    world.settle()
    assert not world.leftovers()


def test_an_old_delete_that_was_answered_cannot_be_replayed_on_what_came_after(world: World) -> None:
    stack = made(world, CHANNEL)
    old = {**stack.exchanges[0].event, "RequestType": "Delete", "PhysicalResourceId": stack.physical_id(THING)}
    world.advance(3 * 3600)
    assert_refused(world, stack, old)
    assert [record["arn"] for record in world.leftovers()] == [stack.physical_id(THING)]


@pytest.mark.parametrize("case", LONG_RUNNING, ids=str)
def test_the_watch_that_the_worker_started_goes_on_for_days(world: World, case: Case) -> None:
    world.emulator.order_run(RunOrder(case.spec.kind, seconds=5 * _DAY_SECONDS))
    stack = world.stack()
    assert stack.create(template(watched(case.resources(), THING))) == "CREATE_COMPLETE"
    world.settle()
    [entry] = world.wire.bus
    assert json.loads(entry["Detail"])["status"] == "ACTIVE"


@pytest.mark.parametrize(
    "query",
    [
        "",
        *(f"Expires={text}" for text in ("nan", "inf", "-1", "1e400", "", "\u0663", "9" * 400)),
        *(f"X-Amz-Date={text}" for text in ("", "nan", "99999999T999999Z", "30000101T000000")),
    ],
)
def test_a_signing_time_that_is_none_is_refused_and_not_raised(world: World, query: str) -> None:
    stack = made(world)
    event = stack.exchanges[0].event
    address = f"{event['ResponseURL'].partition('?')[0]}?{query}"
    with pytest.raises(ValueError, match=r".+"):
        signing_time(address)
    with pytest.raises(Refused):
        parse({**event, "ResponseURL": address}, {"STACK_ID": stack.id})
    assert_refused(world, stack, {**event, "ResponseURL": address})
    assert not [invocation.error for invocation in world.functions.invocations if invocation.error]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_kind_that_the_template_does_not_have_is_neither_created_nor_changed(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = world.stack()
    provider = world.providers[stack.id]
    other = "AudienceModel" if str(case) != "AudienceModel" else "TrainedModel"
    monkeypatch.setattr(provider.worker, "environment", {**provider.worker.environment, KINDS: other})
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    assert f"the stack's template has no {case}" in stack.why(THING)
    assert not world.mutations()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_d12_a_resource_is_deleted_though_its_kind_has_left_the_template(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = made(world, case)
    provider = world.providers[stack.id]
    monkeypatch.setattr(provider.worker, "environment", {**provider.worker.environment, KINDS: ""})
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_a_ready_reads_nothing_of_another_stack(world: World) -> None:
    other = world.stack("other")
    assert other.create(template(channel(THING))) == "CREATE_COMPLETE"
    stack = world.stack()
    forged = channel(THING)
    forged = {ready(THING): forged[ready(THING)]}
    forged[ready(THING)]["Properties"] |= {"Arn": other.physical_id(THING), "RequestHash": "x"}
    assert stack.create(template(forged)) == "ROLLBACK_COMPLETE"
    assert "is not this stack's" in stack.why(ready(THING))
    assert not stack.sent("Create", ready(THING))[0].answers[0].data


def test_a_ready_reads_nothing_that_nobody_tagged(world: World) -> None:
    theirs = CHANNEL.create_theirs(world)
    stack = world.stack()
    forged = channel(THING)
    forged = {ready(THING): forged[ready(THING)]}
    forged[ready(THING)]["Properties"] |= {"Arn": theirs, "RequestHash": "x"}
    assert stack.create(template(forged)) == "ROLLBACK_COMPLETE"
    assert "is not this stack's" in stack.why(ready(THING))


def test_an_event_of_ten_thousand_levels_is_refused_and_not_raised(world: World) -> None:
    stack = made(world)
    nested: Any = "end"
    for _ in range(10_000):
        nested = [nested]
    event = {**stack.exchanges[0].event, "ResourceProperties": {"description": nested}}
    with pytest.raises(Refused, match="RecursionError"):
        parse(event, {"STACK_ID": stack.id})


@pytest.mark.parametrize("properties", [[], "text", 5, {"Settings": "text"}, {"Settings": {"TimeoutSeconds": "nan"}}])
def test_properties_of_another_form_end_the_request(world: World, properties: Any) -> None:
    stack = made(world)
    stack.conductor.deliver(
        {**stack.exchanges[0].event, "LogicalResourceId": "Forged", "ResourceProperties": properties}
    )
    before = world.mutations()
    world.settle()
    assert world.mutations() == before
    assert not [execution for execution in world.states.executions() if execution.is_running]


def test_a_request_cannot_ask_for_a_longer_time_than_cloudformation_waits(world: World) -> None:
    stack = made(world)
    event = stack.exchanges[0].event
    settings = {"Settings": {"TimeoutSeconds": 10**9}}
    environment = {"STACK_ID": stack.id, SANDBOX_REPLY_HOST: urlsplit(event["ResponseURL"]).netloc}
    forged = parse({**event, "ResourceProperties": settings}, environment)
    assert forged.timeout_seconds == 3300
