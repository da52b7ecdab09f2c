"""Reads that show what was there before an earlier change: U20, and others of the lifecycle contract."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from botocore.awsrequest import AWSPreparedRequest

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_handlers.shared_names import ADOPT_EXISTING
from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY
from cleanrooms_ml_simulator.behaviors import ClockBehind, ExecutionsLag, Lag, stop_workers
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import CASES, JOB, LONG_RUNNING, MODEL, TAG, THING, Case, failing
from cleanrooms_ml_simulator.lifecycle.kinds import document
from cleanrooms_ml_simulator.templates import (
    Resources,
    configured_audience_model,
    free_model_arn,
    retaining,
    template,
    watched,
)
from cleanrooms_ml_simulator.wire import Ask, Call, Reply
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import OTHER
from .test_order import Sender, properties_of
from .test_overlap import slow

POLICY = next(case for case in CASES if str(case) == "ConfiguredAudienceModelPolicy")
OF_MODEL = {"configuredAudienceModelArn": free_model_arn(0)}
# Longer than a job takes to fail, and its rollback to begin.
LATE_SECONDS = 20


def late(world: World) -> None:
    """Every read is late from now on."""
    for reads in ("Get", "Tags"):
        Lag(reads, LATE_SECONDS).arm(world)


def refused(world: World, case: Case) -> Resources:
    """Fails an update at once, when that of a resource is done: one of another kind that is not created."""
    other = JOB if case == MODEL else MODEL
    world.emulator.add_fault(Fault(other.spec.create, error_code="ValidationException"))
    resources = other.resources("Refused")
    return {"Refused": {**resources["Refused"], "DependsOn": [THING]}}


def accounts(world: World) -> list[str]:
    """The accounts in the model's policy."""
    policy = world.call("GetConfiguredAudienceModelPolicy", **OF_MODEL)["configuredAudienceModelPolicy"]
    return [statement["Principal"]["AWS"].split(":")[4] for statement in json.loads(policy)["Statement"]]


def test_u20_a_rollback_restores_tags_although_reads_show_them_unchanged(world: World, tagged: Case) -> None:
    stack = world.stack()
    stack.create(tagged.template(tags=TAG))
    world.advance(3600)
    before = world.record(stack.physical_id(THING))["tags"]
    late(world)
    changed = template(tagged.resources(tags={"stage": "test"}), refused(world, tagged))
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert world.record(stack.physical_id(THING))["tags"] == before


def test_u20_tags_that_were_refused_need_no_call_to_be_rolled_back(world: World, tagged: Case) -> None:
    stack = world.stack()
    stack.create(tagged.template(tags=TAG))
    world.advance(3600)
    for operation in ("TagResource", "UntagResource"):
        world.emulator.add_fault(Fault(operation, count=ALWAYS, error_code="ValidationException"))
    assert stack.update(tagged.template(tags={"stage": "test"})) == "UPDATE_ROLLBACK_COMPLETE"
    assert world.record(stack.physical_id(THING))["tags"].items() >= TAG.items()


def test_u20_a_rollback_restores_members_although_reads_show_them_unchanged(world: World, changeable: Case) -> None:
    stack = world.stack()
    stack.create(changeable.template(**changeable.changeable))
    world.advance(3600)
    late(world)
    changed = template(changeable.resources(**changeable.changed), refused(world, changeable))
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    world.advance(LATE_SECONDS)
    shown = changeable.shown(world.record(stack.physical_id(THING)))
    assert {key: shown[key] for key in changeable.changeable} == dict(changeable.changeable)


def written_by_both(world: World, policy: Case) -> tuple[Stack, Stack]:
    """Two stacks with statements in one document; what the second wrote does not show yet."""
    stack, other = world.stack(), world.stack("other")
    stack.create(policy.template())
    world.advance(3600)
    late(world)
    theirs = document("777788889999")
    assert other.create(policy.template(configuredAudienceModelPolicy=theirs)) == "CREATE_COMPLETE"
    return stack, other


@pytest.mark.parametrize("policy", [POLICY], ids=str)
def test_c11_a_document_that_others_wrote_into_a_moment_ago_is_not_deleted(world: World, policy: Case) -> None:
    stack, _ = written_by_both(world, policy)
    assert stack.delete() == "DELETE_COMPLETE"
    world.advance(LATE_SECONDS)
    assert accounts(world) == ["777788889999"]


@pytest.mark.parametrize("policy", [POLICY], ids=str)
def test_u15_a_document_that_is_not_the_one_that_was_read_is_read_again(world: World, policy: Case) -> None:
    stack, other = written_by_both(world, policy)
    assert stack.update(policy.template(**policy.changeable)) == "UPDATE_COMPLETE"
    assert other.delete() == "DELETE_COMPLETE"
    world.advance(LATE_SECONDS)
    assert sorted(accounts(world)) == ["444455556666", "777788889999"]


@pytest.mark.parametrize("policy", [POLICY], ids=str)
def test_d2_a_document_that_the_service_would_not_take_again_is_deleted(world: World, policy: Case) -> None:
    stack = world.stack()
    stack.create(policy.template())
    world.emulator.add_fault(Fault(policy.spec.create, count=ALWAYS, error_code="ValidationException"))
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.records(str(policy))


def test_u10_a_rollback_returns_to_a_record_with_the_users_name(world: World, untagged: Case) -> None:
    stack = world.stack()
    stack.create(untagged.template(name="one"))
    before, created = stack.physical_id(THING), world.created()
    world.advance(3600)
    other = untagged.resources(name="other", **untagged.facts.create_only)
    assert stack.update(template(other, failing(THING))) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == before
    assert stack.update(untagged.template(name="other", **untagged.facts.create_only)) == "UPDATE_COMPLETE"
    assert len(set(world.created(str(untagged)))) == len(set(created)) + 1
    assert stack.update(untagged.template(name="one")) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == before


def test_u10_a_list_that_lacks_the_own_execution_may_lack_the_update_that_is_undone(world: World, named: Case) -> None:
    Lag("List", LATE_SECONDS).arm(world)
    ExecutionsLag(LATE_SECONDS, is_uneven=True).arm(world)
    stack = world.stack()
    stack.create(named.template(**named.run(1)))
    old = stack.physical_id(THING)
    other = template(named.resources(**named.run(2)), refused(world, named))
    assert stack.update(other) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    world.settle()
    assert not world.audit()


def test_c15_what_seems_to_be_of_this_request_has_what_is_asked_for(world: World, named: Case) -> None:
    ClockBehind(-8).arm(world)
    stack = world.stack()
    others = configured_audience_model("Other")
    kept = template(retaining(named.resources(tags=TAG, **named.changeable)), others)
    stack.create(kept)
    arn = stack.physical_id(THING)
    stack.update(template(others))
    changed = template(named.resources(tags={"team": "others"}, **named.changed), others)
    assert stack.update(changed) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == arn
    record = world.record(arn)
    assert {key: record["data"][key] for key in named.changed} == dict(named.changed)
    assert not named.tags or record["tags"]["team"] == "others"


def test_u10_a_record_of_another_run_with_the_users_name_is_not_returned_to(world: World, untagged: Case) -> None:
    stack = world.stack()
    stack.create(untagged.template(name="one", **untagged.run(1)))
    other = untagged.template(name="other", **untagged.run(1))
    assert stack.update(other) == "UPDATE_COMPLETE"
    world.advance(3600)
    assert stack.update(untagged.template(name="one", **untagged.run(2))) == "UPDATE_ROLLBACK_COMPLETE"
    assert "exists already" in stack.why(THING)


def adopting(case: Case, theirs: str) -> Resources:
    """A construct that takes over a resource of this name, and waits for nothing."""
    resources = case.resources(name="existing")
    resources = watched(resources, THING) if case.spec.long_running else resources
    resources[THING]["Properties"].setdefault("Settings", {})[ADOPT_EXISTING] = theirs
    return resources


def test_a2_a_deletion_gives_back_what_does_not_show_yet_that_it_was_taken_over(world: World, tagged: Case) -> None:
    theirs = tagged.create_theirs(world, "existing")
    world.advance(3600)
    late(world)
    stack = world.stack()
    assert stack.create(template(adopting(tagged, theirs))) == "CREATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert OWNERSHIP_TAG_KEY not in world.record(theirs)["tags"]
    assert not world.leftovers(exclude=[theirs])


def test_a1_what_was_taken_over_is_the_stacks_although_its_tag_does_not_show_yet(
    world: World, tagged_run: Case
) -> None:
    theirs = tagged_run.create_theirs(world, "existing")
    world.advance(3600)
    late(world)
    starts = 0

    def refuse_the_watch(call: Call, _request: AWSPreparedRequest, ask: Ask) -> Reply:
        nonlocal starts
        starts += call.operation == "StartExecution"
        # The first one is that of the request.
        return (500, {}, b"{}") if call.operation == "StartExecution" and starts == 2 else ask()

    world.wire.layers.append(refuse_the_watch)
    stack = world.stack()
    assert stack.create(template(adopting(tagged_run, theirs))) == "CREATE_COMPLETE"
    assert stack.physical_id(THING) == theirs
    assert starts > 2


def test_u10_a_delete_that_had_ended_before_a_run_began_is_not_its_own(world: World, tagged_run: Case) -> None:
    stack = world.stack()
    stack.create(tagged_run.template(**tagged_run.run(9)))
    first = tagged_run.template(**tagged_run.run(1))
    deleted = stack.request(
        "Delete", THING, first["Resources"][THING]["Properties"], physical_id="app-Thing-1A2B3C4D5E6F"
    )
    assert deleted.answer is not None
    world.advance(11)
    assert stack.update(first) == "UPDATE_COMPLETE"
    old = stack.physical_id(THING)
    other = template(tagged_run.resources(**tagged_run.run(2)), failing(THING))
    assert stack.update(other) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old


@pytest.mark.parametrize("reads", ["List", "Get"])
@pytest.mark.parametrize(("seconds", "is_stopped"), [(25, False), (58, True)], ids=["ends by itself", "is stopped"])
def test_d13_a_delete_that_overtakes_a_create_in_its_last_call_leaves_nothing(
    world: World, deletable: Case, reads: Literal["List", "Get"], seconds: int, is_stopped: bool
) -> None:
    """What that creates shows later than the Delete looks for the first time."""
    Lag(reads, LATE_SECONDS).arm(world)
    stack = world.stack()
    stack.create(template(OTHER))
    slow(world, deletable.spec.create, seconds)
    if not is_stopped:
        # The Delete begins after the Create has been answered.
        world.after(3, lambda: stop_workers(world, seconds, throttled=True))
    world.after(3, stack.stop)
    assert stack.update(deletable.template(OTHER, tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    world.settle()
    assert len(world.created(deletable.spec.kind)) > (deletable.spec.kind == "ConfiguredAudienceModel")
    assert [record["arn"] for record in world.leftovers()] == [stack.physical_id("Other")]


@pytest.mark.parametrize("case", LONG_RUNNING, ids=str)
def test_u20_a_rollback_that_arrives_before_its_update_creates_nothing_although_reads_are_late(
    world: World, case: Case
) -> None:
    for reads in ("List", "Get", "Tags"):
        Lag(reads, 5).arm(world)
    stack = world.stack()
    # Nothing waits until it shows.
    assert stack.create(template({THING: case.template(**case.run(1))["Resources"][THING]})) == "CREATE_COMPLETE"
    old, before = stack.physical_id(THING), stack.resources[THING].properties
    sender = Sender(world, stack)
    after = properties_of(stack, case, **case.run(2))
    sender.send("Update", after, old=before, after=1.5)
    rollback = sender.send("Update", before, old=after)
    world.settle()
    assert rollback.answer is not None
    assert rollback.answer.physical_id == old
    # The update may have begun, and created its own.
    assert len(world.created(case.spec.kind)) <= 2
