"""The audit is tested: each thing that must never happen is counted when it happens, and only then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.spec import Cardinality
from cleanrooms_ml_simulator.audit import COUNTED, Audit
from cleanrooms_ml_simulator.behaviors import Lag
from cleanrooms_ml_simulator.cloudformation.change import CLEANUP_TRIES
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import CASES, CHANNEL, MODEL, TAG, THING, Case
from cleanrooms_ml_simulator.templates import (
    configured_audience_model,
    generation_job,
    ready,
    retaining,
    template,
    watched,
)
from cleanrooms_ml_simulator.world import World

SINGLETON = next(case for case in CASES if case.spec.cardinality is Cardinality.SINGLETON)
_MARKER = "/left"
_OWNER = "cdk-cleanrooms-ml:owner"


def deployed(world: World, case: Case = CHANNEL, **options: Any) -> Stack:
    """A stack with one resource, in which nothing is wrong."""
    stack = world.stack()
    assert stack.create(case.template(tags=TAG, **options)) == "CREATE_COMPLETE"
    world.settle()
    assert not world.audit(), str(world.audit())
    return stack


def found(world: World, counted: str) -> list[str]:
    """The sentences about one thing, and that there are none about anything else."""
    audit = world.audit()
    others = {name: getattr(audit, name) for name in COUNTED if name != counted and getattr(audit, name)}
    assert not others
    sentences: list[str] = getattr(audit, counted)
    return sentences


def test_every_list_of_an_audit_is_counted_and_named() -> None:
    for number, (name, words) in enumerate(COUNTED.items()):
        audit = Audit(**{name: ["one", "two"]})
        assert audit
        assert audit.counts[number] == sum(audit.counts) == 2
        assert f"{words} 2" in audit.summary
        assert str(audit) == "one\ntwo"


def test_a_request_without_an_answer_is_a_stack_that_waits(world: World) -> None:
    deployed(world).sent("Create", THING)[0].is_late = True
    assert found(world, "waiting") == ["app: Create of Thing got no answer in time"]


def test_what_no_stack_has_is_an_orphan_unless_it_was_retained(world: World) -> None:
    stack = deployed(world)
    resource = stack.resources.pop(THING)
    assert len(found(world, "orphans")) == 1
    stack.retained.append(resource)
    assert not world.audit()


def test_a_retained_resource_is_known_as_such(world: World) -> None:
    parts = CHANNEL.resources(tags=TAG)
    stack = world.stack()
    stack.create(template(retaining(parts)))
    stack.update(template())
    world.settle()
    assert [resource.logical_id for resource in stack.retained] == [THING, ready(THING)]
    assert not world.audit()


def test_what_was_retained_before_its_id_was_known_is_no_orphan_although_it_has_no_tags(world: World) -> None:
    export = next(case for case in CASES if not case.spec.is_taggable and case.spec.long_running)
    parts = export.resources()
    stack = world.stack()
    world.after(0.5, stack.stop)
    stack.create(template(retaining(parts)))
    world.settle()
    assert [record["kind"] for record in world.leftovers()] == [str(export)]
    assert not world.audit()
    stack.retained.clear()
    assert len(found(world, "orphans")) == 1


def test_what_a_stack_reported_as_left_stays_so_when_another_stack_was_refused_the_same_singleton(world: World) -> None:
    other = configured_audience_model("Other")
    stack = world.stack()
    stack.create(SINGLETON.template(other))
    world.emulator.add_fault(Fault(SINGLETON.get, count=CLEANUP_TRIES, error_code="ValidationException"))
    assert stack.update(template(other)) == "UPDATE_COMPLETE"
    assert world.stack("second").create(SINGLETON.template()) == "ROLLBACK_COMPLETE"
    world.settle()
    assert not world.audit()
    assert len(world.audit().reported) == 1
    # What nobody reported is an orphan.
    for exchange in stack.sent("Delete", THING):
        exchange.is_late = True
    assert len(world.audit().orphans) == 1


def test_a_request_that_was_processed_twice_is_a_duplicate(world: World) -> None:
    deployed(world)
    caller = next(call for call in world.wire.callers.values() if call.operation == CHANNEL.spec.create)
    CHANNEL.create_theirs(world, "second")
    world.wire.callers[world.emulator.journal[-1].number] = caller
    assert len(found(world, "duplicates")) == 1


def test_false_answers_are_counted_when_they_arrive(world: World) -> None:
    stack = deployed(world)
    exchange, waiting = stack.sent("Create", THING)[0], stack.sent("Create", ready(THING))[0]
    world.set_status(stack.physical_id(THING), "CREATE_IN_PROGRESS")
    world._auditor.witness(waiting)
    assert found(world, "false_successes") == [
        f"Create of {waiting.logical_id} was answered SUCCESS, but {stack.attribute(THING, 'Name')} is "
        "CREATE_IN_PROGRESS"
    ]
    world.set_tags(stack.physical_id(THING), {"team": "others"})
    world._auditor.witness(exchange)
    assert "its tags team are not what was asked" in world.audit().false_successes[1]
    world.emulator.forget(stack.physical_id(THING))
    world._auditor.witness(exchange)
    assert "is not there" in world.audit().false_successes[2]


@pytest.mark.parametrize("failure", ["", "INTERNAL_ERROR"])
def test_the_end_of_a_run_that_nothing_waits_for_is_an_event(world: World, failure: str) -> None:
    world.emulator.order_run(RunOrder(str(CHANNEL), seconds=100, status_code=failure, message="no"))
    stack = world.stack()
    assert stack.create(template(watched(CHANNEL.resources(tags=TAG), THING))) == "CREATE_COMPLETE"
    # It has not ended yet.
    assert not world.audit()
    world.settle()
    assert json.loads(world.wire.bus[0]["Detail"])["arn"] == stack.physical_id(THING)
    assert not world.audit()
    world.wire.bus.clear()
    [sentence] = found(world, "lost_events")
    assert sentence.endswith("and no event says so")


def test_a_run_is_to_be_reported_from_the_update_on_that_asks_for_it(world: World) -> None:
    stack = deployed(world)
    assert stack.update(template(watched(CHANNEL.resources(tags=TAG), THING))) == "UPDATE_COMPLETE"
    world.settle()
    assert not world.audit()
    world.wire.bus.clear()
    assert len(found(world, "lost_events")) == 1


def test_a_retained_run_is_to_be_reported_until_its_stack_is_deleted(world: World) -> None:
    stack = world.stack()
    stack.create(template(retaining(watched(CHANNEL.resources(tags=TAG), THING))))
    stack.update(template())
    world.settle()
    assert not world.audit()
    world.wire.bus.clear()
    [sentence] = found(world, "lost_events")
    assert "which app retained" in sentence
    stack.delete()
    assert not world.audit()


def test_a_ready_that_does_not_report_what_it_saw_has_lost_an_event(world: World) -> None:
    given = CHANNEL.template(tags=TAG)
    given["Resources"][ready(THING)]["Properties"]["Settings"] = {"EventFor": THING}
    stack = world.stack()
    assert stack.create(given) == "CREATE_COMPLETE"
    assert not world.audit()
    world.wire.bus.clear()
    world._auditor.witness(stack.sent("Create", ready(THING))[0])
    assert len(found(world, "lost_events")) == 1


def test_a_run_with_a_ready_needs_no_event(world: World) -> None:
    deployed(world)
    world.wire.bus.clear()
    assert not world.audit()


@pytest.mark.parametrize("lag", [3, 0])
def test_a_wait_cannot_know_what_reads_do_not_show_yet(world: World, lag: int) -> None:
    if lag:
        Lag("Get", lag).arm(world)
    run = generation_job(THING)
    stack = world.stack()
    stack.create(template(watched(run, THING)))
    world.settle()
    world.set_status(stack.physical_id(THING), "ARCHIVED")
    status = stack.update(template(run))
    assert status == ("UPDATE_COMPLETE" if lag else "UPDATE_ROLLBACK_COMPLETE")
    assert not world.audit()


def test_what_a_stack_holds_must_not_be_deleted_by_the_functions(world: World) -> None:
    stack = deployed(world, MODEL)
    caller = next(call for call in world.wire.callers.values() if call.operation == MODEL.spec.create)
    arn = stack.physical_id(THING)
    world.call(MODEL.delete, configuredAudienceModelArn=arn)
    # Somebody else did.
    assert not world.audit()
    world.wire.callers[world.emulator.journal[-1].number] = caller
    assert found(world, "live_deleted") == [f"{arn}, which Thing of app holds, was deleted"]


def test_what_a_stack_holds_must_not_be_marked_for_deletion(world: World) -> None:
    stack = deployed(world)
    arn = stack.physical_id(THING)
    world.set_tags(arn, {_OWNER: world.record(arn)["tags"][_OWNER] + _MARKER})
    assert found(world, "live_deleted") == [f"{arn}, which Thing of app holds, is marked for deletion"]


def test_what_was_to_be_deleted_is_not_held_any_more(world: World) -> None:
    stack = deployed(world, MODEL)
    held = dict(stack.resources)
    assert stack.delete() == "DELETE_COMPLETE"
    stack.resources.update(held)
    assert not world.audit()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"description": "another"}, "its description is 'another', not 'one'"),
        ({"tags": {"team": "others"}}, "its tags team are not what was asked"),
    ],
)
def test_what_the_service_has_must_be_what_the_stack_says(world: World, change: Mapping[str, Any], words: str) -> None:
    stack = deployed(world, MODEL, description="one")
    record = world.emulator.state.world.records[stack.physical_id(THING)]
    record.tags.update(change.get("tags", {}))
    record.data.update({key: value for key, value in change.items() if key != "tags"})
    [sentence] = found(world, "false_properties")
    assert sentence.endswith(f"is not what the stack says: {words}")


def test_what_an_update_removes_must_be_gone(world: World) -> None:
    stack = deployed(world, MODEL, description="one")
    assert stack.update(MODEL.template()) == "UPDATE_COMPLETE"
    world.settle()
    assert not world.audit()
    record = world.emulator.state.world.records[stack.physical_id(THING)]
    record.data["description"] = "one"
    assert found(world, "false_properties")[0].endswith("its description is 'one', which the stack does not have")
    record.data["description"] = ""
    record.tags.update(TAG)
    assert found(world, "false_properties")[0].endswith("it has the tags team, which the stack does not have")


def test_what_was_adopted_may_have_tags_of_its_own(world: World) -> None:
    stack = world.stack()
    first, second = (MODEL.template(**MODEL.run(number), tags=TAG) for number in (1, 2))
    for kept in (first, second):
        kept["Resources"][THING] |= {"UpdateReplacePolicy": "Retain"}
    stack.create(first)
    retained = stack.physical_id(THING)
    assert stack.update(second) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) != retained
    world.advance(60)
    # It replaces one with the same tag, but that is another resource.
    assert stack.update(MODEL.template(**MODEL.run(1))) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == retained
    world.settle()
    assert world.record(retained)["tags"].items() >= TAG.items()
    assert not world.audit()


def test_attributes_must_be_those_of_the_resource(world: World) -> None:
    stack = deployed(world, MODEL, name="one")
    world.emulator.state.world.records[stack.physical_id(THING)].data["name"] = "two"
    assert found(world, "false_properties")[0].endswith("its name is two, not one")
    stack.resources[THING].properties = {**stack.resources[THING].properties, "name": "two"}
    assert found(world, "false_properties")[0].endswith("Name is 'one', not 'two'")


def test_tags_of_another_resource_are_not_missed_after_the_rollback_of_a_replacement(world: World) -> None:
    stack = world.stack()
    extra = {"one": "1", "two": "2"}
    for number, tags in ((1, extra), (2, TAG), (1, TAG)):
        kept = MODEL.template(**MODEL.run(number), tags=tags)
        for resource in kept["Resources"].values():
            resource |= {"UpdateReplacePolicy": "Retain"}
        stack.update(kept) if stack.status else stack.create(kept)
        world.advance(60)
    assert not world.audit()
    # What it adopted keeps those tags, and another resource would have had the same.
    world.emulator.add_fault(Fault(MODEL.spec.create, error_code="ValidationException"))
    assert stack.update(MODEL.template(**MODEL.run(3), tags=extra)) == "UPDATE_ROLLBACK_COMPLETE"
    assert world.record(stack.physical_id(THING))["tags"].keys() >= extra.keys()
    assert not world.audit()
