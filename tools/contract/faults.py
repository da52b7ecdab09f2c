"""Tries every fault at every operation that the functions call, in every phase of a stack's life, for every kind.
Then lets requests overlap in every order of their calls, and carries out lifecycles that are hard on deletes,
adoption and watches.

The AWS around it lags, refuses, repeats and reorders: each fault meets three behaviors, which the seed draws; each
behavior is tried alone, too. What must never happen is counted from the emulator's journal and records and from what
CloudFormation received.

Usage: python -m tools.contract.faults [--kind KIND] [--phase PHASE] [--seed N]
Exit code 1 if any count is not zero.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache

from cleanrooms_ml_simulator import environment
from cleanrooms_ml_simulator.audit import Audit
from cleanrooms_ml_simulator.behaviors import (
    HARD,
    WELL_BEHAVED,
    ClockBehind,
    ExecutionsLag,
    Lag,
    LostExecutions,
    OldStatusAfterDelete,
    RefusesTags,
)
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.lifecycle.cases import CASES, Case
from cleanrooms_ml_simulator.lifecycle.hardships import HARDSHIPS
from cleanrooms_ml_simulator.lifecycle.matrix import Table, column
from cleanrooms_ml_simulator.lifecycle.overlaps import SCENARIOS, explored
from cleanrooms_ml_simulator.lifecycle.phases import PHASES
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World

# Those by which the calls of a scenario stay the same: they are counted.
_OF_OVERLAPS = (
    Lag("List", 5),
    Lag("Get", 3),
    Lag("Tags", 4),
    OldStatusAfterDelete(),
    RefusesTags(),
    ClockBehind(),
    ExecutionsLag(),
)


@cache
def _network() -> tuple[ReplyServer, Connected]:
    """One for each process."""
    return ReplyServer(), Connected()


@dataclass(frozen=True)
class Job:
    """One part of the work, as a process gets it."""

    kind: str
    name: str
    seed: int = 0

    @property
    def case(self) -> Case:
        """The kind."""
        return next(case for case in CASES if str(case) == self.kind)


def _column(job: Job) -> list[tuple[str, str, str, Audit]]:
    phase = next(phase for phase in PHASES if phase.name == job.name)
    return [
        (cell.operation, cell.fault, job.name, audit.within(f"{job.kind}, {', '.join(map(str, cell.behaviors))}"))
        for cell, audit in column(*_network(), job.case, phase, job.seed)
    ]


def _overlap(job: Job) -> tuple[Job, int, Audit]:
    """A scenario of overlapping requests, in every order of their calls, on an AWS with one behavior."""
    scenario = next(scenario for scenario in SCENARIOS if scenario.__name__ == job.name)
    behavior = random.Random(f"{job.seed}/{job.kind}/{job.name}").choice(_OF_OVERLAPS)  # noqa: S311 (no secret)
    total, count = Audit(), 0
    for at, until, audit in explored(lambda: World(*_network(), behaviors=(behavior,)), job.case, scenario):
        count += 1
        total.add(audit.within(f"{job.kind}, {job.name}, {at}, {until}, {behavior}"))
    return job, count, total


def _hardship(job: Job) -> tuple[Job, int, Audit]:
    """A lifecycle on a well-behaved AWS, on one with each behavior, and on one with all."""
    hardship = next(hardship for hardship in HARDSHIPS if str(hardship) == job.name)
    total, count = Audit(), 0
    for behaviors in (WELL_BEHAVED, *((behavior,) for behavior in (*HARD, LostExecutions())), HARD):
        count += 1
        name = "all behaviors" if behaviors is HARD else ", ".join(map(str, behaviors)) or "well-behaved"
        world = World(*_network(), behaviors=behaviors)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                audit = hardship.run(world, job.case)
        finally:
            world.close()
        total.add(audit.within(f"{job.kind}, {job.name}, {name}"))
    return job, count, total


def _print_rows(title: str, what: str, rows: Iterable[tuple[Job, int, Audit]]) -> Audit:
    found, total = Audit(), 0
    print(f"\n{title:<90} {what:>8} {'found':>6}")
    for job, count, audit in rows:
        print(f"{job.kind:<35} {job.name.replace('_', ' '):<54} {count:>8} {sum(audit.counts):>6}")
        total += count
        found.add(audit)
    print(f"{total} {what}: {found.summary}")
    if found:
        print(found)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=[str(case) for case in CASES])
    parser.add_argument("--phase", choices=[phase.name for phase in PHASES])
    parser.add_argument("--seed", type=int, help="default: a random one")
    arguments = parser.parse_args()
    environment.isolate()
    seed = random.SystemRandom().randrange(10**9) if arguments.seed is None else arguments.seed
    kinds = [str(case) for case in CASES if arguments.kind in (None, str(case))]
    phases = [phase.name for phase in PHASES if arguments.phase in (None, phase.name)]
    begun = time.monotonic()
    table = Table()
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        columns = pool.map(_column, [Job(kind, phase, seed) for kind in kinds for phase in phases])
        lifecycles = [
            Job(str(case), str(hardship))
            for hardship in HARDSHIPS
            for case in hardship.cases
            if str(case) in kinds and not arguments.phase
        ]
        scenarios = [] if arguments.phase else [scenario.__name__ for scenario in SCENARIOS]
        hardships = pool.map(_hardship, lifecycles)
        overlaps = pool.map(_overlap, [Job(kind, name, seed) for kind in kinds for name in scenarios])
        for rows in columns:
            for row in rows:
                table.add(*row)
        print("\n".join(table.lines()))
        found = _print_rows("lifecycles, with each behavior and with all", "runs", hardships)
        found.add(_print_rows("requests that overlap, in every order of their calls", "orders", overlaps))
    print(f"seed {seed}, {time.monotonic() - begun:.0f} s")
    return 1 if table.found or found else 0


if __name__ == "__main__":
    sys.exit(main())
