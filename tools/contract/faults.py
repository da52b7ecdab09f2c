"""Tries every fault at every operation that the functions call, in every phase of a stack's life, for every kind.
Then lets requests overlap in every order of their calls, and carries out lifecycles that are hard on deletes,
adoption and watches.

The AWS around it lags, refuses, repeats and reorders: each fault meets three behaviors, which the seed draws; each
behavior is tried alone, too. What must never happen is counted from the emulator's journal and records and from what
CloudFormation received.

Each part is reported when it has ended, with what it found; the table of all follows at the end.

Usage: python -m tools.contract.faults [--kind KIND ...] [--phase PHASE ...] [--part K/N] [--seed N]
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
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
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
    """One part of the work, as a process gets it.

    Attributes:
        group: What is tried: a fault at each operation, a lifecycle, or requests that overlap.
        kind: The kind.
        name: The phase, the lifecycle or the scenario.
        seed: What draws are made from.
    """

    group: str
    kind: str
    name: str
    seed: int

    def __str__(self) -> str:
        return f"{self.group}, {self.kind}, {self.name.replace('_', ' ')}"

    @property
    def case(self) -> Case:
        """The kind."""
        return next(case for case in CASES if str(case) == self.kind)


@dataclass(frozen=True)
class Result:
    """What one part found.

    Attributes:
        runs: How many runs it had.
        found: Everything that they found.
        rows: Of a phase, each run: the operation, the fault and what was found.
    """

    job: Job
    runs: int
    found: Audit
    rows: tuple[tuple[str, str, Audit], ...] = ()


def _column(job: Job) -> Result:
    """A phase with every fault at every operation."""
    phase = next(phase for phase in PHASES if phase.name == job.name)
    rows, total = [], Audit()
    for cell, audit in column(*_network(), job.case, phase, job.seed):
        rows.append((cell.operation, cell.fault, audit.within(f"{job.kind}, {', '.join(map(str, cell.behaviors))}")))
        total.add(audit.within(f"{job.kind}, {', '.join(map(str, cell.behaviors))}: {cell.operation}, {cell.fault}"))
    return Result(job, len(rows), total, tuple(rows))


def _overlap(job: Job) -> Result:
    """A scenario of overlapping requests, in every order of their calls, on an AWS with one behavior."""
    scenario = next(scenario for scenario in SCENARIOS if scenario.__name__ == job.name)
    behavior = random.Random(f"{job.seed}/{job.kind}/{job.name}").choice(_OF_OVERLAPS)  # noqa: S311 (no secret)
    total, count = Audit(), 0
    for at, until, audit in explored(lambda: World(*_network(), behaviors=(behavior,)), job.case, scenario):
        count += 1
        total.add(audit.within(f"{job.kind}, {job.name}, {at}, {until}, {behavior}"))
    return Result(job, count, total)


def _hardship(job: Job) -> Result:
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
    return Result(job, count, total)


_FAULTS, _LIFECYCLES, _OVERLAPS = "faults", "lifecycles", "overlaps"
_GROUPS: dict[str, Callable[[Job], Result]] = {_FAULTS: _column, _LIFECYCLES: _hardship, _OVERLAPS: _overlap}


def _jobs(kinds: list[str], phases: list[str], seed: int) -> list[Job]:
    """All parts of the work; with only some phases no lifecycles and overlaps."""
    found = [Job(_FAULTS, kind, phase, seed) for kind in kinds for phase in phases]
    if len(phases) < len(PHASES):
        return found
    found += [
        Job(_LIFECYCLES, str(case), str(hardship), seed)
        for hardship in HARDSHIPS
        for case in hardship.cases
        if str(case) in kinds
    ]
    return found + [Job(_OVERLAPS, kind, scenario.__name__, seed) for kind in kinds for scenario in SCENARIOS]


def _part(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not 1 <= int(number) <= int(count):
        raise ValueError(text)
    return int(number), int(count)


def _run(job: Job) -> Result:
    return _GROUPS[job.group](job)


def _results(jobs: list[Job]) -> list[Result]:
    """What each part found, in the order of the parts; each is reported when it has ended."""
    begun, results = time.monotonic(), {}
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for future in as_completed([pool.submit(_run, job) for job in jobs]):
            result = future.result()
            results[result.job] = result
            done = f"[{len(results)}/{len(jobs)}, {time.monotonic() - begun:.0f} s]"
            print(f"{done} {result.job}: {result.runs} runs, found {sum(result.found.counts)}", flush=True)
            if result.found:
                print(result.found, flush=True)
    return [results[job] for job in jobs]


def _print_rows(title: str, what: str, results: Iterable[Result]) -> Audit:
    found, total = Audit(), 0
    print(f"\n{title:<90} {what:>8} {'found':>6}")
    for result in results:
        kind, name = result.job.kind, result.job.name.replace("_", " ")
        print(f"{kind:<35} {name:<54} {result.runs:>8} {sum(result.found.counts):>6}")
        total += result.runs
        found.add(result.found)
    print(f"{total} {what}: {found.summary}")
    if found:
        print(found)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds, phases = [str(case) for case in CASES], [phase.name for phase in PHASES]
    parser.add_argument("--kind", choices=kinds, nargs="+", default=kinds)
    parser.add_argument("--phase", choices=phases, nargs="+", default=phases)
    parser.add_argument(
        "--part", type=_part, default=(1, 1), metavar="K/N", help="only every Nth part, from the Kth on"
    )
    parser.add_argument("--seed", type=int, help="default: a random one")
    arguments = parser.parse_args()
    environment.isolate()
    seed = random.SystemRandom().randrange(10**9) if arguments.seed is None else arguments.seed
    number, count = arguments.part
    jobs = _jobs(arguments.kind, arguments.phase, seed)[number - 1 :: count]
    print(f"{len(jobs)} parts, seed {seed}", flush=True)
    begun = time.monotonic()
    results = _results(jobs)
    by_group = {group: [result for result in results if result.job.group == group] for group in _GROUPS}
    table = Table()
    for result in by_group[_FAULTS]:
        for operation, fault, audit in result.rows:
            table.add(operation, fault, result.job.name, audit)
    found = Audit()
    if table.runs:
        print("\n".join(table.lines()))
    if by_group[_LIFECYCLES]:
        found.add(_print_rows("lifecycles, with each behavior and with all", "runs", by_group[_LIFECYCLES]))
    if by_group[_OVERLAPS]:
        found.add(_print_rows("requests that overlap, in every order of their calls", "orders", by_group[_OVERLAPS]))
    print(f"seed {seed}, {time.monotonic() - begun:.0f} s")
    return 1 if table.found or found else 0


if __name__ == "__main__":
    sys.exit(main())
