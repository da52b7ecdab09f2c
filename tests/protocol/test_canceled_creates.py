"""What the Delete after a canceled Create cleans up, and what it leaves: rules D5 and D17 of the lifecycle contract."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import CASES, DELETABLE, EXPIRING, LONG_RUNNING, TAG, THING, Case
from cleanrooms_ml_simulator.templates import configured_audience_model, retaining, template
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

from .test_cleanup import LEFT_BEHIND
from .test_later_requests import INVENTED
from .test_overlap import slow

OTHER = configured_audience_model("Other")
_EXPIRING = tuple(case for case in EXPIRING if case in DELETABLE)


def with_retained(world: World, case: Case) -> tuple[Stack, str]:
    """A stack that had the resource and retained it, with the id of the resource."""
    stack = world.stack()
    kept = case.template(OTHER, tags=TAG)
    kept["Resources"] = retaining(kept["Resources"])
    assert stack.create(kept) == "CREATE_COMPLETE"
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
    assert retained in {record["arn"] for record in world.leftovers()}
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
    assert retained in {record["arn"] for record in world.leftovers()}


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
    assert [record["arn"] for record in world.leftovers()] == [stack.physical_id("Other")]
    assert not world.audit()


@pytest.mark.parametrize("case", _EXPIRING, ids=str)
def test_d5_a_canceled_create_leaves_nothing_although_what_an_earlier_one_created_was_retained(
    world: World, case: Case
) -> None:
    stack, retained = with_retained(world, case)
    world.expire(retained)
    cancel_the_next(world, stack, case, case.spec.create)
    assert len(world.created(case.spec.kind)) == 2
    assert [record["arn"] for record in world.leftovers()] == [stack.physical_id("Other")]


def test_d17_the_cleanup_of_a_lost_create_leaves_what_was_retained_before(world: World, deletable: Case) -> None:
    stack, retained = with_retained(world, deletable)
    orphan = lose_create(world, stack, deletable)
    deleted = stack.conductor.send("Delete", target_of(deletable), orphan)
    world.advance(900)
    assert deleted.answer is not None
    assert deleted.answer.is_success
    assert retained in {record["arn"] for record in world.leftovers()}


@pytest.mark.parametrize("case", LEFT_BEHIND, ids=str)
def test_d14_a_retained_run_comes_back_although_an_earlier_one_was_deleted_shortly_before(
    world: World, case: Case
) -> None:
    stack = world.stack()
    kept = case.template(OTHER, tags=TAG)
    kept["Resources"] = retaining(kept["Resources"])
    stack.create(kept)
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
    assert stack.update(kept) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == answer.physical_id


@pytest.mark.parametrize("case", CASES, ids=str)
def test_u18_a_canceled_create_whose_resource_is_retained_changes_nothing_after_the_next_create(
    world: World, case: Case
) -> None:
    """CloudFormation sends no Delete for it, which would stop it."""
    stack = world.stack()
    stack.create(template(OTHER))
    kept = case.template(OTHER, tags=TAG)
    kept["Resources"] = retaining(kept["Resources"])
    world.emulator.add_fault(Fault(case.spec.create, kind="throttle", count=ALWAYS))
    world.after(3, stack.stop)
    assert stack.update(kept) == "UPDATE_ROLLBACK_COMPLETE"
    assert not stack.sent("Delete", THING)
    world.after(120, world.emulator.clear_faults)
    assert stack.update(kept) == "UPDATE_COMPLETE"
    world.settle()
    assert world.created(case.spec.kind).count(stack.physical_id(THING)) == 1
    assert len(world.created(case.spec.kind)) == 1 + (case.spec.kind == "ConfiguredAudienceModel")
    assert not world.audit()


@pytest.mark.parametrize("case", LONG_RUNNING, ids=str)
def test_u18_a_canceled_create_whose_resource_is_retained_creates_nothing_after_the_next_has_adopted(
    world: World, case: Case
) -> None:
    stack, retained = with_retained(world, case)
    other = case.template(OTHER, tags=TAG, **case.run(2))
    other["Resources"] = retaining(other["Resources"])
    world.emulator.add_fault(Fault(case.spec.create, kind="throttle", count=ALWAYS))
    world.after(3, stack.stop)
    assert stack.update(other) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.update(case.template(OTHER, tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == retained
    world.emulator.clear_faults()
    world.settle()
    assert world.created(case.spec.kind).count(retained) == 1
    assert len(world.created(case.spec.kind)) == 1
