"""Later versions of a trained model: created again, run again, rolled back; rules V1, U2 and U10."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case, failing
from cleanrooms_ml_simulator.lifecycle.hardships import cancel_before_id
from cleanrooms_ml_simulator.templates import template, watched
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import OTHER
from .test_events import details
from .test_versions import versioned

NEXT = "Next"


def later(model: Case, stack: Stack, **members: Any) -> dict[str, Any]:
    """The resources of a construct that trains a later version of the first one."""
    channel = {"channelName": "earlier", "trainedModelArn": stack.physical_id(THING)}
    members = {"name": "model", model.spec.continues_field: [channel], **members}
    return watched(model.resources(NEXT, **members), NEXT)


def trained(world: World, model: Case) -> tuple[Stack, dict[str, Any]]:
    """A stack with a first version."""
    stack = world.stack()
    first = model.resources(name="model", tags=TAG)
    assert stack.create(template(first, OTHER)) == "CREATE_COMPLETE"
    world.advance(3600)
    return stack, first


def versions(world: World, model: Case) -> set[str]:
    """The physical ids of the versions that hold data; none has the deletion marker."""
    found = {it["arn"] for it in world.leftovers() if it["kind"] == str(model)}
    for physical_id in found:
        assert not world.record(physical_id)["tags"][OWNERSHIP_TAG_KEY].endswith("/left")
    return found


def lose_the_later_one(world: World, model: Case, stack: Stack, first: dict[str, Any], how: str) -> None:
    """Trains a later version that fails, is rolled back or is removed."""
    given = template(first, OTHER, later(model, stack))
    if how == "failed":
        world.emulator.order_run(RunOrder(str(model), seconds=5, status_code="INTERNAL_ERROR", message="lost"))
    if how == "removed":
        assert stack.update(given) == "UPDATE_COMPLETE"
        world.advance(600)
        assert stack.update(template(first, OTHER)) == "UPDATE_COMPLETE"
    else:
        given = template(given["Resources"], failing(NEXT))
        assert stack.update(given) == "UPDATE_ROLLBACK_COMPLETE"
    world.advance(600)


def continued(world: World, model: Case) -> str:
    """The version that the last create request names; empty if none."""
    entry = [*world.emulator.journal.select(model.spec.create)][-1]
    [channel] = entry.params[model.spec.continues_field]
    return str(channel.get(model.spec.version_field, ""))


@versioned
@pytest.mark.parametrize("how", ["rolled back", "removed", "failed"])
def test_v1_a_later_version_is_trained_again_after_the_latest_is_gone(world: World, model: Case, how: str) -> None:
    stack, first = trained(world, model)
    lose_the_later_one(world, model, stack, first, how)
    assert stack.update(template(first, OTHER, later(model, stack))) == "UPDATE_COMPLETE", stack.last_reason
    assert versions(world, model) == {stack.physical_id(THING), stack.physical_id(NEXT)}
    assert continued(world, model) == ""


@versioned
@pytest.mark.parametrize("status", ["CREATE_FAILED", "INACTIVE", "CANCEL_FAILED", "DELETE_FAILED"])
def test_v1_the_latest_version_that_can_be_is_continued(world: World, model: Case, status: str) -> None:
    stack, first = trained(world, model)
    arn = stack.physical_id(THING)
    assert stack.update(template(first, OTHER, later(model, stack))) == "UPDATE_COMPLETE"
    second = stack.physical_id(NEXT)
    channel = {"channelName": "earlier", "trainedModelArn": arn}
    request = {**model.facts.least, "name": "model", model.spec.continues_field: [channel]}
    world.advance(600)
    world.call(model.spec.create, **request)
    world.advance(600)
    world.set_status(world.created(str(model))[-1], status)
    other = world.stack("other")
    members = {model.spec.continues_field: [channel]}
    assert other.create(model.template(name="another", **members)) == "CREATE_COMPLETE", other.last_reason
    assert continued(world, model) == second.partition("#")[2]


@versioned
@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "FOO"])
def test_v1_a_latest_version_in_progress_is_named_and_the_reason_says_what_to_do(
    world: World, model: Case, status: str
) -> None:
    stack, first = trained(world, model)
    assert stack.update(template(first, OTHER, later(model, stack))) == "UPDATE_COMPLETE"
    world.advance(600)
    second = stack.physical_id(NEXT)
    world.set_status(second, status)
    other = world.stack("other")
    channel = {"channelName": "earlier", "trainedModelArn": stack.physical_id(THING)}
    members = {model.spec.continues_field: [channel]}
    assert other.create(model.template(name="another", **members)) == "ROLLBACK_COMPLETE"
    assert f"version {second.partition('#')[2]} of {model} " in other.why(THING)
    assert f"is {status}: continue it when it is ACTIVE, or name another version" in other.why(THING)


@versioned
@pytest.mark.parametrize("run", ["2", "1"])
def test_u2_a_later_version_is_run_again(world: World, model: Case, run: str) -> None:
    stack, first = trained(world, model)
    for number in ("1", "3", run):
        before = stack.physical_id(NEXT) if number != "1" else ""
        given = template(first, OTHER, later(model, stack, RunId=number))
        assert stack.update(given) == "UPDATE_COMPLETE", stack.last_reason
        assert stack.physical_id(NEXT) != before
        world.advance(600)
        assert versions(world, model) == {stack.physical_id(THING), stack.physical_id(NEXT)}
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def forget_requests(world: World) -> None:
    """Lets the 90 days pass for which Step Functions keeps executions."""
    for machine in world.states.state_machines.values():
        machine.executions.clear()


def undone(world: World, model: Case, stack: Stack, first: dict[str, Any], way: str) -> None:
    """Replaces a later version, and has CloudFormation roll that back."""
    given = template(first, OTHER, later(model, stack, RunId="2"), failing(NEXT))
    is_short, code = way in ("after its end", "its run fails"), "INTERNAL_ERROR" if way == "its run fails" else ""
    world.emulator.order_run(RunOrder(str(model), seconds=5 if is_short else 7200, status_code=code, message=code))
    if way == "canceled":
        cancel_before_id(world, stack, model)
    if code:
        channel = {"channelName": "earlier", "trainedModelArn": stack.physical_id(THING)}
        members = {"name": "model", model.spec.continues_field: [channel], "RunId": "2"}
        given = template(first, OTHER, model.resources(NEXT, **members))
    assert stack.update(given) == "UPDATE_ROLLBACK_COMPLETE"


@versioned
@pytest.mark.parametrize("age_seconds", [20, 100 * 24 * 3600])
@pytest.mark.parametrize("way", ["after its end", "during its run", "its run fails", "canceled"])
def test_u10_the_rollback_of_a_later_version_returns_to_the_one_before(
    world: World, model: Case, way: str, age_seconds: int
) -> None:
    stack, first = trained(world, model)
    assert stack.update(template(first, OTHER, later(model, stack, RunId="1"))) == "UPDATE_COMPLETE"
    held = stack.physical_id(NEXT)
    world.advance(age_seconds)
    if age_seconds > 90 * 24 * 3600:
        forget_requests(world)
    # The same replacement again and again: each asks for what the one before it has given up.
    for _ in range(2):
        undone(world, model, stack, first, way)
        assert stack.physical_id(NEXT) == held
        world.settle()
        assert versions(world, model) == {stack.physical_id(THING), held}
        assert not world.audit().orphans
    assert stack.update(template(first, OTHER, later(model, stack, RunId="2"))) == "UPDATE_COMPLETE", stack.last_reason
    assert stack.physical_id(NEXT) != held
    world.settle()
    assert versions(world, model) == {stack.physical_id(THING), stack.physical_id(NEXT)}


@versioned
def test_u10_the_rollback_of_an_update_that_never_arrived_returns_to_an_old_version(world: World, model: Case) -> None:
    stack, first = trained(world, model)
    assert stack.update(template(first, OTHER, later(model, stack, RunId="1"))) == "UPDATE_COMPLETE"
    held = stack.physical_id(NEXT)
    world.advance(100 * 24 * 3600)
    forget_requests(world)
    properties = stack.resources[NEXT].properties
    answer = stack.request("Update", NEXT, properties, old_properties={**properties, "RunId": "2"}).answer
    assert answer is not None
    assert (answer.is_success, answer.physical_id) == (True, held)
    assert versions(world, model) == {stack.physical_id(THING), held}


@versioned
def test_u2_what_continues_a_model_of_another_name_needs_another_name_than_before(world: World, model: Case) -> None:
    stack, _ = trained(world, model)
    other = world.stack("other")
    assert other.create(model.template(name="another")) == "CREATE_COMPLETE"
    world.advance(600)
    channel = {"channelName": "earlier", "trainedModelArn": other.physical_id(THING)}
    arn = stack.physical_id(THING)
    members: dict[str, Any] = {model.spec.continues_field: [channel]}
    given = template(model.resources(name="model", **members), OTHER)
    assert stack.update(given) == "UPDATE_ROLLBACK_COMPLETE"
    assert "change the name too, or omit it" in stack.why(THING)
    assert stack.physical_id(THING) == arn
    assert versions(world, model) == {arn, other.physical_id(THING)}


@versioned
def test_u2_a_later_version_is_trained_after_the_rollback_of_an_update_that_left_no_execution(
    world: World, model: Case
) -> None:
    stack, first = trained(world, model)
    assert stack.update(template(first, OTHER, later(model, stack, RunId="1"))) == "UPDATE_COMPLETE"
    held = stack.physical_id(NEXT)
    world.advance(600)
    properties = stack.resources[NEXT].properties
    answer = stack.request("Update", NEXT, properties, old_properties={**properties, "RunId": "2"}).answer
    assert answer is not None
    assert answer.physical_id == held
    world.advance(600)
    assert stack.update(template(first, OTHER, later(model, stack, RunId="2"))) == "UPDATE_COMPLETE"
    assert stack.physical_id(NEXT) != held


@versioned
def test_x6_a_version_that_a_rollback_deletes_is_no_end_of_the_one_that_stays(world: World, model: Case) -> None:
    stack, first = trained(world, model)
    assert stack.update(template(first, OTHER, later(model, stack, RunId="1"))) == "UPDATE_COMPLETE"
    held = stack.physical_id(NEXT)
    world.advance(9000)
    world.emulator.order_run(RunOrder(str(model), seconds=7200))
    cancel_before_id(world, stack, model)
    changed = template(first, OTHER, later(model, stack, RunId="2"), failing(NEXT))
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(NEXT) == held
    world.settle()
    assert [it["status"] for it in details(world)] == ["ACTIVE"]
