"""The watch of a run without `Ready` ends with its event, and a background delete with its end: W5 and W6."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.executions import Purpose, purpose_of
from cleanrooms_ml_simulator.behaviors import ClockBehind, Lag, LostExecutions, lose, stop_workers
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS, disarm
from cleanrooms_ml_simulator.functions import CrashError
from cleanrooms_ml_simulator.lifecycle.cases import EXPIRING, JOB, LONG_RUNNING, TAG, THING, Case
from cleanrooms_ml_simulator.templates import channel, configured_audience_model, retaining, template, watched
from cleanrooms_ml_simulator.wire import Call, Reply
from cleanrooms_ml_simulator.world import World

_RUN_SECONDS = 300
_DAY_SECONDS = 24 * 3600

Disturbance = Callable[[World, Case], object]


def denied_for_ten_minutes(world: World, case: Case) -> None:
    """Let a policy that is changed by hand deny every look."""
    for operation in {case.get, case.look}:
        world.emulator.add_fault(Fault(operation, count=ALWAYS, error_code="AccessDeniedException"))
    world.after(600, lambda: disarm(world))


# Each from before the create, or from after it.
BEFORE: Mapping[str, Disturbance] = {
    "the list lags": lambda world, _: Lag("List", 25).arm(world),
    "get lags": lambda world, _: Lag("Get", 25).arm(world),
    "tags lag": lambda world, _: Lag("Tags", 25).arm(world),
    "its execution is lost": lambda world, _: LostExecutions(60).arm(world),
}
AFTER: Mapping[str, Disturbance] = {
    "denied for ten minutes": denied_for_ten_minutes,
    "no working worker for ten minutes": lambda world, _: stop_workers(world, 600, throttled=False),
    "no capacity for more than an hour": lambda world, _: stop_workers(world, 4000, throttled=True),
}


def watch(world: World, case: Case, seconds: float = _RUN_SECONDS) -> Stack:
    """A stack with a run that is watched."""
    world.emulator.order_run(RunOrder(case.spec.kind, seconds=seconds))
    stack = world.stack()
    assert stack.create(template(watched(case.resources(), THING))) == "CREATE_COMPLETE"
    return stack


def the_event(world: World) -> dict[str, Any]:
    """The one event, when everything has come to its end."""
    world.settle()
    [entry] = world.wire.bus
    detail: dict[str, Any] = json.loads(entry["Detail"])
    return detail


def throttle_starts(world: World, seconds: float) -> None:
    """Step Functions throttles the worker's starts of executions for a while."""

    def throttled(call: Any, _: Any) -> Any:
        event = call.invocation.event if call.invocation else {}
        if call.operation == "StartExecution" and "input" in event and world.simulation.now < begun + seconds:
            return 400, {"content-type": "application/x-amz-json-1.0"}, b'{"__type": "ThrottlingException"}'
        return None

    begun = world.simulation.now
    world.wire.stand_ins.append(throttled)


@pytest.mark.parametrize("disturbance", [*BEFORE, *AFTER])
def test_w5_a_watch_ends_with_its_event(world: World, run: Case, disturbance: str) -> None:
    if disturbance in BEFORE:
        BEFORE[disturbance](world, run)
    stack = watch(world, run)
    if disturbance in AFTER:
        AFTER[disturbance](world, run)
    detail = the_event(world)
    assert (detail["status"], detail["arn"]) == ("ACTIVE", stack.attribute(THING, "Arn"))
    assert all(len(exchange.answers) == 1 for exchange in stack.exchanges)


def test_w5_a_watch_that_cannot_be_started_at_first_is_started(world: World, run: Case) -> None:
    throttle_starts(world, 120)
    watch(world, run)
    assert the_event(world)["status"] == "ACTIVE"
    assert len(world.created()) == 1


def test_w5_an_earlier_run_of_the_same_identity_is_not_mistaken_for_the_new_one(world: World) -> None:
    stack = watch(world, JOB, 30)
    world.settle()
    stack.delete()
    world.wire.bus.clear()
    Lag("List", 20).arm(world)
    world.emulator.order_run(RunOrder(JOB.spec.kind, seconds=_RUN_SECONDS))
    assert stack.create(template(watched(JOB.resources(), THING))) == "CREATE_COMPLETE"
    assert the_event(world)["arn"] == stack.attribute(THING, "Arn") == world.created()[-1]


def test_w5_an_earlier_run_is_not_mistaken_for_the_new_one_of_a_request_that_waited(world: World, run: Case) -> None:
    stack, other = world.stack(), configured_audience_model("Other")
    watched_run = watched(run.resources(), THING)
    stack.create(template(retaining(watched_run), other))
    world.settle()
    earlier = stack.physical_id(THING)
    assert stack.update(template(other)) == "UPDATE_COMPLETE"
    world.set_status(earlier, "CREATE_FAILED")
    world.wire.bus.clear()
    world.advance(60)
    Lag("List", 20).arm(world)
    # The create is refused for longer than anything lags after the request was signed.
    begun = world.simulation.now

    def throttled(call: Call, _: object) -> Reply | None:
        if call.operation == run.spec.create and world.simulation.now < begun + 90:
            return 429, {"x-amzn-errortype": "ThrottlingException"}, b"{}"
        return None

    world.wire.stand_ins.append(throttled)
    world.emulator.order_run(RunOrder(run.spec.kind, seconds=_RUN_SECONDS))
    assert stack.update(template(watched_run, other)) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) != earlier
    detail = the_event(world)
    assert (detail["status"], detail["arn"]) == ("ACTIVE", stack.attribute(THING, "Arn"))


@pytest.mark.parametrize("case", [case for case in LONG_RUNNING if not case.spec.is_taggable], ids=str)
def test_w5_an_earlier_run_that_failed_is_not_mistaken_for_the_new_one(world: World, case: Case) -> None:
    stack, other = world.stack(), configured_audience_model("Other")
    run = watched(case.resources(), THING)
    world.emulator.order_run(RunOrder(str(case), seconds=5, status_code="INTERNAL_ERROR"))
    stack.create(template(other, run))
    world.advance(120)
    stack.update(template(other))
    world.wire.bus.clear()
    Lag("List", 20).arm(world)
    world.emulator.order_run(RunOrder(str(case), seconds=_RUN_SECONDS))
    assert stack.update(template(other, run)) == "UPDATE_COMPLETE"
    assert the_event(world)["status"] == "ACTIVE"


@pytest.mark.parametrize("case", [case for case in LONG_RUNNING if case.comes_back], ids=str)
def test_w5_a_run_to_which_an_update_returns_after_its_delete_has_its_event(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(template(watched(case.resources(**case.run(1)), THING)))
    first = stack.physical_id(THING)
    stack.update(template(watched(case.resources(**case.run(2)), THING)))
    world.settle()
    world.wire.bus.clear()
    stack.update(template(watched(case.resources(**case.run(1)), THING)))
    assert stack.physical_id(THING) == first
    assert the_event(world)["arn"] == stack.attribute(THING, "Arn")


def test_w5_what_an_update_created_has_its_event_although_the_services_clock_is_behind(
    world: World, expiring: Case
) -> None:
    """The run of a change back is new, but says that it was created before the request."""
    ClockBehind().arm(world)
    stack = world.stack()

    def update(number: int, **others: Any) -> str:
        kept = retaining(watched(expiring.resources(**expiring.run(number), **others), THING))
        return (stack.update if stack.status else stack.create)(template(kept))

    update(1)
    expired = stack.physical_id(THING)
    update(2)
    world.settle()
    world.expire(expired)
    world.wire.bus.clear()
    throttle_starts(world, 60)
    assert update(1, tags=TAG) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) != expired
    assert the_event(world)["arn"] == stack.attribute(THING, "Arn")


def test_w5_an_unknown_status_is_an_event_that_names_it(world: World, run: Case) -> None:
    watch(world, run, 10 * _DAY_SECONDS)
    world.after(100, lambda: world.set_status(world.created()[0], "PAUSED"))
    detail = the_event(world)
    assert detail["status"] == "PAUSED"
    assert "does not know the status" in detail["reason"]


@pytest.mark.parametrize("case", EXPIRING, ids=str)
def test_w5_a_run_that_somebody_cancels_is_an_event(world: World, case: Case) -> None:
    watch(world, case, 10 * _DAY_SECONDS)
    world.after(100, lambda: world.expire(world.created()[0]))
    detail = the_event(world)
    assert detail["status"] == "INACTIVE"
    assert ("it was canceled" in detail["reason"]) is bool(case.spec.cancel)
    assert ("its data was deleted" in detail["reason"]) is bool(case.spec.delete)


def test_w5_a_run_that_somebody_deletes_is_an_event(world: World, run: Case) -> None:
    stack = watch(world, run, 10 * _DAY_SECONDS)
    world.after(100, lambda: world.emulator.forget(world.created()[0]))
    detail = the_event(world)
    assert (detail["status"], detail["arn"]) == ("DELETED", stack.attribute(THING, "Arn"))
    assert "deleted outside CloudFormation" in detail["reason"]


def test_w5_a_watch_that_is_denied_for_ever_ends_with_an_event_too(world: World) -> None:
    watch(world, JOB, _DAY_SECONDS)
    world.advance(60)
    world.emulator.add_fault(Fault(JOB.get, count=ALWAYS, error_code="AccessDeniedException", message="not any more"))
    detail = the_event(world)
    assert detail["status"].startswith("CREATE_")
    assert "not any more" in detail["reason"]


def test_w5_an_unexpected_exception_does_not_end_a_watch(world: World, run: Case) -> None:
    stack = watch(world, run)

    def fault(call: Any) -> None:
        if call.operation == run.get and call.invocation is not None and world.simulation.now < until:
            raise KeyError("unexpected")

    until = world.simulation.now + 120
    world.wire.before.append(fault)
    assert the_event(world)["status"] == "ACTIVE"
    assert all(len(exchange.answers) == 1 for exchange in stack.exchanges)


def test_a_delete_ends_a_watch_that_is_not_listed_yet(world: World, deletable_run: Case) -> None:
    world.states.list_lag_seconds = 5
    stack = watch(world, deletable_run)
    assert stack.delete() == "DELETE_COMPLETE"
    world.settle()
    assert not world.wire.bus
    assert not world.leftovers()


@pytest.mark.parametrize("times", [1, 3])
def test_w6_a_background_delete_that_is_lost_is_started_again(world: World, times: int) -> None:
    world.emulator.order_run(RunOrder("MLInputChannel", seconds=5 * 3600))
    lost: list[str] = []

    def lose_it(execution: Any) -> None:
        if purpose_of(execution.arn) is Purpose.BACKGROUND_DELETE and len(lost) < times:
            lost.append(execution.name)
            world.after(60, lambda: lose(execution))

    world.states.started.append(lose_it)
    stack = world.stack()
    assert stack.create(template(channel(THING, tags=TAG))) == "ROLLBACK_FAILED"
    world.settle()
    assert len(set(lost)) == times
    assert not world.leftovers()


def test_w6_a_background_delete_survives_minutes_without_a_worker(world: World) -> None:
    world.emulator.order_run(RunOrder("MLInputChannel", seconds=5 * 3600))
    stack = world.stack()
    assert stack.create(template(channel(THING))) == "ROLLBACK_FAILED"
    stop_workers(world, 600, throttled=False)
    world.settle()
    assert not world.leftovers()


def test_w6_a_background_delete_that_the_service_fails_to_carry_out_is_tried_again(world: World) -> None:
    """CloudFormation has forgotten it: nobody deletes again."""
    world.emulator.order_run(RunOrder("MLInputChannel", seconds=5 * 3600))
    world.emulator.order_run(RunOrder("MLInputChannel", phase="delete", status_code="INTERNAL_ERROR", message="no"))
    stack = world.stack()
    assert stack.create(template(channel(THING))) == "ROLLBACK_FAILED"
    world.settle()
    assert not world.leftovers()
    assert world.calls("DeleteMLInputChannelData") > 1


def test_a_background_delete_that_cannot_be_started_is_answered_without_a_promise(world: World) -> None:
    world.emulator.order_run(RunOrder("MLInputChannel", seconds=5 * 3600))
    # The provider of the stack cannot start a background delete; the front can start requests.
    stack = world.stack()

    def refused(call: Any, _: Any) -> Any:
        event = call.invocation.event if call.invocation else {}
        if call.operation == "StartExecution" and "input" in event:
            return 400, {"content-type": "application/x-amz-json-1.0"}, b'{"__type": "ThrottlingException"}'
        return None

    world.wire.stand_ins.append(refused)
    assert stack.create(template(channel(THING))) == "ROLLBACK_FAILED"
    assert "delete again" in stack.why(THING)
    assert all(exchange.seconds < 3600 for exchange in stack.exchanges)


def test_w5_a_replacement_whose_execution_is_lost_before_its_watch_started_ends_with_its_event(
    world: World, run: Case
) -> None:
    stack = world.stack()
    stack.create(template(watched(run.resources(**run.run(1)), THING)))
    old = stack.physical_id(THING)
    the_event(world)
    world.wire.bus.clear()

    def lose_it(call: Call) -> None:
        if call.operation == run.spec.create:
            world.wire.after.remove(lose_it)
            [execution] = [it for it in world.states.executions() if it.is_running]
            lose(execution)
            raise CrashError(call.operation)

    world.wire.after.append(lose_it)
    assert stack.update(template(watched(run.resources(**run.run(2)), THING))) == "UPDATE_COMPLETE"
    new = stack.physical_id(THING)
    assert new != old
    detail = the_event(world)
    assert (detail["status"], detail["arn"]) == ("ACTIVE", stack.attribute(THING, "Arn"))
    assert not world.audit()
