"""Tries every fault at every operation that the functions call, in every phase of a stack's life, for every kind.

Stacks that wait, orphans, duplicates and false successes are counted from the emulator's journal and records and from
what CloudFormation received.

Usage: python tools/faults.py [--kind KIND] [--phase PHASE]        exit code 1 if any count is not zero
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from functools import cache
from pathlib import Path

# The tests' own modules play CloudFormation, Lambda and Step Functions.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from conftest import *  # noqa: F403  no machine's settings reach a client
from harness.audit import Audit
from harness.replies import ReplyServer
from harness.wire import Connected
from protocol.cases import CASES
from protocol.matrix import Table, column
from protocol.phases import PHASES


@cache
def _network() -> tuple[ReplyServer, Connected]:
    """One for each process."""
    return ReplyServer(), Connected()


def _column(names: tuple[str, str]) -> list[tuple[str, str, str, Audit]]:
    kind, phase_name = names
    case = next(case for case in CASES if str(case) == kind)
    phase = next(phase for phase in PHASES if phase.name == phase_name)
    return [(cell.operation, cell.trouble, phase_name, audit) for cell, audit in column(*_network(), case, phase)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=[str(case) for case in CASES])
    parser.add_argument("--phase", choices=[phase.name for phase in PHASES])
    arguments = parser.parse_args()
    columns = [
        (str(case), phase.name)
        for case in CASES
        for phase in PHASES
        if arguments.kind in (None, str(case)) and arguments.phase in (None, phase.name)
    ]
    begun = time.monotonic()
    table = Table()
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for rows in pool.imap_unordered(_column, columns):
            for row in rows:
                table.add(*row)
    print("\n".join(table.lines()))
    print(f"{time.monotonic() - begun:.0f} s")
    return 1 if table.found else 0


if __name__ == "__main__":
    sys.exit(main())
