"""The fault matrix: each operation that the functions call, each fault, each phase, on an AWS that is not quiet."""

from __future__ import annotations

import contextlib
import io
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ..audit import Audit
from ..behaviors import FAILURES, HARD, WELL_BEHAVED, Behavior
from ..cloudformation.replies import ReplyServer
from ..faults import operation_faults
from ..wire import Connected
from ..world import World
from .cases import Case
from .phases import PHASES, Phase, calls_of, crash_at, fault_at, run

KILLED = "(any call)"
BEHAVIOR = "(none)"
_BEHAVIORS_OF_A_CELL = 3


@dataclass(frozen=True)
class Cell:
    """One run.

    Attributes:
        operation: The operation that the fault hits.
        fault: Its name.
        arm: Starts it.
        behaviors: What AWS does otherwise in addition.
    """

    case: Case
    phase: Phase
    operation: str
    fault: str
    arm: Callable[[World], None]
    behaviors: tuple[Behavior, ...] = WELL_BEHAVED

    def drawn(self, seed: int, count: int) -> Cell:
        """The same with some behaviors, by which every run of this seed finds the same."""
        chance = random.Random(f"{seed}/{self.case}/{self.phase}/{self.operation}/{self.fault}")
        return replace(self, behaviors=tuple(chance.sample(HARD, count)))

    def run(self, world: World) -> Audit:
        """Everything that must never happen and did."""
        with contextlib.redirect_stdout(io.StringIO()):
            return run(world, self.case, self.phase, self.arm)


def cells(world: World, case: Case, phase: Phase) -> Iterator[Cell]:
    """Every cell of one kind and one phase, after a look at what the phase calls when all goes well."""
    with contextlib.redirect_stdout(io.StringIO()):
        calls = calls_of(world, case, phase)
    for service, operation in dict.fromkeys(calls):
        for fault in operation_faults(service, operation):
            yield Cell(case, phase, operation, str(fault), fault_at(fault, service, operation))
    # After one call is before the next.
    yield Cell(case, phase, KILLED, "killed before call 1", crash_at(1, after=False))
    for number in range(1, len(calls) + 1):
        yield Cell(case, phase, KILLED, f"killed after call {number}", crash_at(number, after=True))


def behavior_cells(case: Case, phase: Phase) -> Iterator[Cell]:
    """One cell for each behavior alone, and one for all that may be on any day.

    What happens on a bad day begins with the phase: before that, the stack is not there yet.
    """
    for behavior in HARD:
        yield Cell(case, phase, BEHAVIOR, str(behavior), lambda _: None, (behavior,))
    yield Cell(case, phase, BEHAVIOR, "all of the above", lambda _: None, HARD)
    for failure in FAILURES:
        yield Cell(case, phase, BEHAVIOR, str(failure), failure.arm)


def column(
    replies: ReplyServer, connected: Connected, case: Case, phase: Phase, seed: int
) -> Iterator[tuple[Cell, Audit]]:
    """All cells of one kind and one phase, each run in a world of its own."""
    quiet = World(replies, connected, behaviors=WELL_BEHAVED)
    drawn = [cell.drawn(seed, _BEHAVIORS_OF_A_CELL) for cell in cells(quiet, case, phase)]
    quiet.close()
    for cell in (*behavior_cells(case, phase), *drawn):
        world = World(replies, connected, behaviors=cell.behaviors)
        try:
            yield cell, cell.run(world)
        finally:
            world.close()


@dataclass
class Table:
    """What was found, by operation, fault and phase."""

    runs: int = 0
    reported: int = 0
    found: Audit = field(default_factory=Audit)
    _cells: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, operation: str, fault: str, phase: str, audit: Audit) -> None:
        """Note one run."""
        self.runs += 1
        self.reported += bool(audit.reported)
        self.found.add(audit.within(f"{operation}, {fault}, {phase}"))
        by_phase = self._cells[operation, fault]
        by_phase[phase] = by_phase.get(phase, 0) + sum(audit.counts)

    def lines(self) -> Iterator[str]:
        """The table as text, with a point where an operation is not called."""
        width = max(len(operation) for operation, _ in self._cells)
        fault_width = max(len(fault) for _, fault in self._cells)
        heads = " ".join(f"{phase.name:>8}" for phase in PHASES)
        yield f"{'operation':<{width}} {'fault':<{fault_width}} {heads}"
        for (operation, fault), by_phase in sorted(self._cells.items(), key=lambda item: item[0][0]):
            shown = " ".join(f"{by_phase.get(phase.name, '.'):>8}" for phase in PHASES)
            yield f"{operation:<{width}} {fault:<{fault_width}} {shown}"
        yield ""
        yield "a cell: how often something that must never happen did, of all kinds together"
        yield f"{self.runs} runs: {self.found.summary}"
        yield f"runs in which the fault did not end, something is left, and the last answer says so: {self.reported}"
        if self.found:
            yield str(self.found)
