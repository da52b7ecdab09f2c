"""Requests of one logical id that overlap, and runs that cannot be canceled: D7, D11, D13, D14, X6, L1 to L3."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import PENDING_AUDIENCE_GENERATION_JOBS, Fault, RunOrder
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.functions import CrashError
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAG, THING, Case
from cleanrooms_ml_simulator.templates import (
    Resources,
    channel,
    configured_audience_model,
    generation_job,
    ready,
    retaining,
    template,
)
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

_WRONG = configured_audience_model("Wrong", minMatchingSeedSize=1)


def slow(world: World, operation: str, seconds: float) -> None:
    """Let the next call of an operation take effect only after a while."""
    waited: list[Call] = []

    def hook(call: Call) -> None:
        if call.operation == operation and call.invocation is not None and not waited:
            waited.append(call)
            world.simulation.sleep(seconds)

    world.wire.before.append(hook)


def assert_quiet(world: World) -> None:
    """Nothing is in progress any more and nothing happens later."""
    world.settle()
    before = len(world.wire.calls)
    world.advance(7200)
    assert len(world.wire.calls) == before


def wrong_after(world: World, seconds: float) -> None:
    """Let the model called Wrong be refused only after a while."""

    def hook(call: Call) -> None:
        event = call.invocation.request if call.invocation is not None else {}
        if event.get("LogicalResourceId") == "Wrong" and event.get("RequestType") == "Create":
            world.simulation.sleep(seconds)
            world.wire.before.remove(hook)

    world.wire.before.append(hook)


def test_a_canceled_create_that_waited_for_a_quota_creates_nothing_later(world: World) -> None:
    world.emulator.set_quota(PENDING_AUDIENCE_GENERATION_JOBS, 0)
    wrong_after(world, 25)
    stack = world.stack()
    assert stack.create(template(generation_job(THING), _WRONG)) == "ROLLBACK_COMPLETE"
    assert stack.sent("Create", THING)[0].was_cancelled
    world.emulator.set_quota(PENDING_AUDIENCE_GENERATION_JOBS, 10)
    assert_quiet(world)
    assert not world.created()
    assert not stack.sent("Create", THING)[0].answers


@pytest.mark.parametrize("longest_page", [1, 2])
def test_a_canceled_create_on_a_later_page_of_the_executions_creates_nothing_later(
    world: World, longest_page: int
) -> None:
    world.states.longest_page = longest_page
    world.emulator.set_quota(PENDING_AUDIENCE_GENERATION_JOBS, 0)
    # Longer than what a request looks back for later ones: the Delete has not seen the page of the Create.
    wrong_after(world, 100)
    stack = world.stack()
    assert stack.create(template(generation_job(THING), _WRONG)) == "ROLLBACK_COMPLETE"
    world.emulator.set_quota(PENDING_AUDIENCE_GENERATION_JOBS, 10)
    assert_quiet(world)
    assert not world.created()


def test_a_canceled_create_in_the_middle_of_its_call_leaves_nothing(world: World, case: Case) -> None:
    slow(world, case.spec.create, 25)
    stack = world.stack()
    stack.create(case.template(_WRONG))
    assert stack.status == "ROLLBACK_COMPLETE"
    assert stack.sent("Create", THING)[0].was_cancelled
    assert_quiet(world)
    assert not world.leftovers()
    assert len(world.created(case.spec.kind)) <= 1


def test_a_rollback_overtakes_an_update_that_waits_for_a_quota(world: World) -> None:
    stack = world.stack()
    stack.create(template(generation_job(THING, run_id="1")))
    old = stack.physical_id(THING)
    world.emulator.set_quota(PENDING_AUDIENCE_GENERATION_JOBS, 0)
    wrong_after(world, 25)
    update = template(generation_job(THING, run_id="2"), _WRONG)
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    world.emulator.set_quota(PENDING_AUDIENCE_GENERATION_JOBS, 10)
    assert_quiet(world)
    assert world.created() == [old]
    assert stack.physical_id(THING) == old
    assert world.record(old)["status"] == "ACTIVE"


def test_a_rollback_undoes_an_update_in_the_middle_of_its_create(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(**case.run(1), tags=TAG))
    old = stack.physical_id(THING)
    slow(world, case.spec.create, 25)
    wrong_after(world, 2)
    assert stack.update(case.template(_WRONG, **case.run(2), tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert_quiet(world)
    assert stack.physical_id(THING) == old
    assert [record["arn"] for record in world.leftovers()] == case.held(old)
    assert len(world.created(case.spec.kind)) <= 2


@pytest.mark.parametrize("case", [case for case in CASES if not case.spec.document_field], ids=str)
def test_what_a_canceled_create_created_is_deleted_though_it_shows_only_later(world: World, case: Case) -> None:
    world.emulator.add_fault(Fault(case.spec.create, kind="not_found", not_found_seconds=20))
    world.replies.faults += [500] * 4
    stack = world.stack()
    world.after(2, stack.stop)
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    assert stack.sent("Create", THING)[0].was_cancelled
    assert_quiet(world)
    assert len(world.created()) == 1
    assert not world.leftovers()


@pytest.mark.parametrize("case", [case for case in CASES if not case.spec.document_field], ids=str)
def test_what_a_create_with_a_late_answer_created_is_deleted_though_it_shows_only_later(
    world: World, case: Case
) -> None:
    world.emulator.add_fault(Fault(case.spec.create, kind="not_found", not_found_seconds=20))
    world.replies.faults += [500]
    stack = world.stack()
    world.after(1.2, stack.stop)
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    assert stack.sent("Create", THING)[0].answers
    assert_quiet(world)
    assert len(world.created()) == 1
    assert not world.leftovers()


def deliver_late(world: World, kind: str) -> None:
    """Let Lambda retry the request of a kind for THING, a minute later."""

    def hook(call: Call) -> None:
        event = call.invocation.request if call.invocation is not None else {}
        if call.operation == "StartExecution" and (event["RequestType"], event["LogicalResourceId"]) == (kind, THING):
            world.wire.before.remove(hook)
            raise CrashError

    world.wire.before.append(hook)


def test_a_create_that_is_delivered_after_its_delete_creates_nothing(world: World, case: Case) -> None:
    deliver_late(world, "Create")
    stack = world.stack()
    assert stack.create(case.template(_WRONG)) == "ROLLBACK_COMPLETE"
    assert_quiet(world)
    assert not world.created(case.spec.kind)
    assert len([it for it in world.states.executions() if it.status == "SUCCEEDED"]) == len(stack.exchanges)


def test_an_update_that_is_delivered_after_its_rollback_creates_nothing(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(**case.run(1)))
    old = stack.physical_id(THING)
    deliver_late(world, "Update")
    assert stack.update(case.template(_WRONG, **case.run(2))) == "UPDATE_ROLLBACK_COMPLETE"
    assert_quiet(world)
    assert world.created() == [old]
    assert [record["arn"] for record in world.leftovers()] == case.held(old)


@pytest.mark.parametrize("case", [case for case in CASES if not case.spec.document_field], ids=str)
def test_undoing_a_canceled_update_keeps_what_is_older_than_the_deployment(world: World, case: Case) -> None:
    # The statements of a policy have no time of creation.
    def kept(number: int, *others: Resources) -> dict[str, Any]:
        built = case.template(*others, **case.run(number))
        built["Resources"][THING]["UpdateReplacePolicy"] = "Retain"
        return built

    stack = world.stack()
    stack.create(kept(1))
    first = stack.physical_id(THING)
    assert stack.update(kept(2)) == "UPDATE_COMPLETE"
    second = stack.physical_id(THING)
    world.advance(3 * 3600)
    # The return to the first run, which was retained, is canceled before CloudFormation learns of it.
    world.replies.faults += [500] * 4
    wrong_after(world, 1)
    world.after(3, world.replies.faults.clear)
    assert stack.update(kept(1, _WRONG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.sent("Update", THING)[1].was_cancelled
    assert stack.physical_id(THING) == second
    assert [record["arn"] for record in world.leftovers()] == case.held(first, second)


def test_d13_a_delete_of_the_stack_overtakes_its_create(world: World, case: Case) -> None:
    # Longer than a created resource may take to show, and no longer than the time-out of a function.
    slow(world, case.spec.create, 50)
    stack = world.stack()
    world.after(5, stack.stop)
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    assert_quiet(world)
    assert not world.leftovers()


def test_x6_polling_stops_after_a_delete(world: World, run: Case) -> None:
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=300))
    stack = world.stack()
    world.after(100, stack.stop)
    assert stack.create(run.template()) == "ROLLBACK_COMPLETE"
    assert stack.sent("Create", ready(THING))[0].was_cancelled
    assert_quiet(world)
    stopped = next(call.number for call in world.wire.calls if call.operation == "StopExecution")
    polls = [
        call
        for call in world.wire.calls
        if call.invocation is not None and call.invocation.request is stack.sent("Create", ready(THING))[0].event
    ]
    # Except a step that was already on its way to its function.
    assert len([call for call in polls if call.number > stopped]) <= 1
    assert not world.leftovers()


def test_d11_the_delete_of_ready_waits_for_a_run_that_cannot_be_canceled(world: World, unstoppable: Case) -> None:
    world.emulator.order_run(RunOrder(unstoppable.spec.kind, seconds=6000))
    stack = world.stack()
    assert stack.create(unstoppable.template()) == "ROLLBACK_COMPLETE"
    [drained], [deleted] = stack.sent("Delete", ready(THING)), stack.sent("Delete", THING)
    assert 2400 < drained.seconds < 3300
    assert deleted.seconds < 60
    assert not world.leftovers()


def test_d11_a_run_of_many_hours_is_deleted_at_its_end_though_its_delete_failed(world: World) -> None:
    world.emulator.order_run(RunOrder("MLInputChannel", seconds=5 * 3600))
    stack = world.stack()
    assert stack.create(template(channel(THING))) == "ROLLBACK_FAILED"
    assert "delete again" in stack.why(THING)
    assert all(exchange.seconds < 3600 for exchange in stack.exchanges)
    assert world.leftovers()
    world.settle()
    assert not world.leftovers()
    assert stack.delete() == "DELETE_COMPLETE"


def test_d14_a_retained_resource_is_adopted_by_the_same_logical_id_and_properties(world: World, case: Case) -> None:
    stack = world.stack()
    other = configured_audience_model("Other")
    kept = case.template(other, tags=TAG)
    kept["Resources"] |= retaining(case.resources(tags=TAG))
    stack.create(kept)
    arn = stack.physical_id(THING)
    assert stack.update(template(other)) == "UPDATE_COMPLETE"
    assert world.record(arn)["status"] in ("ACTIVE", "")
    assert stack.update(kept) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == arn
    assert len(world.created()) == 2


def test_a_worker_that_dies_at_any_call_of_a_replacement_and_its_rollback_leaves_the_old_one(world: World) -> None:
    stack = world.stack()
    stack.create(template(generation_job(THING, run_id="1")))
    old, number = stack.physical_id(THING), 0
    bad = template(generation_job(THING, run_id="2", seed="s3://seeds/too-small.jsonl"))
    while True:
        number += 1
        made, first = len(world.created()), len(world.wire.calls)
        world.crash_at(first + number, after=True)
        assert stack.update(bad) == "UPDATE_ROLLBACK_COMPLETE", number
        assert stack.physical_id(THING) == old, number
        assert [record["arn"] for record in world.leftovers()] == [old], number
        assert len(world.created()) == made + 1, number
        world.wire.after.clear()
        if first + number > len(world.wire.calls):
            break
    assert number > 20


@pytest.mark.parametrize("lost", ["the answer", "the step"])
def test_u13_a_rollback_waits_for_the_last_call_of_a_stopped_update_although_the_stop_is_lost(
    world: World, tagged: Case, lost: str
) -> None:
    stack = world.stack()
    stack.create(tagged.template(tags=TAG))
    world.advance(600)
    before, arn = stack.resources[THING].properties, stack.physical_id(THING)
    after = {**before, "tags": {"team": "ads"}}
    if lost == "the answer":
        world.lose_replies("StopExecution")
    else:
        world.crash("StopExecution", after=True)
    slow(world, "TagResource", 50)
    for wanted, old in ((after, before), (before, after)):
        target = Target(THING, tagged.spec.resource_type, wanted)
        stack.declare(target)
        exchange = stack.conductor.send("Update", target, arn, old)
        world.advance(2)
    assert_quiet(world)
    assert exchange.answer is not None
    assert exchange.answer.is_success
    assert world.record(arn)["tags"].items() >= TAG.items()


@pytest.mark.parametrize("is_replacement", [False, True], ids=["in place", "replacement"])
def test_x12_a_lost_update_never_deletes_what_existed_before(world: World, case: Case, is_replacement: bool) -> None:
    stack = world.stack()
    stack.create(case.template(**case.run(1), tags=TAG))
    old = stack.physical_id(THING)
    abort_next(world, stack)
    options = {**case.run(2 if is_replacement else 1), "tags": TAG if is_replacement else {"team": "ads"}}
    assert stack.update(case.template(**options)) in ("UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE")
    assert_quiet(world)
    assert [record["arn"] for record in world.leftovers()] == case.held(stack.physical_id(THING))
    if stack.status == "UPDATE_ROLLBACK_COMPLETE":
        assert stack.physical_id(THING) == old


def test_x12_an_update_that_is_lost_before_it_created_anything_keeps_what_existed(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(**case.run(1), tags=TAG))
    old = stack.physical_id(THING)
    before = world.record(old)
    world.crash(case.spec.create, count=100)
    assert stack.update(case.template(**case.run(2), tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "was lost in Lambda or Step Functions" in stack.why(THING)
    assert_quiet(world)
    assert stack.physical_id(THING) == old
    assert world.created() == [old]
    assert world.record(old) == before


def abort_next(world: World, stack: Stack) -> None:
    """Let someone stop the next execution while its answer is on the way."""
    world.replies.faults += [500] * 3

    def hook(call: Call) -> None:
        if call.service == "cleanroomsml" and not call.operation.startswith(("Get", "List")):
            world.wire.after.remove(hook)
            [execution] = [it for it in world.states.executions() if it.is_running]
            execution.state_machine.end(execution, "ABORTED", "States.Aborted", "by hand")

    world.wire.after.append(hook)
