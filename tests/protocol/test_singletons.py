"""Singletons: configurations that exist already, that others replace, and that are canceled."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS, disarm
from cleanrooms_ml_simulator.lifecycle.cases import CASES, THING, Case, failing
from cleanrooms_ml_simulator.lifecycle.kinds import FACTS
from cleanrooms_ml_simulator.templates import ROLE_ARN, configured_audience_model, free_membership_id, template
from cleanrooms_ml_simulator.world import World

from .test_overlap import slow

CONFIGURATION = next(case for case in CASES if str(case) == "MLConfiguration")
MEMBERSHIP = free_membership_id(0)
LOCATION: Any = CONFIGURATION.facts.least["defaultOutputLocation"]
THEIRS: Any = CONFIGURATION.members["defaultOutputLocation"]


def replacing(logical_id: str = THING, **members: Any) -> dict[str, Any]:
    """A template with a configuration that may overwrite another."""
    resources = CONFIGURATION.resources(logical_id, **members)
    resources[logical_id]["Properties"]["Settings"] = {"ReplaceExisting": True}
    return template(resources)


def location_of(world: World) -> Any:
    """The output location of the membership."""
    return world.call("GetMLConfiguration", membershipIdentifier=MEMBERSHIP)["defaultOutputLocation"]


@pytest.mark.parametrize("configuration", [CONFIGURATION], ids=str)
def test_c11_a_configuration_of_others_is_replaced_only_if_allowed(world: World, configuration: Case) -> None:
    location = FACTS["MLConfiguration"].members["defaultOutputLocation"]
    world.call("PutMLConfiguration", membershipIdentifier=MEMBERSHIP, defaultOutputLocation=location)
    refused, allowed = world.stack("refused"), world.stack("allowed")
    world.advance(60)
    assert refused.create(configuration.template()) == "ROLLBACK_COMPLETE"
    assert "allow its replacement with replace_existing=True" in refused.why(THING)
    assert world.call("GetMLConfiguration", membershipIdentifier=MEMBERSHIP)["defaultOutputLocation"] == location
    assert allowed.create(replacing()) == "CREATE_COMPLETE"
    shown = world.call("GetMLConfiguration", membershipIdentifier=MEMBERSHIP)
    assert shown["defaultOutputLocation"] == configuration.facts.least["defaultOutputLocation"]


def test_a_configuration_that_appears_while_a_create_waits_is_left_alone(world: World) -> None:
    def put_theirs() -> None:
        disarm(world)
        world.call("PutMLConfiguration", membershipIdentifier=MEMBERSHIP, defaultOutputLocation=THEIRS)

    world.emulator.add_fault(Fault("PutMLConfiguration", count=ALWAYS, error_code="AccessDeniedException"))
    world.after(20, put_theirs)
    stack = world.stack()
    assert stack.create(CONFIGURATION.template()) == "ROLLBACK_COMPLETE"
    assert "exists already and is not this stack's" in stack.why(THING)
    assert location_of(world) == THEIRS


def test_a_configuration_that_has_replaced_another_outlives_it(world: World) -> None:
    stack, other = world.stack(), world.stack("other")
    assert stack.create(CONFIGURATION.template()) == "CREATE_COMPLETE"
    # Each construct creates its own role by default.
    second, third = ({**LOCATION, "roleArn": f"{ROLE_ARN}-{number}"} for number in (2, 3))
    assert stack.update(replacing("Renamed", defaultOutputLocation=second)) == "UPDATE_COMPLETE"
    assert location_of(world) == second
    assert other.create(replacing(defaultOutputLocation=third)) == "CREATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert location_of(world) == third
    assert other.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_a_canceled_create_that_replaced_a_configuration_is_undone(world: World) -> None:
    world.call("PutMLConfiguration", membershipIdentifier=MEMBERSHIP, defaultOutputLocation=THEIRS)
    world.advance(24 * 3600)
    stack = world.stack()
    assert stack.create(replacing()) == "CREATE_COMPLETE"
    # The id that CloudFormation invents if it never received an answer.
    deleted = stack.request("Delete", THING, physical_id="app-Thing-0123456789AB")
    assert deleted.answer is not None
    assert deleted.answer.is_success
    assert not world.records(str(CONFIGURATION))


def test_s1_an_identical_configuration_of_another_stack_is_refused_and_stays(world: World) -> None:
    owner, other = world.stack("owner"), world.stack("other")
    assert owner.create(CONFIGURATION.template()) == "CREATE_COMPLETE"
    world.advance(60)
    assert other.create(CONFIGURATION.template()) == "ROLLBACK_COMPLETE"
    assert "allow its replacement with replace_existing=True" in other.why(THING)
    assert location_of(world) == LOCATION


@pytest.mark.parametrize("seconds", [20, 69, 120, 24 * 3600])
@pytest.mark.parametrize("physical_id", ["app-Thing-0123456789AB", MEMBERSHIP], ids=["invented id", "real id"])
def test_s1_a_delete_leaves_an_identical_configuration_that_another_stack_wrote_since(
    world: World, physical_id: str, seconds: int
) -> None:
    owner, other = world.stack("owner"), world.stack("other")
    assert owner.create(CONFIGURATION.template()) == "CREATE_COMPLETE"
    world.advance(seconds)
    assert other.create(replacing()) == "CREATE_COMPLETE"
    deleted = owner.request("Delete", THING, physical_id=physical_id)
    assert deleted.answer is not None
    assert deleted.answer.is_success
    assert location_of(world) == LOCATION


def test_s1_a_retained_configuration_comes_back_to_its_logical_id(world: World) -> None:
    stack = world.stack()
    other = configured_audience_model("Other")
    kept = CONFIGURATION.template(other)
    kept["Resources"][THING]["DeletionPolicy"] = "Retain"
    stack.create(kept)
    stack.update(template(other))
    world.advance(24 * 3600)
    assert stack.update(kept) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert location_of(world) == LOCATION


@pytest.mark.parametrize("seconds", [5, 40, 69, 600])
def test_s1_a_configuration_that_another_stack_overwrote_seconds_after_its_create_stays(
    world: World, seconds: int
) -> None:
    owner, other = world.stack("owner"), world.stack("other")
    assert owner.create(CONFIGURATION.template()) == "CREATE_COMPLETE"
    world.advance(seconds)
    # Of the same role.
    theirs = {**THEIRS, "roleArn": LOCATION["roleArn"]}
    assert other.create(replacing(defaultOutputLocation=theirs)) == "CREATE_COMPLETE"
    world.advance(3 * 24 * 3600)
    assert owner.delete() == "DELETE_COMPLETE"
    assert location_of(world) == theirs


SOON = pytest.mark.parametrize("seconds", [5, 40, 600])
RENAMED = "Renamed"
# What the renamed construct asks for: the same, another location, or another role.
ASKED = pytest.mark.parametrize(
    "asked", [LOCATION, {**THEIRS, "roleArn": LOCATION["roleArn"]}, THEIRS], ids=["same", "location", "role"]
)


def assert_held(world: World, stack: Stack, location: Any) -> None:
    """Asserts that the stack has a configuration, which it deletes in the end."""
    world.advance(600)
    assert location_of(world) == location
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


@SOON
@ASKED
def test_d17_a_configuration_whose_construct_is_renamed_stays(world: World, seconds: int, asked: Any) -> None:
    stack = world.stack()
    assert stack.create(CONFIGURATION.template()) == "CREATE_COMPLETE"
    world.advance(seconds)
    assert stack.update(replacing(RENAMED, defaultOutputLocation=asked)) == "UPDATE_COMPLETE"
    assert_held(world, stack, asked)


@SOON
@ASKED
@pytest.mark.parametrize("is_canceled", [False, True], ids=["failed", "canceled"])
def test_d17_a_configuration_whose_construct_was_renamed_in_vain_is_put_back(
    world: World, seconds: int, asked: Any, is_canceled: bool
) -> None:
    stack = world.stack()
    assert stack.create(CONFIGURATION.template()) == "CREATE_COMPLETE"
    world.advance(seconds)
    renamed = replacing(RENAMED, defaultOutputLocation=asked)["Resources"]
    if is_canceled:
        slow(world, "PutMLConfiguration", 8)
        world.after(3, stack.stop)
    changed = template(renamed) if is_canceled else template(renamed, failing(RENAMED))
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert_held(world, stack, LOCATION)


def test_d17_a_configuration_that_two_constructs_had_is_deleted_with_the_last_of_them(world: World) -> None:
    stack = world.stack()
    assert stack.create(CONFIGURATION.template()) == "CREATE_COMPLETE"
    both = template(CONFIGURATION.resources(), replacing(RENAMED, defaultOutputLocation=THEIRS)["Resources"])
    assert stack.update(both) == "UPDATE_COMPLETE"
    assert stack.update(CONFIGURATION.template()) == "UPDATE_COMPLETE"
    assert_held(world, stack, LOCATION)


MOVED = free_membership_id(1)


@pytest.mark.parametrize("is_rolled_back", [False, True], ids=["moved", "rolled back"])
def test_d17_a_configuration_that_moved_between_memberships_is_put_back_too(world: World, is_rolled_back: bool) -> None:
    stack = world.stack()
    here = CONFIGURATION.resources()
    there = CONFIGURATION.resources(membershipIdentifier=MOVED)
    assert stack.create(template(here if is_rolled_back else there)) == "CREATE_COMPLETE"
    world.advance(600)
    if is_rolled_back:
        assert stack.update(template(there, failing(THING))) == "UPDATE_ROLLBACK_COMPLETE"
    else:
        assert stack.update(template(here)) == "UPDATE_COMPLETE"
    world.advance(600)
    renamed = replacing(RENAMED, defaultOutputLocation=THEIRS)["Resources"]
    assert stack.update(template(renamed, failing(RENAMED))) == "UPDATE_ROLLBACK_COMPLETE"
    assert_held(world, stack, LOCATION)


@pytest.mark.parametrize("is_canceled", [False, True], ids=["failed", "canceled"])
def test_d17_a_configuration_onto_which_another_construct_moved_in_vain_is_put_back(
    world: World, is_canceled: bool
) -> None:
    stack = world.stack()
    both = template(CONFIGURATION.resources(), CONFIGURATION.resources(RENAMED, membershipIdentifier=MOVED))
    assert stack.create(both) == "CREATE_COMPLETE"
    world.advance(600)
    moved = replacing(RENAMED, defaultOutputLocation=THEIRS)["Resources"]
    if is_canceled:
        slow(world, "PutMLConfiguration", 8)
        world.after(3, stack.stop)
    more = [] if is_canceled else [failing(RENAMED)]
    assert stack.update(template(CONFIGURATION.resources(), moved, *more)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(RENAMED) == MOVED
    assert_held(world, stack, LOCATION)
