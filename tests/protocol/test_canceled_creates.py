"""What the Delete after a canceled Create cleans up, and what it leaves: rules D5 and D17 of the lifecycle contract."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import CASES, LONG_RUNNING, TAG, THING, Case
from cleanrooms_ml_simulator.templates import configured_audience_model, retaining, template
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

from .test_cleanup import LEFT_BEHIND
from .test_later_requests import INVENTED
from .test_overlap import slow

OTHER = configured_audience_model("Other")


def kept(case: Case, **options: Any) -> dict[str, Any]:
    """A template whose resources are retained when they leave it."""
    given = case.template(OTHER, **options)
    return {**given, "Resources": retaining(given["Resources"])}


def with_retained(world: World, case: Case) -> tuple[Stack, str]:
    """A stack that had the resource and retained it, with the id of the resource."""
    stack = world.stack()
    assert stack.create(kept(case, tags=TAG)) == "CREATE_COMPLETE"
    retained = stack.physical_id(THING)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(600)
    return stack, retained


def target_of(case: Case) -> Target:
    return Target(THING, case.spec.resource_type, case.template(OTHER, tags=TAG)["Resources"][THING]["Properties"])


def lose_create(world: World, stack: Stack, case: Case) -> str:
    """A Create that is lost before it has created anything; the id of the answer."""
    world.crash(case.look, count=ALWAYS, after=True)
    stack.declare(target_of(case))
    lost = stack.conductor.send("Create", target_of(case))
    world.advance(900)
    world.wire.before.clear()
    world.wire.after.clear()
    assert lost.answer is not None
    return lost.answer.physical_id


def clean_up(world: World, stack: Stack, case: Case, *physical_ids: str) -> None:
    """Sends Deletes at the same time, each of which is answered SUCCESS."""
    sent = [stack.conductor.send("Delete", target_of(case), its_id) for its_id in physical_ids]
    world.advance(900)
    assert all(it.answer is not None and it.answer.is_success for it in sent)


def arns(world: World) -> set[str]:
    """What is left."""
    return {record["arn"] for record in world.leftovers()}


def cancel_the_next(world: World, stack: Stack, case: Case, operation: str, **members: Any) -> None:
    """Adds the resource again, and cancels the update while its Create waits for an operation."""
    slow(world, operation, 8)
    world.after(3, stack.stop)
    assert stack.update(case.template(OTHER, tags=TAG, **members)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.sent("Delete", THING)[-1].physical_id.startswith(f"{stack.name}-{THING}-")


def test_d17_the_cleanup_of_a_canceled_create_leaves_what_was_retained_before(world: World, deletable: Case) -> None:
    stack, retained = with_retained(world, deletable)
    count = len(world.created(deletable.spec.kind))
    cancel_the_next(world, stack, deletable, deletable.look)
    assert retained in arns(world)
    assert len(world.created(deletable.spec.kind)) == count
    # It still comes back.
    assert stack.update(deletable.template(OTHER, tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == retained


def test_d17_the_cleanup_of_the_second_canceled_create_leaves_what_was_retained_before(
    world: World, deletable: Case
) -> None:
    stack, retained = with_retained(world, deletable)
    cancel_the_next(world, stack, deletable, deletable.look)
    cancel_the_next(world, stack, deletable, deletable.look)
    assert retained in arns(world)


def test_d5_a_create_that_is_canceled_after_a_lost_one_whose_deployment_was_not_rolled_back_leaves_nothing(
    world: World, deletable: Case
) -> None:
    stack = world.stack()
    stack.create(template(OTHER))
    world.advance(60)

    def die_from_now_on(call: Call) -> None:
        if call.operation == deletable.spec.create:
            world.crash(deletable.look, count=ALWAYS)

    world.wire.after.append(die_from_now_on)
    world.crash(deletable.spec.create, after=True)
    assert stack.update(deletable.template(OTHER, tags=TAG), disable_rollback=True) == "UPDATE_FAILED"
    world.wire.before.clear()
    world.wire.after.clear()
    assert len(world.leftovers()) == 2
    cancel_the_next(world, stack, deletable, deletable.look)
    world.settle()
    assert arns(world) == {stack.physical_id("Other")}
    assert not world.audit()


def test_d17_the_cleanup_of_a_lost_create_leaves_what_was_retained_before(world: World, deletable: Case) -> None:
    stack, retained = with_retained(world, deletable)
    clean_up(world, stack, deletable, lose_create(world, stack, deletable))
    assert retained in arns(world)


@pytest.mark.parametrize("case", LEFT_BEHIND, ids=str)
def test_d14_a_retained_run_comes_back_although_an_earlier_one_was_deleted_shortly_before(
    world: World, case: Case
) -> None:
    stack = world.stack()
    stack.create(kept(case, tags=TAG))
    # As if the create had been canceled when it was answered.
    deleted = stack.request("Delete", THING, physical_id=INVENTED)
    assert deleted.answer is not None
    assert deleted.answer.is_success
    # Longer than clocks differ.
    world.advance(15)
    answer = stack.request("Create", THING, stack.resources[THING].properties).answer
    assert answer is not None
    assert answer.physical_id == world.created(case.spec.kind)[1]
    world.advance(120)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    assert stack.update(kept(case, tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == answer.physical_id


@pytest.mark.parametrize("case", CASES, ids=str)
def test_u18_a_canceled_create_whose_resource_is_retained_changes_nothing_after_the_next_create(
    world: World, case: Case
) -> None:
    """CloudFormation sends no Delete for it, which would stop it."""
    stack = world.stack()
    stack.create(template(OTHER))
    again = kept(case, tags=TAG)
    world.emulator.add_fault(Fault(case.spec.create, kind="throttle", count=ALWAYS))
    world.after(3, stack.stop)
    assert stack.update(again) == "UPDATE_ROLLBACK_COMPLETE"
    assert not stack.sent("Delete", THING)
    world.after(120, world.emulator.clear_faults)
    assert stack.update(again) == "UPDATE_COMPLETE"
    world.settle()
    assert world.created(case.spec.kind).count(stack.physical_id(THING)) == 1
    assert len(world.created(case.spec.kind)) == 1 + (case.spec.kind == "ConfiguredAudienceModel")
    assert not world.audit()


@pytest.mark.parametrize("case", LONG_RUNNING, ids=str)
def test_u18_a_canceled_create_whose_resource_is_retained_creates_nothing_after_the_next_has_adopted(
    world: World, case: Case
) -> None:
    stack, retained = with_retained(world, case)
    world.emulator.add_fault(Fault(case.spec.create, kind="throttle", count=ALWAYS))
    world.after(3, stack.stop)
    assert stack.update(kept(case, tags=TAG, **case.run(2))) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.update(case.template(OTHER, tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == retained
    world.emulator.clear_faults()
    world.settle()
    assert world.created(case.spec.kind).count(retained) == 1
    assert len(world.created(case.spec.kind)) == 1
