"""Resources that exist already and that a template names: rules A1 to A5 of the lifecycle contract."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.shared_names import ADOPT_EXISTING
from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY
from cleanrooms_ml_simulator.behaviors import Lag
from cleanrooms_ml_simulator.lifecycle.cases import CHANNEL, MODEL, TAG, THING, Case, failing
from cleanrooms_ml_simulator.templates import configured_audience_model, template
from cleanrooms_ml_simulator.world import World

OTHER = configured_audience_model("Other")
EXISTING = "existing"


def adopting(case: Case, theirs: str, *others: Any, **options: Any) -> dict[str, Any]:
    """A template that names a resource to be taken over."""
    result = case.template(*others, **{"name": EXISTING, **options})
    result["Resources"][THING]["Properties"]["Settings"] = {ADOPT_EXISTING: theirs}
    return result


def test_a1_what_exists_is_taken_over_and_nothing_is_created(world: World, tagged: Case) -> None:
    theirs = tagged.create_theirs(world, EXISTING)
    count = len(world.created())
    stack = world.stack()

    assert stack.create(adopting(tagged, theirs, tags=TAG, **tagged.changeable)) == "CREATE_COMPLETE"

    record = world.record(theirs)
    assert stack.physical_id(THING) == theirs
    assert stack.outputs["Name"] == EXISTING
    assert len(world.created()) == count
    assert world.calls(tagged.spec.create) == 1  # theirs
    assert record["tags"].keys() >= {OWNERSHIP_TAG_KEY, *TAG}
    assert {key: record["data"][key] for key in tagged.changeable} == dict(tagged.changeable)


def test_a1_the_same_request_once_more_takes_over_nothing_else(world: World, tagged: Case) -> None:
    """A reply that was lost is no reason to fail."""
    theirs = tagged.create_theirs(world, EXISTING)
    world.emulator.add_fault(Fault("TagResource", kind="drop_after"))
    stack = world.stack()

    assert stack.create(adopting(tagged, theirs)) == "CREATE_COMPLETE"
    assert stack.physical_id(THING) == theirs
    assert world.calls(tagged.spec.create) == 1


def test_a2_a_rollback_gives_back_what_was_taken_over_and_deletes_nothing(world: World, tagged: Case) -> None:
    theirs = tagged.create_theirs(world, EXISTING)
    stack = world.stack()

    assert stack.create(adopting(tagged, theirs, failing(THING))) == "ROLLBACK_COMPLETE"

    assert OWNERSHIP_TAG_KEY not in world.record(theirs)["tags"]
    assert world.record(theirs)["status"] in ("ACTIVE", "")
    assert not world.leftovers(exclude=[theirs])


@pytest.mark.parametrize("fault", ["error", "drop_after", "lost_reply"])
def test_a2_a_create_that_fails_after_it_tagged_gives_back(world: World, fault: Any) -> None:
    """The update that follows the tag is refused until CloudFormation gives up."""
    theirs = MODEL.create_theirs(world, EXISTING)
    world.emulator.add_fault(Fault(MODEL.update, count=10_000, error_code="ValidationException", http_status=400))
    world.emulator.add_fault(Fault("TagResource", kind=fault))
    stack = world.stack()

    assert stack.create(adopting(MODEL, theirs, description="ours")) == "ROLLBACK_COMPLETE"

    assert world.record(theirs)["tags"].get(OWNERSHIP_TAG_KEY) is None
    assert world.record(theirs)["data"].get("description") is None


def test_a2_the_deletion_of_the_stack_gives_back(world: World, tagged: Case) -> None:
    theirs = tagged.create_theirs(world, EXISTING)
    stack = world.stack()
    stack.create(adopting(tagged, theirs))

    assert stack.delete() == "DELETE_COMPLETE"

    assert world.calls(tagged.delete) == 0
    assert OWNERSHIP_TAG_KEY not in world.record(theirs)["tags"]


def test_a3_without_adopt_existing_it_is_deleted_like_any_other(world: World, tagged: Case) -> None:
    theirs = tagged.create_theirs(world, EXISTING)
    stack = world.stack()
    stack.create(adopting(tagged, theirs))
    before = len(world.mutations())

    assert stack.update(tagged.template(name=EXISTING)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == theirs
    assert len(world.mutations()) == before
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_a4_what_another_stack_owns_stays_with_it(world: World, tagged: Case) -> None:
    owner, thief = world.stack("owner"), world.stack("thief")
    owner.create(tagged.template(name=EXISTING))
    theirs = owner.physical_id(THING)
    before = world.record(theirs)

    assert thief.create(adopting(tagged, theirs)) == "ROLLBACK_COMPLETE"

    assert "has the ownership tag of another resource" in thief.why(THING)
    assert world.record(theirs) == before


@pytest.mark.parametrize("lagging", ["Tags", "Get"])
def test_a1_what_another_stack_gave_back_a_moment_ago_is_taken_over(
    world: World, tagged: Case, lagging: Literal["Tags", "Get"]
) -> None:
    theirs = tagged.create_theirs(world, EXISTING)
    world.advance(600)
    Lag(lagging, 4).arm(world)
    first, second = world.stack(), world.stack("second")
    assert first.create(adopting(tagged, theirs)) == "CREATE_COMPLETE"
    assert first.delete() == "DELETE_COMPLETE"

    assert second.create(adopting(tagged, theirs)) == "CREATE_COMPLETE"
    assert second.physical_id(THING) == theirs


def test_a4_what_differs_in_what_cannot_be_changed_is_left_alone(world: World, tagged: Case) -> None:
    theirs = tagged.create_theirs(world, EXISTING)
    before = world.record(theirs)
    stack = world.stack()

    assert stack.create(adopting(tagged, theirs, name="another")) == "ROLLBACK_COMPLETE"

    assert f"is not as the template says: {tagged.spec.name_field} differs" in stack.why(THING)
    assert world.record(theirs) == before


def test_a4_another_query_is_another_channel(world: World) -> None:
    theirs = CHANNEL.create_theirs(world, EXISTING)
    changed = adopting(CHANNEL, theirs)
    query = changed["Resources"][THING]["Properties"]["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    query["sqlParameters"] = {"queryString": "SELECT email FROM others"}
    stack = world.stack()

    assert stack.create(changed) == "ROLLBACK_COMPLETE"

    assert "is not as the template says: inputChannel differs" in stack.why(THING)
    assert "email" not in stack.why(THING)
    assert OWNERSHIP_TAG_KEY not in world.record(theirs)["tags"]


def test_a4_what_is_not_active_is_left_alone(world: World, tagged_run: Case) -> None:
    world.emulator.order_run(RunOrder(tagged_run.spec.kind, status_code="INTERNAL_ERROR", message="no"))
    theirs = tagged_run.create_theirs(world, EXISTING)
    stack = world.stack()

    assert stack.create(adopting(tagged_run, theirs)) == "ROLLBACK_COMPLETE"

    assert "is CREATE_FAILED: adopt_existing takes over what is ACTIVE" in stack.why(THING)
    assert OWNERSHIP_TAG_KEY not in world.record(theirs)["tags"]


def test_a4_what_is_not_there_or_no_such_resource_is_said(world: World) -> None:
    theirs = MODEL.create_theirs(world, EXISTING)
    missing, other = world.stack("missing"), world.stack("other")

    assert missing.create(adopting(MODEL, theirs[:-4] + "0000")) == "ROLLBACK_COMPLETE"
    assert "0000 does not exist: adopt_existing takes over what is there already" in missing.why(THING)
    assert other.create(adopting(CHANNEL, theirs)) == "ROLLBACK_COMPLETE"
    assert f"adopt_existing is {theirs}, which is no MLInputChannel" in other.why(THING)
    assert world.calls("TagResource") == 0


def test_a4_a_kind_without_tags_cannot_be_taken_over(world: World, untagged: Case) -> None:
    theirs = untagged.create_theirs(world, EXISTING)
    stack = world.stack()

    assert stack.create(adopting(untagged, theirs)) == "ROLLBACK_COMPLETE"
    assert "has no tags, and adopt_existing needs one" in stack.why(THING)


def test_a5_a_replacement_that_takes_over_is_rolled_back(world: World, tagged: Case) -> None:
    theirs = tagged.create_theirs(world, EXISTING)
    stack = world.stack()
    stack.create(tagged.template(OTHER))
    own = stack.physical_id(THING)

    assert stack.update(adopting(tagged, theirs, OTHER, failing(THING))) == "UPDATE_ROLLBACK_COMPLETE"

    assert stack.physical_id(THING) == own
    assert OWNERSHIP_TAG_KEY not in world.record(theirs)["tags"]
    assert OWNERSHIP_TAG_KEY in world.record(own)["tags"]


def test_a5_a_replacement_that_takes_over_deletes_what_it_replaces(world: World, tagged: Case) -> None:
    theirs = tagged.create_theirs(world, EXISTING)
    stack = world.stack()
    stack.create(tagged.template(OTHER, **tagged.facts.create_only))
    own = stack.physical_id(THING)

    assert stack.update(adopting(tagged, theirs, OTHER)) == "UPDATE_COMPLETE"

    assert stack.physical_id(THING) == theirs
    assert own not in {record["arn"] for record in world.leftovers()}
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    assert OWNERSHIP_TAG_KEY not in world.record(theirs)["tags"]


def test_a5_the_same_resource_under_another_name_is_refused(world: World) -> None:
    """A rollback could not tell the two apart."""
    theirs = MODEL.create_theirs(world, EXISTING)
    stack = world.stack()
    stack.create(MODEL.template(OTHER, name="own"))
    own = stack.physical_id(THING)
    update = adopting(MODEL, theirs, OTHER, name="own")

    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"

    assert f"adopt_existing names {theirs}, but {THING} is {own}" in " ".join(
        exchange.answer.reason for exchange in stack.sent("Update", THING) if exchange.answer
    )
    assert stack.physical_id(THING) == own
    assert OWNERSHIP_TAG_KEY not in world.record(theirs)["tags"]


def test_a5_after_its_replacement_was_rolled_back_it_is_still_the_stacks(world: World, tagged: Case) -> None:
    theirs = tagged.create_theirs(world, EXISTING)
    stack = world.stack()
    stack.create(adopting(tagged, theirs, OTHER))
    replaced = tagged.template(OTHER, failing(THING), name="replacement", **tagged.facts.create_only)

    assert stack.update(replaced) == "UPDATE_ROLLBACK_COMPLETE"

    assert stack.physical_id(THING) == theirs
    assert OWNERSHIP_TAG_KEY in world.record(theirs)["tags"]
    assert {record["arn"] for record in world.leftovers()} <= {theirs, stack.physical_id("Other")}


@pytest.mark.parametrize("is_replacement", [False, True], ids=["new stack", "replacement"])
@pytest.mark.parametrize("number", range(1, 33, 2))
def test_a2_a_worker_that_dies_at_any_call_deletes_nothing_and_gives_back(
    world: World, number: int, is_replacement: bool
) -> None:
    theirs = MODEL.create_theirs(world, EXISTING)
    stack = world.stack()
    if is_replacement:
        stack.create(MODEL.template(OTHER))
    own = stack.resources[THING].physical_id if is_replacement else ""
    world.crash_at(len(world.wire.calls) + number, after=number % 4 == 1)
    wanted = adopting(MODEL, theirs, OTHER, failing(THING, "Other"), description="ours")
    status = stack.update(wanted) if is_replacement else stack.create(wanted)
    world.settle()

    assert status == ("UPDATE_ROLLBACK_COMPLETE" if is_replacement else "ROLLBACK_COMPLETE")
    assert OWNERSHIP_TAG_KEY not in world.record(theirs)["tags"]
    assert world.record(theirs)["status"] == "ACTIVE"
    if is_replacement:
        assert stack.physical_id(THING) == own
