"""Replacement and its rollback: rules U2, U8, U10, U13 and U14 of the lifecycle contract."""

from __future__ import annotations

import pytest
from botocore.exceptions import ConnectionClosedError

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.history import LISTING_SECONDS
from cleanrooms_ml_simulator.behaviors import stop_workers
from cleanrooms_ml_simulator.cloudformation.resource import StackEvent
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import CASES, FAILING_LOGICAL_ID, JOB, TAG, THING, Case, failing
from cleanrooms_ml_simulator.templates import (
    configured_audience_model,
    generation_job,
    get,
    ready,
    template,
    watched,
)
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

AUDIENCE_MODEL = next(case for case in CASES if str(case) == "AudienceModel")


def status_of(world: World, arn: str) -> str:
    """A record's status; that of a record that is gone is empty."""
    return next((record["status"] for record in world.records() if record["arn"] == arn), "")


def deployed(world: World, case: Case) -> tuple[Stack, str]:
    """A stack with the kind's first run."""
    stack = world.stack()
    assert stack.create(case.template(**case.run(1), tags=TAG)) == "CREATE_COMPLETE"
    return stack, stack.physical_id(THING)


def test_u2_a_create_only_change_creates_a_new_one_and_the_cleanup_deletes_the_old(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    old = stack.physical_id(THING)
    assert stack.update(case.template(**case.facts.create_only)) == "UPDATE_COMPLETE"
    new = stack.physical_id(THING)
    assert world.created() == [old, new]
    assert [record["arn"] for record in world.leftovers()] == case.held(new)


def test_u2_the_old_one_stays_untouched_until_its_cleanup_delete(world: World, case: Case) -> None:
    stack, old = deployed(world, case)
    before = world.record(old)
    answer = stack.request("Update", THING, {**stack.resources[THING].properties, **case.run(2)}).answer
    assert answer is not None
    assert answer.is_success
    assert answer.physical_id == world.created()[1] != old
    assert world.record(old) == before


def test_a_new_run_id_creates_a_new_one_and_is_never_sent(world: World, named: Case) -> None:
    stack, old = deployed(world, named)
    assert stack.update(named.template(run_id="2", tags=TAG)) == "UPDATE_COMPLETE"
    assert world.created() == [old, stack.physical_id(THING)]
    assert all("RunId" not in entry.params for entry in world.emulator.journal)
    if named.spec.long_running:
        [waited] = stack.sent("Update", ready(THING))
        assert waited.event["ResourceProperties"]["Arn"] == stack.physical_id(THING)


def test_u2_what_is_replaced_is_not_taken_for_its_replacement(world: World, untagged: Case) -> None:
    stack, _ = deployed(world, untagged)
    begun = world.simulation.now
    assert stack.update(untagged.template(**untagged.run(2))) == "UPDATE_COMPLETE"
    [_, created] = world.emulator.journal.select(untagged.spec.create)
    assert created.time < begun + LISTING_SECONDS


def test_u10_a_replacement_rolled_back_after_the_new_one_was_active_finds_the_old_one(world: World, case: Case) -> None:
    stack, old = deployed(world, case)
    seen: list[str] = []

    def look(call: Call) -> None:
        if call.operation == "StartAudienceGenerationJob" and len(world.created(case.spec.kind)) > 1 and not seen:
            seen.append(status_of(world, world.created(case.spec.kind)[1]))

    world.wire.before.append(look)
    update = case.template(failing(case.last), **case.run(2), tags={"team": "ads"})
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    assert seen in (["ACTIVE"], [""] if not case.spec.statuses else [])
    kept, replaced, *others = [arn for arn in world.created() if arn not in ids_of(stack, FAILING_LOGICAL_ID)]
    assert (kept, others) == (old, [])
    assert status_of(world, old) == seen[0]
    assert replaced != old
    assert stack.physical_id(THING) == old
    assert world.record(old)["tags"].items() >= case.tags.items()
    assert [record["arn"] for record in world.leftovers()] == case.held(old)


def ids_of(stack: Stack, logical_id: str) -> set[str]:
    """Every id in the answers for a resource."""
    return {answer.physical_id for it in stack.exchanges if it.logical_id == logical_id for answer in it.answers}


def test_after_a_rolled_back_replacement_the_same_replacement_works(world: World, case: Case) -> None:
    stack, old = deployed(world, case)
    assert stack.update(case.template(failing(case.last), **case.run(2), tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.update(case.template(**case.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) != old
    assert (stack.physical_id(THING) in world.created(case.spec.kind)[:2]) == case.comes_back
    assert [record["arn"] for record in world.leftovers()] == case.held(stack.physical_id(THING))


def test_d8_the_cleanup_of_a_replacement_that_failed_before_deletes_the_old_one(world: World, case: Case) -> None:
    stack, old = deployed(world, case)
    # The rollback that follows is an Update to the old one, long after its creation.
    world.advance(60)
    world.emulator.add_fault(Fault(case.spec.create, error_code="ValidationException"))
    assert stack.update(case.template(**case.run(2), tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    assert stack.update(case.template(**case.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    assert [record["arn"] for record in world.leftovers()] == case.held(stack.physical_id(THING))
    assert not world.audit()


def test_u10_the_rollback_to_a_watched_run_that_failed_returns_it_and_creates_nothing(
    world: World, deletable_run: Case
) -> None:
    stack = world.stack()
    order = RunOrder(str(deletable_run), seconds=5, status_code="INTERNAL_ERROR", message="lost")
    world.emulator.order_run(order)
    assert stack.create(template(watched(deletable_run.resources(run_id="1"), THING))) == "CREATE_COMPLETE"
    failed = stack.physical_id(THING)
    world.advance(60)
    world.emulator.add_fault(Fault(deletable_run.spec.create, error_code="ValidationException"))
    update = template(watched(deletable_run.resources(run_id="2"), THING))
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == failed
    assert world.created(str(deletable_run)) == [failed]
    assert stack.update(update) == "UPDATE_COMPLETE"
    assert failed not in {record["arn"] for record in world.leftovers()}


@pytest.mark.parametrize("status", ["ARCHIVED", "DELETE_FAILED"])
def test_u10_a_rollback_returns_to_a_run_of_any_status_and_creates_nothing(
    world: World, deletable_run: Case, status: str
) -> None:
    stack = world.stack()
    assert stack.create(deletable_run.template(run_id="1")) == "CREATE_COMPLETE"
    old = stack.physical_id(THING)
    world.set_status(old, status)
    update = deletable_run.template(failing(ready(THING)), run_id="2")
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    assert len([arn for arn in world.created() if arn not in ids_of(stack, FAILING_LOGICAL_ID)]) == 2
    assert [record["arn"] for record in world.leftovers()] == [old]
    assert not world.audit()


def test_a_failed_new_run_is_replaced_by_the_old_one(world: World) -> None:
    stack = world.stack()
    stack.create(template(generation_job(THING)))
    old = stack.physical_id(THING)
    bad = template(generation_job(THING, seed="s3://seeds/too-small.jsonl"))
    assert stack.update(bad) == "UPDATE_ROLLBACK_COMPLETE"
    assert "SEED_TOO_SMALL" in stack.why(ready(THING))
    assert stack.physical_id(THING) == old
    assert [record["arn"] for record in world.leftovers()] == [old]
    assert len(world.created()) == 2


def test_u8_a_refused_replacement_keeps_the_id_and_leaves_nothing(world: World, case: Case) -> None:
    stack, old = deployed(world, case)
    world.emulator.add_fault(Fault(case.spec.create, error_code="ValidationException", message="not like this"))
    assert stack.update(case.template(**case.run(2), tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert ids_of(stack, THING) == {old}
    assert "ValidationException: not like this" in stack.why(THING)
    assert [record["arn"] for record in world.leftovers()] == case.held(old)


def test_u8_a_replacement_that_failed_without_its_id_deletes_what_it_created_first(world: World) -> None:
    stack, old = deployed(world, JOB)

    def cut_off(call: Call) -> None:
        if call.operation == JOB.spec.create:
            world.refuse(seconds=3320)
            raise ConnectionClosedError(endpoint_url="https://cleanrooms-ml.us-east-1.amazonaws.com/")

    world.wire.after.append(cut_off)
    updated = stack.request("Update", THING, {**stack.resources[THING].properties, "RunId": "2"})
    assert updated.answer is not None
    assert not updated.answer.is_success
    assert updated.answer.physical_id == old
    assert len(world.created()) == 2
    assert [record["arn"] for record in world.leftovers()] == [old]


def test_u13_a_replacement_canceled_before_its_id_was_known_is_undone(world: World, case: Case) -> None:
    stack, old = deployed(world, case)
    # Its answer is on the way when another resource fails.
    world.replies.faults += [500, 500, 500, 500]
    world.wire.before.append(lambda call: fail_late(world, call))
    wrong = configured_audience_model("Wrong", description="wrong")
    assert stack.update(case.template(wrong, **case.run(2), tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    [forward, back] = stack.sent("Update", THING)
    assert forward.was_cancelled
    assert back.physical_id == old
    assert stack.physical_id(THING) == old
    assert len(world.created(case.spec.kind)) == 2
    assert [record["arn"] for record in world.leftovers()] == case.held(old)


def test_u16_the_rollback_of_a_replacement_whose_run_goes_on_answers_at_once(world: World, unstoppable: Case) -> None:
    stack, old = deployed(world, unstoppable)
    world.emulator.order_run(RunOrder(str(unstoppable), seconds=20 * 3600))
    world.replies.faults += [500, 500, 500, 500]
    world.wire.before.append(lambda call: fail_late(world, call))
    wrong = configured_audience_model("Wrong", description="wrong")
    update = unstoppable.template(wrong, **unstoppable.run(2), tags=TAG)
    # The service can neither delete nor cancel the new run.
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    [_, back] = stack.sent("Update", THING)
    assert back.seconds < 120
    assert stack.physical_id(THING) == old
    world.advance(22 * 3600)
    assert [record["arn"] for record in world.leftovers()] == unstoppable.held(old)


def test_u16_the_same_replacement_after_its_rollback_is_a_new_run(world: World, deletable_run: Case) -> None:
    stack, old = deployed(world, deletable_run)
    world.emulator.order_run(RunOrder(str(deletable_run), seconds=20 * 3600))
    world.replies.faults += [500, 500, 500, 500]
    world.wire.before.append(lambda call: fail_late(world, call))
    wrong = configured_audience_model("Wrong", description="wrong")
    update = deletable_run.template(wrong, **deletable_run.run(2), tags=TAG)
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    world.wire.before.clear()
    assert stack.update(deletable_run.template(**deletable_run.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    new = stack.physical_id(THING)
    assert new not in (old, world.created(str(deletable_run))[1])
    world.advance(22 * 3600)
    assert [record["arn"] for record in world.leftovers()] == deletable_run.held(new)


def fail_late(world: World, call: Call) -> None:
    """Let the model with the logical id Wrong be refused, four seconds after everything else."""
    if call.invocation is not None and call.invocation.request.get("LogicalResourceId") == "Wrong":
        world.replies.faults.clear() if call.operation == "CreateConfiguredAudienceModel" else None
        if call.operation == "ListConfiguredAudienceModels":
            world.simulation.sleep(2)
            world.emulator.add_fault(Fault("CreateConfiguredAudienceModel", error_code="ValidationException"))


@pytest.mark.parametrize("run_seconds", [5, 500], ids=["just now", "long ago"])
def test_u14_the_rollback_to_a_run_that_expired_meanwhile_returns_it_and_creates_nothing(
    world: World, expiring: Case, run_seconds: float
) -> None:
    stack = world.stack()
    stack.create(expiring.template(run_id="1", timeout_seconds=300))
    old = stack.physical_id(THING)
    world.emulator.order_run(RunOrder("AudienceGenerationJob", seconds=run_seconds, status_code="TOO_FEW"))

    def expire(call: Call) -> None:
        if call.operation == "StartAudienceGenerationJob" and status_of(world, old) == "ACTIVE":
            world.expire(old)

    world.wire.before.append(expire)
    update = expiring.template(failing(ready(THING)), run_id="2", timeout_seconds=300)
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    assert status_of(world, old) == "INACTIVE"
    assert stack.physical_id(THING) == old
    assert len(world.created(expiring.spec.kind)) == 2
    assert not world.leftovers()


@pytest.mark.parametrize("status", ["INACTIVE", "CREATE_FAILED", "ARCHIVED"])
def test_u10_a_rollback_that_is_lost_returns_to_a_run_of_any_status(world: World, expiring: Case, status: str) -> None:
    stack = world.stack()
    stack.create(expiring.template(run_id="1", timeout_seconds=300))
    old = stack.physical_id(THING)
    world.set_status(old, status)

    def lose(event: StackEvent) -> None:
        if not event.logical_id and event.status == "UPDATE_ROLLBACK_IN_PROGRESS":
            # The step is tried for two minutes, its rescue for as long.
            stop_workers(world, 150, throttled=False)

    stack.watchers.append(lose)
    update = expiring.template(failing(ready(THING)), run_id="2", timeout_seconds=300)
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    assert len(world.created(expiring.spec.kind)) == 2
    assert len(stack.sent("Update", THING)) == 2


def test_a_cleanup_delete_has_the_old_properties_and_the_old_id(world: World, case: Case) -> None:
    stack, old = deployed(world, case)
    before = stack.resources[THING].properties
    stack.update(case.template(**case.run(2), tags=TAG))
    [cleanup] = stack.sent("Delete", THING)
    assert cleanup.physical_id == old
    assert cleanup.event["ResourceProperties"] == before


@pytest.mark.parametrize("runs", [3])
def test_several_replacements_in_a_row_leave_one(world: World, case: Case, runs: int) -> None:
    stack, _ = deployed(world, case)
    for number in range(2, 2 + runs):
        assert stack.update(case.template(**case.run(number), tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.update(case.template(**case.run(1), tags=TAG)) == "UPDATE_COMPLETE"
    assert [record["arn"] for record in world.leftovers()] == case.held(stack.physical_id(THING))
    assert len(world.created()) == runs + (1 if case.comes_back else 2)


def test_a_fixed_name_with_a_create_only_change_is_refused_with_a_fix(world: World, named: Case) -> None:
    stack = world.stack()
    stack.create(named.template(name="fixed"))
    its_id = stack.physical_id(THING)
    change = named.facts.create_only
    assert stack.update(named.template(name="fixed", **change)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "change the name too, or omit it to have one generated" in stack.why(THING)
    assert world.created() == [its_id]
    assert stack.update(named.template(name="other", **change)) == "UPDATE_COMPLETE"
    assert world.record(stack.physical_id(THING))["name"] == "other"
    assert [record["arn"] for record in world.leftovers()] == named.held(stack.physical_id(THING))


def test_a_job_follows_the_model_that_was_replaced(world: World) -> None:
    def built(policy: str) -> dict[str, object]:
        model = configured_audience_model("Model", childResourceTagOnCreatePolicy=policy)
        return template(model, generation_job("Job", model=get("Model", "Arn")))

    stack = world.stack()
    assert stack.create(built("NONE")) == "CREATE_COMPLETE"
    assert stack.update(built("FROM_PARENT_RESOURCE")) == "UPDATE_COMPLETE"
    kinds = [record["kind"] for record in world.leftovers()]
    assert sorted(kinds) == ["AudienceGenerationJob", "ConfiguredAudienceModel"]
    assert world.record(stack.physical_id("Job"))["data"]["configuredAudienceModelArn"] == stack.physical_id("Model")
