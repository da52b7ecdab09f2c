"""Delivery and answers: rules X1 to X4, X7 to X11 of the lifecycle contract, as far as the engine is concerned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_simulator.cloudformation.replies import DROP
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case
from cleanrooms_ml_simulator.templates import channel, ready, template
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

_SECRET_QUERY = "SELECT very_secret_column FROM purchases"
_SIGNATURE = "5ec4e75ec4e75ec4e75ec4e75ec4e7"


def answers(stack: Stack) -> int:
    """How many answers arrived."""
    return sum(len(exchange.answers) for exchange in stack.exchanges)


@pytest.mark.parametrize("faults", [[500], [503, 500], [DROP, 500, DROP]], ids=["500", "503 500", "dropped"])
def test_x1_an_answer_that_was_not_accepted_is_sent_again_and_counts_once(
    world: World, case: Case, faults: list[int]
) -> None:
    world.replies.faults += faults
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert all(len(exchange.answers) == 1 for exchange in stack.exchanges)
    # Within one step, without a retry of Step Functions.
    assert all(exchange.seconds < 15 for exchange in stack.exchanges)
    assert world.replies.attempts == len(stack.exchanges) + len(faults)
    assert len(world.created()) == 1


def test_an_address_that_accepts_no_answer_for_minutes_still_gets_it(world: World, case: Case) -> None:
    world.replies.faults += [500] * 12
    stack = world.stack()
    assert stack.create(template({THING: case.resources()[THING]})) == "CREATE_COMPLETE"
    assert answers(stack) == len(world.created()) == 1


def test_x2_an_answer_never_exceeds_four_kilobytes_and_its_reason_ends_last(world: World, run: Case) -> None:
    message = "no rows in „purchases“ \U0001f6d2 " * 400
    world.emulator.order_run(RunOrder(run.spec.kind, status_code="INTERNAL_ERROR", message=message))
    stack = world.stack()
    assert stack.create(run.template()) == "ROLLBACK_COMPLETE"
    [waited] = stack.sent("Create", ready(THING))
    assert waited.answer is not None
    assert 3500 < len(waited.answer.text) <= 4096
    assert "INTERNAL_ERROR no rows in „purchases“ \U0001f6d2" in waited.answer.reason
    assert waited.answer.reason.endswith("…")


def test_x4_an_unexpected_exception_is_answered(world: World, case: Case) -> None:
    world.expects_our_fault = True

    def fault(call: Call) -> None:
        if call.operation == case.spec.create:
            raise KeyError(_SECRET_QUERY)

    world.wire.before.append(fault)
    stack = world.stack()
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    assert "KeyError" in stack.why(THING)
    assert "very_secret_column" not in stack.why(THING)
    assert stack.sent("Create", THING)[0].seconds < 60


def test_x8_every_scalar_arrives_as_a_string(world: World, case: Case) -> None:
    stack = world.stack()
    assert stack.create(case.template(tags=TAG, **case.members)) == "CREATE_COMPLETE"
    assert not list(scalars(stack.exchanges[0].event["ResourceProperties"]))


def scalars(value: Any) -> list[Any]:
    """Everything at any depth that is not a string."""
    if isinstance(value, Mapping):
        return [found for item in value.values() for found in scalars(item)]
    if isinstance(value, list):
        return [found for item in value for found in scalars(item)]
    return [] if isinstance(value, str) else [value]


_FOREIGN: Mapping[str, Mapping[str, str]] = {
    "another stack": {"StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/other/6a2b3c4d"},
    "foreign host": {"ResponseURL": "https://example.com/answer?X-Amz-Date=20260131T120000Z"},
    "lookalike host": {"ResponseURL": "https://s3.amazonaws.com.example.com/a?X-Amz-Date=20260131T120000Z"},
    "foreign port": {"ResponseURL": "http://127.0.0.1:1/answer?X-Amz-Date=20260131T120000Z"},
    "unknown type": {"RequestType": "Destroy"},
    "no address": {"ResponseURL": "no address"},
}


def test_x9_an_event_that_is_not_cloudformations_for_this_stack_is_refused(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    before = len(world.wire.calls), world.replies.attempts
    event = {**stack.exchanges[0].event, "RequestType": "Delete", "PhysicalResourceId": stack.physical_id(THING)}
    for what, change in _FOREIGN.items():
        stack.conductor.deliver({**event, **change})
        world.advance(300)
        assert (len(world.wire.calls), world.replies.attempts) == before, what


def test_x9_an_id_without_the_ownership_tag_is_not_deleted(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    theirs = case.create_theirs(world)
    world.advance(60)
    both, before = [world.record(it) for it in (theirs, stack.physical_id(THING))], world.mutations()
    answer = stack.request("Delete", THING, physical_id=theirs).answer
    assert answer is not None
    # A resource without an ownership tag that cannot be deleted or is not this stack's stays.
    assert not answer.is_success or not (case.spec.is_taggable or case.spec.arn_field)
    assert world.mutations() == before
    assert [world.record(it) for it in (theirs, stack.physical_id(THING))] == both


@pytest.mark.parametrize("copies", [2, 3])
def test_x10_every_delivery_at_the_same_moment_acts_once(world: World, case: Case, copies: int) -> None:
    world.functions.copies = copies
    world.wire.interleave = True
    stack = world.stack()
    assert stack.create(case.template(**case.run(1), tags=TAG)) == "CREATE_COMPLETE"
    assert stack.update(case.template(**case.run(2), tags=TAG)) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    # Before a document is deleted, replacing it by itself shows that it is the one that was read.
    proofs = world.calls(case.delete) if case.spec.document_field else 0
    assert world.calls(case.spec.create) - proofs == len(world.created()) == 2
    assert world.calls(case.delete) == (2 if case.delete else 0)
    assert all(len(exchange.answers) == 1 for exchange in stack.exchanges)
    assert len(world.states.executions()) == len(stack.exchanges)


def test_x11_a_late_duplicate_of_an_answered_request_changes_nothing(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    before = len(world.emulator.journal), answers(stack)
    for exchange in list(stack.exchanges):
        stack.conductor.deliver(exchange.event)
    world.advance(600)
    assert (len(world.emulator.journal), answers(stack)) == before


def test_x11_a_late_duplicate_of_a_create_after_the_delete_changes_nothing(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    created = stack.exchanges[0]
    stack.delete()
    stack.conductor.deliver(created.event)
    world.advance(600)
    assert len(world.created()) == 1
    assert not world.leftovers()


def test_a_retried_deployment_with_a_reused_request_id_is_processed(world: World, case: Case) -> None:
    world.emulator.add_fault(Fault(case.spec.create, error_code="ValidationException", message="not yet"))
    stack = world.stack()
    resources = template({THING: case.resources()[THING]})
    assert stack.create(resources, disable_rollback=True) == "CREATE_FAILED"
    assert stack.update(resources) == "UPDATE_COMPLETE"
    first, second = stack.sent("Create", THING)
    assert first.event["RequestId"] == second.event["RequestId"]
    assert len(world.created()) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("verb", ["look", "create"])
def test_l1_a_worker_that_dies_leaves_one_resource(world: World, case: Case, verb: str, after: bool) -> None:
    world.crash(case.look if verb == "look" else case.spec.create, after=after)
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert len(world.created()) == 1
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_a_worker_that_dies_at_any_call_of_a_lifecycle_leaves_one_resource_and_then_nothing(
    world: World, case: Case
) -> None:
    # The world is reused: every stack is new and follows one more crash.
    number, crashes = 0, 0
    while True:
        number += 1
        first = len(world.wire.calls)
        world.wire.before.clear()
        world.crash_at(first + number)
        stack = world.stack(f"app{number}")
        made = len(world.created())
        assert stack.create(case.template()) == "CREATE_COMPLETE"
        assert len(world.created()) == (1 if case.is_singleton else made + 1)
        assert stack.delete() == "DELETE_COMPLETE"
        assert not world.leftovers()
        if first + number > len(world.wire.calls):
            break
        crashes += 1
    assert crashes >= 8


@pytest.mark.parametrize("after", [False, True], ids=["before the create", "after the create"])
@pytest.mark.parametrize("events", [True, False], ids=["with status events", "without status events"])
def test_l2_a_request_whose_worker_dies_every_time_is_answered_and_leaves_nothing(
    world: World, case: Case, after: bool, events: bool
) -> None:
    stack = world.stack()
    world.providers[stack.id].sends_status_events = events

    def die_again(call: Call) -> None:
        if call.operation == case.spec.create:
            # No retry gets far enough to find what was created.
            world.crash(case.look, count=4)

    if after:
        world.wire.after.append(die_again)
    world.crash(case.spec.create, count=1 if after else 100, after=after)
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    lost = next(it for it in stack.events if it.status == "CREATE_FAILED")
    assert "was lost in Lambda or Step Functions" in lost.reason
    assert lost.at - stack.events[0].at < 600
    assert not world.leftovers()


def test_l2_what_a_lost_step_created_is_deleted_though_the_next_look_is_refused(world: World, case: Case) -> None:
    world.crash(case.spec.create, after=True)

    def refuse(call: Call) -> None:
        if call.operation == case.spec.create and world.calls(case.spec.create) == 1:
            world.emulator.add_fault(Fault(case.look, error_code="ValidationException", message="not now"))

    world.wire.after.insert(0, refuse)
    stack = world.stack()
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    assert "ValidationException: not now" in stack.why(THING)
    assert len(world.created()) == 1
    assert not world.leftovers()


def test_a_throttled_worker_is_waited_for(world: World, case: Case) -> None:
    stack = world.stack()
    provider = world.providers[stack.id]
    provider.worker.throttled_until = world.simulation.now + 1200
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert stack.exchanges[0].seconds > 1200


def test_a_front_that_dies_is_retried_by_lambda(world: World, case: Case) -> None:
    world.crash("StartExecution", after=True)
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert len(world.created()) == 1


def test_a_request_that_the_front_could_not_process_is_answered(world: World, case: Case) -> None:
    stack = world.stack()
    world.crash("StartExecution", count=2)
    status = stack.create(case.template())
    assert status in ("CREATE_COMPLETE", "ROLLBACK_COMPLETE")
    assert stack.exchanges[0].seconds < 600


def test_a_request_whose_execution_was_aborted_is_answered_and_leaves_nothing(world: World, case: Case) -> None:
    stack = world.stack()

    def abort(call: Call) -> None:
        if call.operation == case.spec.create:
            [execution] = [it for it in world.states.executions() if it.is_running]
            execution.state_machine.end(execution, "ABORTED")
            world.wire.after.clear()

    world.wire.after.append(abort)
    world.replies.faults += [500] * 5
    status = stack.create(template({THING: case.resources()[THING]}))
    assert status in ("CREATE_COMPLETE", "ROLLBACK_COMPLETE")
    if status == "ROLLBACK_COMPLETE":
        assert not world.leftovers()
    assert len(world.created()) == 1


def test_x7_no_secret_is_in_a_log_line_or_an_answer(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.emulator.add_fault(
        Fault("CreateMLInputChannel", error_code="ValidationException", message=f"cannot parse {_SECRET_QUERY}")
    )
    stack = world.stack()
    assert stack.create(template(channel(THING, query=_SECRET_QUERY))) == "ROLLBACK_COMPLETE"
    assert "ValidationException: cannot parse ***" in stack.why(THING)
    output = capsys.readouterr().out + "".join(answer.text.decode() for it in stack.exchanges for answer in it.answers)
    assert "MLInputChannel" in output
    assert "very_secret_column" not in output
    assert _SIGNATURE not in output


def test_x7_a_query_that_the_service_repeats_is_redacted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.emulator.order_run(RunOrder("MLInputChannel", status_code="FAILED", message=f"cannot run {_SECRET_QUERY}"))
    stack = world.stack()
    assert stack.create(template(channel(THING, query=_SECRET_QUERY))) == "ROLLBACK_COMPLETE"
    output = capsys.readouterr().out + "".join(answer.text.decode() for it in stack.exchanges for answer in it.answers)
    assert "MLInputChannel" in output
    assert "very_secret_column" not in output
    assert _SIGNATURE not in output
