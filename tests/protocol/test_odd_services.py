"""A service that refuses for a while, shows old answers, or is denied: C15, C17, U10, U15, U17, D18."""

from __future__ import annotations

import json

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_simulator.behaviors import Lag
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAG, THING, Case, failing
from cleanrooms_ml_simulator.lifecycle.overlaps import rollback_overtakes_update
from cleanrooms_ml_simulator.templates import configured_audience_model, ready, retaining, template, watched
from cleanrooms_ml_simulator.wire import Call, Reply
from cleanrooms_ml_simulator.world import World

OTHER = configured_audience_model("Other")
ASSOCIATION = next(case for case in CASES if str(case) == "ConfiguredAudienceModelAssociation")


def conflicts(world: World, operation: str, seconds: float) -> None:
    """An operation answers 409 for a while."""
    fault = Fault(operation, count=ALWAYS, error_code="ConflictException", http_status=409, message="busy")
    world.emulator.add_fault(fault)
    world.after(seconds, world.emulator.clear_faults)


def test_c15_a_retained_resource_that_comes_back_has_what_is_asked_for(world: World, named: Case) -> None:
    stack = world.stack()
    before = {**named.changeable, **named.changed}
    kept = named.template(OTHER, tags={"team": "others"}, **before)
    kept["Resources"] = retaining(kept["Resources"])
    stack.create(kept)
    arn = stack.physical_id(THING)
    stack.update(template(OTHER))
    assert stack.update(named.template(OTHER, tags=TAG, **named.changeable)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == arn
    record = world.record(arn)
    assert {key: record["data"][key] for key in named.changeable} == dict(named.changeable)
    assert record["tags"].items() >= named.tags.items()
    assert not world.audit()


def test_c15_a_member_that_is_no_longer_asked_for_is_cleared_when_it_comes_back(world: World, updatable: Case) -> None:
    stack = world.stack()
    kept = updatable.template(OTHER, **updatable.changeable)
    kept["Resources"] = retaining(kept["Resources"])
    stack.create(kept)
    arn = stack.physical_id(THING)
    stack.update(template(OTHER))
    assert stack.update(updatable.template(OTHER)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == arn
    assert not world.record(arn)["data"].get("description")


def test_c15_what_cannot_be_changed_is_created_anew(world: World, named: Case) -> None:
    stack = world.stack()
    kept = named.template(OTHER, **named.run(1))
    kept["Resources"] = retaining(kept["Resources"])
    stack.create(kept)
    arn = stack.physical_id(THING)
    stack.update(template(OTHER))
    assert stack.update(named.template(OTHER, **named.run(1), **named.facts.create_only)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) != arn


def test_c16_a_refused_tag_is_tried_again(world: World, tagged: Case) -> None:
    stack = world.stack()
    stack.create(tagged.template())
    conflicts(world, "TagResource", 600)
    assert stack.update(tagged.template(tags=TAG)) == "UPDATE_COMPLETE"
    assert world.record(stack.physical_id(THING))["tags"].items() >= TAG.items()


def test_c16_a_dead_run_that_could_not_be_marked_is_not_what_a_new_deployment_gets(
    world: World, expiring: Case
) -> None:
    stack = world.stack()
    stack.create(expiring.template(**expiring.run(1)))
    first = stack.physical_id(THING)
    world.emulator.add_fault(Fault("TagResource", count=ALWAYS, error_code="ConflictException", http_status=409))
    assert stack.update(expiring.template(**expiring.run(2))) == "UPDATE_COMPLETE"
    assert stack.update(expiring.template(**expiring.run(1))) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) != first
    assert world.record(stack.physical_id(THING))["status"] == "ACTIVE"


def test_c17_a_watch_that_cannot_be_started_costs_no_resource(world: World, run: Case) -> None:
    stack = world.stack()
    stack.create(template(OTHER))

    def refuse(call: Call, _ask: object) -> Reply | None:
        if call.operation != "StartExecution" or not world.created(str(run)):
            return None
        body = json.dumps({"__type": "StateMachineDeleting", "message": "not now"}).encode("utf-8")
        return 400, {"content-type": "application/x-amz-json-1.0"}, body

    def refuse_once_created(call: Call) -> None:
        if call.operation == run.spec.create:
            world.wire.stand_ins.append(refuse)

    world.wire.after.append(refuse_once_created)
    stack.watchers.append(lambda event: world.wire.stand_ins.clear() if event.status == "CREATE_FAILED" else None)
    assert stack.update(template(OTHER, watched(run.resources(), THING))) == "UPDATE_ROLLBACK_COMPLETE"
    [created] = [it.answer for it in stack.sent("Create", THING)]
    assert created is not None
    assert created.physical_id == world.created(str(run))[0]
    assert {record["arn"] for record in world.leftovers()} == {stack.physical_id("Other")}


@pytest.mark.parametrize("is_refused", [True, False], ids=["refused", "created"])
def test_u10_a_rollback_returns_to_an_old_one_that_the_list_does_not_show_yet(
    world: World, named: Case, is_refused: bool
) -> None:
    Lag("List", 20).arm(world)
    stack = world.stack()
    stack.create(named.template(**named.run(1), tags=TAG))
    old = stack.physical_id(THING)
    if is_refused:
        world.emulator.add_fault(Fault(named.spec.create, error_code="ValidationException"))
    others = () if is_refused else (failing(THING),)
    assert stack.update(named.template(*others, **named.run(2), tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    world.settle()
    assert not world.audit()


def test_u10_a_rollback_that_arrives_before_its_update_returns_to_an_old_one_that_is_not_listed_yet(
    world: World, named: Case
) -> None:
    Lag("List", 5).arm(world)
    hold, audit = rollback_overtakes_update(world, named, 1, 4)
    assert hold.held
    assert not audit


def test_u15_a_conflict_of_an_update_is_retried(world: World, changeable: Case) -> None:
    stack = world.stack()
    stack.create(changeable.template())
    conflicts(world, changeable.update, 900)
    assert stack.update(changeable.template(**changeable.changeable)) == "UPDATE_COMPLETE"
    [updated] = stack.sent("Update", THING)
    assert updated.seconds > 800
    assert not world.audit()


@pytest.mark.parametrize("association", [ASSOCIATION], ids=str)
def test_u17_attributes_are_those_after_the_update(world: World, association: Case) -> None:
    stack = world.stack()
    stack.create(association.template(name="first"))
    arn = stack.physical_id(THING)
    assert stack.update(association.template(name="second")) == "UPDATE_COMPLETE"
    assert stack.outputs["Name"] == "second"
    assert stack.update(association.template()) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == arn
    assert world.record(arn)["name"] == stack.outputs["Name"] not in ("first", "second")


def test_u17_every_optional_mutable_member_can_be_taken_away(changeable: Case) -> None:
    spec = changeable.spec
    if spec.update is None:
        # A put replaces everything.
        return
    model = service_model(spec.service)
    taken = {spec.update_names.get(key, key) for key in (*spec.cleared, *spec.presence_is_identity, spec.name_field)}
    required = set(model.shapes[model.operations[spec.create].input or ""].get("required", ()))
    required = {spec.update_names.get(key, key) for key in required}
    names = {spec.update_names.get(key, key) for key in model.input_members(spec.create)}
    assert set(model.input_members(spec.update)) & names - required - spec.identifier_members <= taken


def test_d18_tags_that_are_gone_before_the_record_do_not_fail_a_delete(world: World, tagged: Case) -> None:
    stack = world.stack()
    stack.create(tagged.template())
    world.advance(60)
    world.emulator.add_fault(Fault("ListTagsForResource", count=3, error_code="ResourceNotFoundException"))
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_d18_an_old_delete_failed_is_not_the_end_of_an_accepted_delete(world: World, deletable_run: Case) -> None:
    stack = world.stack()
    stack.create(deletable_run.template())
    arn = stack.physical_id(THING)
    world.emulator.order_run(RunOrder(str(deletable_run), phase="delete", status_code="BUSY", message="held back"))
    assert stack.delete() == "DELETE_FAILED"
    # The service accepts the second delete, and shows its record as it was for a while.
    seen: list[str] = []

    def linger(call: Call) -> None:
        if call.operation == deletable_run.delete and not seen:
            seen.append(call.operation)
            world.set_status(arn, "DELETE_FAILED")
            final = "INACTIVE" if "INACTIVE" in deletable_run.spec.statuses else ""
            world.after(12, lambda: world.set_status(arn, final) if final else world.emulator.forget(arn))

    world.wire.after.append(linger)
    assert stack.delete() == "DELETE_COMPLETE"
    assert seen


def test_d18_the_delete_of_a_wait_does_not_fail_for_what_it_may_not_see(world: World, run: Case) -> None:
    stack = world.stack()
    stack.create(run.template())
    world.emulator.add_fault(Fault(run.get, count=ALWAYS, error_code="AccessDeniedException"))
    answer = stack.request("Delete", ready(THING)).answer
    assert answer is not None
    assert answer.is_success
