"""The phases of a stack's lifecycle, and what one fault does to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..audit import Audit
from ..cloudformation.resource import StackEvent
from ..cloudformation.stack import Stack
from ..faults import OperationFault, disarm
from ..world import World
from .cases import TAG, Case, failing

Arm = Callable[[], None]

# How often a user deletes again before giving up.
_DELETES = 3
_ROLLBACKS = 2


@dataclass(frozen=True)
class Phase:
    """A phase.

    Attributes:
        name: Create, update, replace, delete, rollback, or the rollback of a create.
        prepare: Brings a new stack to where the phase begins.
        act: The operation; calls the third argument at the moment from which the fault is on.
    """

    name: str
    prepare: Callable[[Stack, Case], None]
    act: Callable[[Stack, Case, Arm], None]

    def __str__(self) -> str:
        return self.name


def _nothing(stack: Stack, case: Case) -> None:
    pass


def _deployed(stack: Stack, case: Case) -> None:
    stack.create(case.template(**case.run(1), tags=TAG))


def _create(stack: Stack, case: Case, arm: Arm) -> None:
    arm()
    stack.create(case.template(**case.run(1), tags=TAG))


def _update(stack: Stack, case: Case, arm: Arm) -> None:
    arm()
    changed = {**case.run(1), **case.changeable}
    stack.update(case.template(tags={"team": "ads", "new": "1"}, **changed))


def _replace(stack: Stack, case: Case, arm: Arm) -> None:
    arm()
    stack.update(case.template(**case.run(2), tags=TAG))


def _delete(stack: Stack, case: Case, arm: Arm) -> None:
    arm()
    stack.delete()


def _at(stack: Stack, status: str, arm: Arm) -> None:
    def watch(event: StackEvent) -> None:
        if (event.logical_id, event.status) == ("", status):
            # A rollback that goes on later begins in the same way.
            stack.watchers.remove(watch)
            arm()

    stack.watchers.append(watch)


def _roll_back(stack: Stack, case: Case, arm: Arm) -> None:
    _at(stack, "UPDATE_ROLLBACK_IN_PROGRESS", arm)
    stack.update(case.template(failing(case.last), **case.run(2), tags=TAG))


def _undo(stack: Stack, case: Case, arm: Arm) -> None:
    _at(stack, "ROLLBACK_IN_PROGRESS", arm)
    stack.create(case.template(failing(case.last), **case.run(1), tags=TAG))


PHASES = (
    Phase("create", _nothing, _create),
    Phase("update", _deployed, _update),
    Phase("replace", _deployed, _replace),
    Phase("delete", _deployed, _delete),
    Phase("rollback", _deployed, _roll_back),
    Phase("undo", _nothing, _undo),
)


def finish(world: World, stack: Stack) -> Audit:
    """What is found when the fault is over: at rest, and when the stack has been deleted."""
    disarm(world)
    world.settle()
    for _ in range(_ROLLBACKS):
        if stack.status == "UPDATE_ROLLBACK_FAILED":
            stack.continue_rollback()
            world.settle()
    found = world.audit()
    for _ in range(_DELETES):
        if stack.status not in ("DELETE_COMPLETE", "ROLLBACK_COMPLETE"):
            stack.delete()
            world.settle()
    last = world.audit()
    found.reported = []
    found.add(last)
    if stack.status not in ("DELETE_COMPLETE", "ROLLBACK_COMPLETE"):
        found.waiting.append(f"{stack.name} cannot be deleted: {stack.status}")
    return found


def run(world: World, case: Case, phase: Phase, arm: Callable[[World], None]) -> Audit:
    """One phase with one fault, and everything that has to come afterwards."""
    stack = world.stack()
    phase.prepare(stack, case)
    found = Audit()
    if stack.status in ("", "CREATE_COMPLETE"):
        phase.act(stack, case, lambda: arm(world))
    else:
        found.waiting.append(f"{stack.name} cannot be created: {stack.last_reason}")
    found.add(finish(world, stack))
    return found


def calls_of(world: World, case: Case, phase: Phase) -> list[tuple[str, str]]:
    """All calls of the functions in a phase that goes well."""
    stack = world.stack()
    begin: list[int] = []
    phase.prepare(stack, case)
    phase.act(stack, case, lambda: begin.append(len(world.wire.calls)))
    world.settle()
    end = len(world.wire.calls)
    if stack.status not in ("DELETE_COMPLETE", "ROLLBACK_COMPLETE"):
        # Makes room for the singleton of the next phase.
        stack.delete()
    return [(call.service, call.operation) for call in world.wire.calls[begin[0] : end] if call.invocation is not None]


def fault_at(fault: OperationFault, service: str, operation: str) -> Callable[[World], None]:
    """Arms a fault for one operation."""
    return lambda world: fault.arm(world, service, operation)


def crash_at(number: int, *, after: bool) -> Callable[[World], None]:
    """Kills the function before or after the call of this number, counted from where the phase begins."""
    return lambda world: world.crash_at(len(world.wire.calls) + number, after=after)
