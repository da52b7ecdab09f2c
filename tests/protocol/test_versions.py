"""Versions of a trained model, which share an ARN, a name and tags: rule V1 of the lifecycle contract."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAG, THING, Case, failing
from cleanrooms_ml_simulator.templates import ready, template, watched
from cleanrooms_ml_simulator.world import World

versioned = pytest.mark.parametrize("model", [case for case in CASES if case.spec.versions], ids=str)


def continued(world: World, model: Case, stack: Stack) -> str:
    """Someone else trains a later version; its physical id."""
    arn = stack.physical_id(THING)
    channel = {"channelName": "earlier", "trainedModelArn": arn}
    request: dict[str, Any] = {**model.facts.least, "name": "model", model.spec.continues_field: [channel]}
    world.call(model.spec.create, **request)
    world.advance(60)
    later = world.created(str(model))[-1]
    assert later.startswith(f"{arn}#")
    return later


@versioned
def test_v1_a_first_version_is_deleted_alone_and_later_ones_stay(world: World, model: Case) -> None:
    stack = world.stack()
    stack.create(model.template(name="model"))
    later = continued(world, model, stack)
    assert stack.delete() == "DELETE_COMPLETE"
    assert [record["arn"] for record in world.leftovers()] == [later]
    assert world.record(later)["status"] == "ACTIVE"
    [deleted] = world.emulator.journal.select(model.delete)
    assert model.spec.version_field not in deleted.params


@versioned
def test_v1_a_wait_and_an_update_mean_the_first_version(world: World, model: Case) -> None:
    stack = world.stack()
    stack.create(model.template(name="model"))
    arn = stack.physical_id(THING)
    later = continued(world, model, stack)
    world.set_status(later, "CREATE_FAILED")
    answer = stack.request("Update", ready(THING)).answer
    assert answer is not None
    assert answer.is_success
    assert answer.data["VersionIdentifier"] == ""
    assert stack.update(model.template(name="model", tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == arn


@versioned
@pytest.mark.parametrize("invented", ["app-Thing-1A2B3C4D5E6F"])
def test_v1_a_search_finds_the_first_version_and_not_the_latest(world: World, model: Case, invented: str) -> None:
    stack = world.stack()
    stack.create(model.template(name="model"))
    later = continued(world, model, stack)
    answer = stack.request("Delete", THING, physical_id=invented).answer
    assert answer is not None
    assert answer.is_success
    assert [record["arn"] for record in world.leftovers()] == [later]


@versioned
def test_v1_a_training_that_continues_a_model_names_its_latest_version(world: World, model: Case) -> None:
    stack = world.stack()
    stack.create(model.template(name="model"))
    later = continued(world, model, stack)
    channel = {"channelName": "earlier", "trainedModelArn": stack.physical_id(THING)}
    other = world.stack("other")
    members = {model.spec.continues_field: [channel]}
    assert other.create(model.template(name="another", **members)) == "CREATE_COMPLETE"
    entry = [*world.emulator.journal.select(model.spec.create)][-1]
    assert entry.params[model.spec.continues_field] == [{**channel, model.spec.version_field: later.partition("#")[2]}]


def _next(world: World, model: Case, stack: Stack, logical_id: str = "Next") -> dict[str, Any]:
    """The resources of a construct that trains a later version of the first one."""
    channel = {"channelName": "earlier", "trainedModelArn": stack.physical_id(THING)}
    resources = model.resources(logical_id, name="model", **{model.spec.continues_field: [channel]})
    return watched(resources, logical_id)


@versioned
def test_v1_a_version_that_is_deleted_does_not_mark_the_others(world: World, model: Case) -> None:
    stack = world.stack()
    stack.create(model.template(name="model"))
    first = model.resources(name="model")
    assert stack.update(template(first, _next(world, model, stack))) == "UPDATE_COMPLETE"
    world.advance(60)
    assert stack.update(template(first)) == "UPDATE_COMPLETE"
    assert not world.record(stack.physical_id(THING))["tags"][OWNERSHIP_TAG_KEY].endswith("/left")
    assert world.record(stack.physical_id(THING))["status"] == "ACTIVE"


@versioned
def test_v1_a_canceled_version_is_deleted_alone(world: World, model: Case) -> None:
    stack = world.stack()
    stack.create(model.template(name="model"))
    first = model.resources(name="model")
    world.advance(3600)
    assert stack.update(template(first, _next(world, model, stack))) == "UPDATE_COMPLETE"
    later = stack.physical_id("Next")
    world.advance(60)
    answer = stack.request("Delete", "Next", physical_id="app-Next-1A2B3C4D5E6F").answer
    assert answer is not None
    assert answer.is_success
    assert world.record(stack.physical_id(THING))["status"] == "ACTIVE"
    assert world.record(later)["status"] != "ACTIVE"


@versioned
def test_v1_a_rollback_returns_to_the_first_version_although_a_later_one_has_its_tags(
    world: World, model: Case
) -> None:
    stack = world.stack()
    stack.create(model.template(name="model"))
    later = _next(world, model, stack)
    arn = stack.physical_id(THING)
    assert stack.update(template(model.resources(name="model"), later)) == "UPDATE_COMPLETE"
    world.advance(60)
    other = model.resources(name="other")
    assert stack.update(template(other, later, failing(THING))) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == arn
