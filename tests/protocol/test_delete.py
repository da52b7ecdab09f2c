"""Delete: rules D1 to D3, D5 to D8 and D10 of the lifecycle contract, and D4."""

from __future__ import annotations

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_simulator.lifecycle.cases import LONG_RUNNING, TAG, THING, Case
from cleanrooms_ml_simulator.templates import (
    PROVIDED_MODEL_ARN,
    configured_audience_model,
    generation_job,
    ready,
    retaining,
    template,
)
from cleanrooms_ml_simulator.world import World


def test_d9_a_deleted_stack_leaves_nothing(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(tags=TAG))
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()
    assert not stack.resources


def test_d1_delete_waits_for_the_end(world: World, deletable_run: Case) -> None:
    kind = deletable_run.spec.kind
    world.emulator.durations = world.emulator.durations.changed(delete={kind: 120.0})
    stack = world.stack()
    stack.create(deletable_run.template())
    assert stack.delete() == "DELETE_COMPLETE"
    [deleted] = stack.sent("Delete", THING)
    assert deleted.seconds >= 120
    assert not world.leftovers()
    assert world.calls(deletable_run.delete) == 1


def test_d2_what_is_gone_already_counts_as_deleted(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    world.emulator.forget(stack.physical_id(THING))
    assert stack.delete() == "DELETE_COMPLETE"
    assert world.calls(case.delete) == 0


def test_d2_a_second_delete_succeeds_too(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    for _ in range(2):
        answer = stack.request("Delete", THING).answer
        assert answer is not None
        assert answer.is_success
    assert not world.leftovers()


def test_a_delete_right_after_the_create_of_what_does_not_show_yet_waits_for_it(world: World, case: Case) -> None:
    world.emulator.add_fault(Fault(case.spec.create, kind="not_found", not_found_seconds=15))
    stack = world.stack()
    resources = template({THING: case.resources()[THING]})
    stack.create(resources)
    assert stack.delete() == "DELETE_COMPLETE"
    world.advance(30)
    assert not world.leftovers()


def test_d3_an_expired_run_counts_as_deleted(world: World, expiring: Case) -> None:
    stack = world.stack()
    stack.create(expiring.template())
    world.expire(stack.physical_id(THING))
    assert stack.delete() == "DELETE_COMPLETE"
    assert world.calls(expiring.delete) == 0


def test_d4_create_works_again_after_delete(world: World, case: Case) -> None:
    stack = world.stack()
    other = configured_audience_model("Other")
    stack.create(case.template(other))
    first = stack.physical_id(THING)
    assert stack.update(template(other)) == "UPDATE_COMPLETE"
    assert stack.update(case.template(other)) == "UPDATE_COMPLETE"
    assert (stack.physical_id(THING) == first) == case.comes_back
    left = {stack.physical_id("Other"), *case.held(stack.physical_id(THING))}
    assert {record["arn"] for record in world.leftovers()} == left


@pytest.mark.parametrize("invented", ["app-Thing-1A2B3C4D5E6F", "none", "wait-0123456789"])
def test_d5_an_unknown_id_finds_what_has_the_ownership_tag(world: World, case: Case, invented: str) -> None:
    theirs = case.create_theirs(world)
    stack = world.stack()
    stack.create(case.template())
    answer = stack.request("Delete", THING, physical_id=invented).answer
    assert answer is not None
    assert answer.is_success
    assert answer.physical_id == invented
    assert [record["arn"] for record in world.leftovers()] == case.held(theirs)


def test_an_unknown_id_is_success_if_nothing_was_created(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    stack.request("Delete", THING)
    answer = stack.request("Delete", THING, physical_id="app-Thing-1A2B3C4D5E6F").answer
    assert answer is not None
    assert answer.is_success


def test_the_twin_in_another_stack_is_not_touched(world: World, named: Case) -> None:
    stack, twin = world.stack("app"), world.stack("twin")
    stack.create(named.template())
    assert twin.create(named.template()) == "CREATE_COMPLETE"
    answer = stack.request("Delete", THING, physical_id="app-Thing-1A2B3C4D5E6F").answer
    assert answer is not None
    assert [record["arn"] for record in world.leftovers()] == named.held(twin.physical_id(THING))
    assert twin.delete() == "DELETE_COMPLETE"


def test_d6_a_conflict_is_retried(world: World, deletable: Case) -> None:
    stack = world.stack()
    stack.create(deletable.template())
    world.emulator.add_fault(Fault(deletable.delete, count=20, error_code="ConflictException", message="in use"))
    assert stack.delete() == "DELETE_COMPLETE"
    # A second after each conflict.
    assert stack.sent("Delete", THING)[0].seconds >= 20
    assert not world.leftovers()


def test_a_conflict_with_what_depends_on_it_is_retried(world: World) -> None:
    stack = world.stack()
    stack.create(template(configured_audience_model(THING)))
    job = world.call(
        "StartAudienceGenerationJob",
        name="theirs",
        configuredAudienceModelArn=stack.physical_id(THING),
        seedAudience={
            "dataSource": {"s3Uri": "s3://seeds/seed.jsonl"},
            "roleArn": "arn:aws:iam::000000000000:role/theirs",
        },
    )["audienceGenerationJobArn"]
    world.after(300, lambda: world.call("DeleteAudienceGenerationJob", audienceGenerationJobArn=job))
    assert stack.delete() == "DELETE_COMPLETE"
    [deleted] = stack.sent("Delete", THING)
    assert 300 < deleted.seconds < 340


def test_a_conflict_that_does_not_end_fails_before_cloudformation_gives_up(world: World) -> None:
    stack = world.stack()
    stack.create(template(configured_audience_model(THING)))
    world.emulator.add_fault(
        Fault("DeleteConfiguredAudienceModel", count=1000, error_code="ConflictException", message="in use by a job")
    )
    assert stack.delete() == "DELETE_FAILED"
    assert "ConflictException: in use by a job" in stack.why(THING)
    [deleted] = stack.sent("Delete", THING)
    assert deleted.seconds < 3600
    world.emulator.clear_faults()
    assert stack.delete() == "DELETE_COMPLETE"


def test_d7_a_run_in_progress_is_awaited_then_deleted(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=300))
    stack = world.stack()
    stack.create(template({THING: run.resources()[THING]}))
    assert stack.delete() == "DELETE_COMPLETE"
    [deleted] = stack.sent("Delete", THING)
    if run.spec.cancel is None:
        assert deleted.seconds > 290
    if run.spec.cancel or run.delete:
        assert world.calls(run.spec.cancel or run.delete) >= 1
    assert not world.leftovers()


def test_d8_success_is_answered_only_when_the_service_agrees(world: World, deletable_run: Case) -> None:
    kind = deletable_run.spec.kind
    world.emulator.order_run(RunOrder(kind, phase="delete", count=2, status_code="BUSY", message="held back"))
    stack = world.stack()
    stack.create(deletable_run.template())
    assert stack.delete() == "DELETE_FAILED"
    assert "is DELETE_FAILED: BUSY held back" in stack.why(THING)
    assert world.leftovers()
    assert stack.delete() == "DELETE_FAILED"
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_l3_what_could_not_be_deleted_is_never_reported_as_deleted(world: World, deletable: Case) -> None:
    stack = world.stack()
    stack.create(deletable.template())
    refused = Fault(deletable.delete, count=1000, error_code="ValidationException", message="not now")
    world.emulator.add_fault(refused)
    assert stack.delete() == "DELETE_FAILED"
    assert "ValidationException: not now" in stack.why(THING)
    assert [record["arn"] for record in world.leftovers()] == [stack.physical_id(THING)]
    world.emulator.clear_faults()
    world.emulator.add_fault(Fault(deletable.delete, count=3, kind="drop_before"))
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.audit()


def test_a_lost_reply_to_a_delete_does_no_harm(world: World, deletable: Case) -> None:
    world.emulator.add_fault(Fault(deletable.delete, kind="drop_after"))
    world.emulator.add_fault(Fault(deletable.delete, kind="lost_reply"))
    stack = world.stack()
    stack.create(deletable.template())
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_d10_delete_does_not_need_properties_that_this_version_knows(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    resource = stack.resources[THING]
    old = {"ServiceToken": resource.properties["ServiceToken"], "FormerName": ["of", "something"], "tags": "none"}
    answer = stack.request("Delete", THING, old).answer
    assert answer is not None
    assert answer.is_success
    assert not world.leftovers()


def test_a_deletion_begins_with_the_deletion_marker(world: World, deletable_run: Case) -> None:
    kind = deletable_run.spec.kind
    world.emulator.durations = world.emulator.durations.changed(delete={kind: 120.0})
    stack = world.stack()
    stack.create(deletable_run.template())
    assert stack.update(template(configured_audience_model("Other"))) == "UPDATE_COMPLETE"
    operations = [entry.operation for entry in world.emulator.journal if entry.arn in world.created(kind)]
    assert operations.index("TagResource") < operations.index(deletable_run.delete)


def test_the_delete_of_ready_calls_nothing_that_changes(world: World, run: Case) -> None:
    stack = world.stack()
    stack.create(run.template())
    before = world.mutations()
    answer = stack.request("Delete", ready(THING)).answer
    assert answer is not None
    assert answer.is_success
    assert world.mutations() == before


def test_a_retained_resource_stays(world: World, case: Case) -> None:
    stack = world.stack()
    kept = case.template()
    kept["Resources"] = retaining(kept["Resources"])
    stack.create(kept)
    arn = stack.physical_id(THING)
    assert stack.delete() == "DELETE_COMPLETE"
    assert [record["arn"] for record in world.leftovers()] == case.held(arn)
    assert world.record(arn)["status"] in ("ACTIVE", "")


def test_deletes_go_in_reverse_order(world: World) -> None:
    stack = world.stack()
    model = configured_audience_model("Model")
    stack.create(template(model, generation_job("Job", model={"Fn::GetAtt": ["Model", "Arn"]})))
    assert stack.delete() == "DELETE_COMPLETE"
    order = [it.logical_id for it in stack.exchanges if it.kind == "Delete"]
    assert order == ["JobReady", "Job", "Model"]
    assert PROVIDED_MODEL_ARN in [record["arn"] for record in world.emulator.records()]


@pytest.mark.parametrize("run", [case for case in LONG_RUNNING if case.spec.cancel], ids=str)
def test_a_run_in_progress_is_canceled_when_it_is_deleted(world: World, run: Case) -> None:
    stack = world.stack()
    world.emulator.order_run(RunOrder(str(run), seconds=100_000))
    world.after(60, stack.stop)
    assert stack.create(run.template()) == "ROLLBACK_COMPLETE"
    [deleted] = stack.sent("Delete", THING)
    assert deleted.seconds < 300
    assert world.calls(run.spec.cancel or "") == 1
    assert not world.leftovers()
