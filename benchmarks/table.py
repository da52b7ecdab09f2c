"""Plays all benchmarks and writes one table: the README, and the figures that `make bench-check` compares with.

Usage: python -m benchmarks.table [--only imports synth] [--keep] [--rounds 1]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from cleanrooms_ml_simulator import environment

from . import committed
from .committed import Committed
from .figures import Figure, figure_of
from .protocol import Row
from .run import benchmark_of, play_apart

# In the order of the table.
MODULES = (
    "imports",
    "app",
    "synth",
    "checks",
    "checks_at_synth",
    "synchronous",
    "runs",
    "waiting",
    "cold_start",
    "scale",
)


def rows_of(modules: Sequence[str] = MODULES) -> list[Row]:
    """The rows of benchmarks, in order."""
    return [row for module in modules for row in benchmark_of(module).rows]


def measured(modules: Sequence[str], rounds: int | None = None) -> Committed:
    """Plays benchmarks, one after the other."""
    figures: dict[str, Figure] = {}
    details: dict[str, str] = {}
    for module in modules:
        started = time.monotonic()
        played = play_apart(module, rounds)
        figures |= {row.name: figure_of(row, played.rounds) for row in rows_of([module])}
        details[module] = played.details
        print(f"{module}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return Committed(figures, details)


def parser_of(description: str | None) -> argparse.ArgumentParser:
    """The options that the table and the check have."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=MODULES, metavar="MODULE", help="only these; default: all")
    parser.add_argument("--rounds", type=int, help="default: each benchmark's own")
    return parser


def main() -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--keep", action="store_true", help="write the table, although it is only a part of it")
    options = parser.parse_args()
    environment.isolate()
    environment.prefer_pinned_cdk()
    modules = options.only or MODULES
    new = measured(modules, options.rounds)
    print(committed.table(rows_of(modules), new.figures))
    for text in filter(None, new.details.values()):
        print(f"\n{text}")
    if options.keep or not options.only:
        committed.save(new, rows_of(), MODULES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
