"""Versions of a trained model, which share an ARN, a name and tags: rule V1 of the lifecycle contract."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAG, THING, Case
from cleanrooms_ml_simulator.templates import ready
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
