"""The faults, each played by both sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_simulator.templates import ROLE_ARN
from cleanrooms_ml_simulator.wire import Call

from .sides import OURS, Side

CREATE, GET, DELETE = "CreateMLInputChannel", "GetMLInputChannel", "DeleteMLInputChannelData"


@dataclass(frozen=True)
class Scenario:
    """A fault.

    Attributes:
        title: What happens.
        how: How it is caused in the simulator.
        play: Plays it; returns the statuses of the stack.
        wanted: The statuses that the stack should have.
        runs: How many channels that takes.
    """

    title: str
    how: str
    play: Callable[[Side], Sequence[str]]
    wanted: tuple[str, ...] = ("CREATE_COMPLETE", "DELETE_COMPLETE")
    runs: int = 1


def _lifecycle(side: Side, links: int = 0) -> list[str]:
    """Create the stack and, unless it was rolled back, delete it."""
    status = side.stack.create(side.template(links=links))
    return [status, side.stack.delete()] if status != "ROLLBACK_COMPLETE" else [status]


def _fault(fault: Fault) -> Callable[[Side], Sequence[str]]:
    def play(side: Side) -> Sequence[str]:
        side.world.emulator.add_fault(replace(fault))
        return _lifecycle(side)

    return play


def nothing(side: Side) -> Sequence[str]:
    return _lifecycle(side)


def crash_after_create(side: Side) -> Sequence[str]:
    side.world.crash(CREATE, after=True)
    return _lifecycle(side)


def hang_after_create(side: Side) -> Sequence[str]:
    def hang(call: Call) -> None:
        if call.operation == CREATE:
            side.world.wire.after.clear()
            side.world.simulation.sleep(900)

    side.world.wire.after.append(hang)
    return _lifecycle(side)


def lost_reply(side: Side) -> Sequence[str]:
    side.world.lose_replies(CREATE)
    return _lifecycle(side)


def delivered_twice(side: Side) -> Sequence[str]:
    side.world.functions.copies = 2
    return _lifecycle(side)


def entry_dies_once(side: Side) -> Sequence[str]:
    """The function that CloudFormation calls dies after its work, and Lambda tries again."""
    inner = side.entry.run
    died: list[bool] = []

    def run(event: dict[str, object]) -> object:
        result = inner(event)
        if not died:
            died.append(True)
            raise SystemError("the host is lost")
        return result

    side.entry.run = run
    return _lifecycle(side)


def sibling_fails(side: Side) -> Sequence[str]:
    side.world.emulator.durations = side.world.emulator.durations.changed(create={"MLInputChannel": 600.0})
    side.world.emulator.add_fault(Fault(CREATE, error_code="ValidationException", message="no such column"))
    return [side.stack.create(side.beside())]


def run_fails(side: Side) -> Sequence[str]:
    side.world.emulator.order_run(RunOrder("MLInputChannel", status_code="INTERNAL_ERROR", message="no rows"))
    return _lifecycle(side)


def deleted_by_someone(side: Side) -> Sequence[str]:
    first = side.stack.create(side.template())
    (record,) = side.world.records("MLInputChannel")
    side.world.call(DELETE, **side.identifiers(record["arn"]))
    side.world.advance(60)
    return [first, side.stack.delete()]


def role_is_new(side: Side) -> Sequence[str]:
    side.world.refuse_role(ROLE_ARN, 20)
    return _lifecycle(side)


def stopped_by_hand(side: Side) -> Sequence[str]:
    """The waiting execution is stopped in the console."""
    side.world.emulator.durations = side.world.emulator.durations.changed(create={"MLInputChannel": 120.0})

    def stop() -> None:
        for execution in side.state_machine.executions.values():
            if execution.is_running:
                side.state_machine.end(execution, "ABORTED")

    side.world.after(60, stop)
    return _lifecycle(side)


def replacement_rolled_back(side: Side) -> Sequence[str]:
    first = side.stack.create(side.template())
    return [first, side.stack.update(side.template(run="2", failing=True)), side.stack.delete()]


def slow_run(side: Side) -> Sequence[str]:
    side.world.emulator.durations = side.world.emulator.durations.changed(create={"MLInputChannel": 5400.0})
    return _lifecycle(side, links=2 if side.name == OURS else 0)


def deleted_during_the_run(side: Side) -> Sequence[str]:
    """The owner deletes the stack ten minutes into a run of half an hour."""
    side.world.emulator.durations = side.world.emulator.durations.changed(create={"MLInputChannel": 1800.0})
    side.world.after(600, side.stack.stop)
    return [side.stack.create(side.template())]


_BACK = ("ROLLBACK_COMPLETE",)

SCENARIOS = (
    Scenario("nothing goes wrong", "no fault", nothing),
    Scenario("the run fails", "CREATE_FAILED of the emulator", run_fails, _BACK),
    Scenario("the channel was already deleted", "deleted through the API", deleted_by_someone),
    Scenario(
        "the function dies after the service created the channel", "runtime killed after the call", crash_after_create
    ),
    Scenario("the function hangs after the service created the channel", "timeout after the call", hang_after_create),
    Scenario("the reply of the create is lost", "connection dropped after the effect", lost_reply),
    Scenario(
        "5xx after the create took effect",
        "fault of the emulator",
        _fault(Fault(CREATE, kind="lost_reply")),
    ),
    Scenario("Lambda delivers every event twice", "two deliveries at the same time", delivered_twice),
    Scenario(
        "CloudFormation's function dies after its work", "error after its return; Lambda retries", entry_dies_once
    ),
    Scenario(
        "the new channel is not visible for 20 s",
        "fault of the emulator",
        _fault(Fault(CREATE, kind="not_found", not_found_seconds=20)),
    ),
    Scenario("the channel's role can be assumed after 20 s", "AccessDenied until then", role_is_new),
    Scenario(
        "80 % of all calls are throttled",
        "fault of the emulator, probability 0.8",
        _fault(Fault("*", kind="throttle", count=100_000, probability=0.8)),
    ),
    Scenario("another resource fails while the channel is being created", "rollback of a create", sibling_fails, _BACK),
    Scenario("the owner cancels ten minutes into the run", "delete during create", deleted_during_the_run, _BACK),
    Scenario(
        "a replacement is rolled back",
        "another resource of the update fails",
        replacement_rolled_back,
        ("CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "DELETE_COMPLETE"),
        runs=3,
    ),
    Scenario("the run takes 90 minutes", "duration of the emulator", slow_run),
    Scenario("someone stops the waiting execution", "execution aborted after a minute", stopped_by_hand, _BACK),
)
