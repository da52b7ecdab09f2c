"""Updates in place that failed, and the rollbacks to what they left as it was: U7 and others of the contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY, TAGS_PER_RESOURCE
from cleanrooms_ml_simulator.cloudformation.resource import StackEvent
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, UPDATABLE, Case
from cleanrooms_ml_simulator.templates import ready, template, watched
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import OTHER
from .test_late_reads import late, refused

# Of which some are tried again until the deadline.
CODES = (
    "AccessDeniedException",
    "ValidationException",
    "ConflictException",
    "InternalServerException",
    "ThrottlingException",
)
OTHER_TAG = {"stage": "test"}


def refuse(world: World, operation: str, code: str) -> None:
    """Refuses an operation for good."""
    world.emulator.add_fault(Fault(operation, count=ALWAYS, error_code=code))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("has_members", [True, False], ids=["members changed", "members added"])
def test_u7_the_rollback_of_a_refused_change_of_members_needs_none(
    world: World, changeable: Case, has_members: bool, code: str
) -> None:
    members = changeable.changeable if has_members else {}
    stack = world.stack()
    stack.create(changeable.template(**members, tags=TAG))
    arn = stack.physical_id(THING)
    before = world.record(arn)
    world.advance(600)
    refuse(world, changeable.update, code)
    changed = changeable.template(**{**changeable.changeable, **changeable.changed}, tags=TAG)
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert code in stack.why(THING)
    assert stack.physical_id(THING) == arn
    assert world.record(arn) == before


def test_u20_a_rollback_that_is_refused_has_not_succeeded_because_reads_are_late(
    world: World, changeable: Case
) -> None:
    stack = world.stack()
    stack.create(changeable.template(**changeable.changeable))
    world.advance(3600)
    late(world)

    def refuse_the_way_back(event: StackEvent) -> None:
        if event.status == "UPDATE_ROLLBACK_IN_PROGRESS":
            refuse(world, changeable.update, "ValidationException")

    stack.watchers.append(refuse_the_way_back)
    changed = template(changeable.resources(**changeable.changed), refused(world, changeable))
    assert stack.update(changed) == "UPDATE_ROLLBACK_FAILED"


@pytest.mark.parametrize("updated", UPDATABLE, ids=str)
def test_what_an_update_sends_is_what_the_get_operation_returns(updated: Case) -> None:
    """A member that never shows could not be told from one that is not set."""
    spec, model = updated.spec, service_model(updated.spec.service)
    assert spec.update
    assert spec.get
    shape = model.operations[spec.get].output or ""
    if spec.answer_field:
        shape = model.shapes[shape]["members"][spec.answer_field]["shape"]
    assert model.input_members(spec.update).keys() - spec.identifier_members <= model.members(shape).keys()


@pytest.mark.parametrize("code", CODES)
def test_u7_a_refused_tag_leaves_the_others(world: World, tagged: Case, code: str) -> None:
    stack = world.stack()
    stack.create(tagged.template(tags=TAG))
    arn = stack.physical_id(THING)
    before = world.record(arn)["tags"]
    world.advance(600)
    refuse(world, "TagResource", code)
    assert stack.update(tagged.template(tags=OTHER_TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert code in stack.why(THING)
    assert world.record(arn)["tags"] == before


def test_u6_a_tag_is_renamed_without_room_for_both(world: World, tagged: Case) -> None:
    tags = {f"tag-{number}": "x" for number in range(TAGS_PER_RESOURCE - 1)}
    stack = world.stack()
    stack.create(tagged.template(tags=tags))
    tags.pop("tag-0")
    assert stack.update(tagged.template(tags={**tags, "renamed": "x"})) == "UPDATE_COMPLETE"
    shown = world.record(stack.physical_id(THING))["tags"]
    assert shown.keys() - {OWNERSHIP_TAG_KEY} == {*tags, "renamed"}


def changed_setting(case: Case, **options: Any) -> dict[str, Any]:
    """A template with a setting of the library, which every kind has."""
    given = case.template(OTHER, **options)
    given["Resources"][THING]["Properties"].setdefault("Settings", {})["TimeoutSeconds"] = 1200
    return given


def without(world: World, case: Case) -> Stack:
    """A stack whose resource was deleted outside of it."""
    stack = world.stack()
    assert stack.create(case.template(OTHER, tags=TAG)) == "CREATE_COMPLETE"
    world.emulator.forget(stack.physical_id(THING))
    world.advance(600)
    return stack


@pytest.mark.parametrize("tags", [TAG, OTHER_TAG], ids=["a setting", "tags"])
def test_u3_the_rollback_of_an_update_of_what_is_gone_changes_nothing(
    world: World, case: Case, tags: dict[str, str]
) -> None:
    stack = without(world, case)
    held, attributes = stack.physical_id(THING), dict(stack.resources[THING].attributes)
    created, mutations = world.created(), world.mutations()
    assert stack.update(changed_setting(case, tags=tags)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "is gone: it was deleted outside CloudFormation" in stack.why(THING)
    assert stack.physical_id(THING) == held
    assert world.created() == created
    assert world.mutations() == mutations
    known = ("Arn", "Name", "RequestHash")
    shown = dict(stack.resources[THING].attributes)
    assert shown.keys() == attributes.keys()
    assert {key: shown[key] for key in known} == {key: attributes[key] for key in known}


def test_u3_what_is_gone_is_created_again_as_the_reason_says(world: World, case: Case) -> None:
    stack = without(world, case)
    assert stack.update(changed_setting(case, tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Remove it from the stack, with what refers to it, and add it again in the next" in stack.why(THING)
    assert not case.spec.retry_hint or "change run_id to have a new one" in stack.why(THING)
    if case.spec.retry_hint:
        assert stack.update(case.template(OTHER, tags=TAG, **case.run(7))) == "UPDATE_COMPLETE"
        world.emulator.forget(stack.physical_id(THING))
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    assert stack.update(case.template(OTHER, tags=TAG)) == "UPDATE_COMPLETE"
    assert world.record(stack.physical_id(THING))
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_u3_a_change_back_of_what_is_gone_fails(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(OTHER, tags=TAG))
    assert stack.update(changed_setting(case, tags=TAG)) == "UPDATE_COMPLETE"
    world.advance(600)
    world.emulator.forget(stack.physical_id(THING))
    assert stack.update(case.template(OTHER, tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "is gone" in stack.why(THING)


def test_u3_a_rollback_of_what_is_gone_that_is_continued_has_ended_the_same(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(OTHER, tags=TAG))
    held = stack.physical_id(THING)
    world.advance(600)
    world.emulator.forget(held)

    def deny(event: StackEvent) -> None:
        if event.status == "UPDATE_ROLLBACK_IN_PROGRESS":
            refuse(world, case.get, "AccessDeniedException")

    stack.watchers.append(deny)
    assert stack.update(changed_setting(case, tags=TAG)) == "UPDATE_ROLLBACK_FAILED"
    stack.watchers.clear()
    world.emulator.clear_faults()
    world.advance(3 * 24 * 3600)
    assert stack.continue_rollback() == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == held


def test_u3_a_wait_for_what_is_gone_fails_and_returns_to_it(world: World, run: Case) -> None:
    stack = without(world, run)
    attributes = stack.resources[ready(THING)].attributes.keys() & run.spec.attributes.keys()
    changed = run.template(OTHER, tags=TAG, timeout_seconds=1200)
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert "is gone: it was deleted outside CloudFormation" in stack.why(ready(THING))
    assert stack.resources[ready(THING)].attributes.keys() == attributes


def test_w5_the_rollback_of_an_update_of_what_is_gone_starts_no_watch(world: World, run: Case) -> None:
    stack = world.stack()
    resources = watched(run.resources(tags=TAG), THING)
    stack.create(template(resources, OTHER))
    world.settle()
    world.emulator.forget(stack.physical_id(THING))
    settings = {**resources[THING]["Properties"]["Settings"], "TimeoutSeconds": 1200}
    changed = {**resources, THING: {**resources[THING], "Properties": {**resources[THING]["Properties"]}}}
    changed[THING]["Properties"]["Settings"] = settings
    assert stack.update(template(changed, OTHER)) == "UPDATE_ROLLBACK_COMPLETE"
    world.settle()
    assert [json.loads(entry["Detail"])["status"] for entry in world.wire.bus] == ["ACTIVE"]
