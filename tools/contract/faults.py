"""Tries every fault at every operation that the functions call, in every phase of a stack's lifecycle, for every kind.
Then lets requests overlap in every order of their calls.

Stacks that wait, orphans, duplicates and false successes are counted from the emulator's journal and records and from
what CloudFormation received.

Usage: python -m tools.contract.faults [--kind KIND] [--phase PHASE]        exit code 1 if any count is not zero
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache

from cleanrooms_ml_simulator import environment
from cleanrooms_ml_simulator.audit import Audit
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.lifecycle.cases import CASES
from cleanrooms_ml_simulator.lifecycle.matrix import Table, column
from cleanrooms_ml_simulator.lifecycle.overlaps import SCENARIOS, explored
from cleanrooms_ml_simulator.lifecycle.phases import PHASES
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World


@cache
def _network() -> tuple[ReplyServer, Connected]:
    """One for each process."""
    return ReplyServer(), Connected()


def _column(names: tuple[str, str]) -> list[tuple[str, str, str, Audit]]:
    kind, phase_name = names
    case = next(case for case in CASES if str(case) == kind)
    phase = next(phase for phase in PHASES if phase.name == phase_name)
    return [(cell.operation, cell.fault, phase_name, audit) for cell, audit in column(*_network(), case, phase)]


def _overlap(names: tuple[str, str]) -> tuple[str, str, int, Audit]:
    """A scenario of overlapping requests, in every order of their calls."""
    kind, scenario_name = names
    case = next(case for case in CASES if str(case) == kind)
    scenario = next(scenario for scenario in SCENARIOS if scenario.__name__ == scenario_name)
    total, count = Audit(), 0
    for at, until, audit in explored(lambda: World(*_network()), case, scenario):
        count += 1
        total.add(audit.within(f"{kind}, {scenario_name}, {at}, {until}"))
    return kind, scenario_name, count, total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=[str(case) for case in CASES])
    parser.add_argument("--phase", choices=[phase.name for phase in PHASES])
    arguments = parser.parse_args()
    environment.isolate()
    columns = [
        (str(case), phase.name)
        for case in CASES
        for phase in PHASES
        if arguments.kind in (None, str(case)) and arguments.phase in (None, phase.name)
    ]
    begun = time.monotonic()
    table = Table()
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for rows in pool.map(_column, columns):
            for row in rows:
                table.add(*row)
        kinds = dict.fromkeys(kind for kind, _ in columns)
        scenarios = [] if arguments.phase else [scenario.__name__ for scenario in SCENARIOS]
        overlaps = list(pool.map(_overlap, [(kind, name) for kind in kinds for name in scenarios]))
    print("\n".join(table.lines()))
    found, orders = Audit(), 0
    print(f"\n{'requests that overlap, in every order of their calls':<64} orders")
    for kind, name, count, audit in overlaps:
        print(f"{kind:<35} {name.replace('_', ' '):<28} {count:>6} {'/'.join(map(str, audit.counts)):>9}")
        orders += count
        found.add(audit)
    print(f"{orders} orders: {found.summary}")
    if found:
        print(found)
    print(f"{time.monotonic() - begun:.0f} s")
    return 1 if table.found or found else 0


if __name__ == "__main__":
    sys.exit(main())
