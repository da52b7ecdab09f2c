"""Plays the benchmarks and compares them with the committed figures.

Usage: python -m benchmarks.bench_check [--only imports synth] [--rounds 3]
Exit code 1 if a ratio, or a figure without a rival, is worse than the committed one by more than the tolerance
(`tolerance.py`). Rows in which the spread hides 10 % are named.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from cleanrooms_ml_simulator import environment

from . import committed
from .figures import Figure
from .protocol import Row
from .table import MODULES, measured, parser_of, rows_of
from .tolerance import unseen, worse


def faults(rows: Sequence[Row], now: Mapping[str, Figure], before: Mapping[str, Figure]) -> list[str]:
    """What is worse than it was, and what has no committed figure."""
    missing = [f"{row.name}: has no committed figure; run make bench" for row in rows if row.name not in before]
    both = [row for row in rows if row.name in before]
    return missing + [text for row in both if (text := worse(row, now[row.name], before[row.name]))]


def blind_spots(rows: Sequence[Row], now: Mapping[str, Figure], before: Mapping[str, Figure]) -> list[str]:
    """In which rows the spread hides a worsening."""
    both = [row for row in rows if row.name in before]
    return [text for row in both if (text := unseen(row, now[row.name], before[row.name]))]


def main() -> int:
    options = parser_of(__doc__).parse_args()
    environment.isolate()
    environment.prefer_pinned_cdk()
    modules = options.only or MODULES
    rows = rows_of(modules)
    now = measured(modules, options.rounds)
    print(committed.table(rows, now.figures))
    before = committed.load().figures
    for each in blind_spots(rows, now.figures, before):
        print(f"unsure: {each}")
    found = faults(rows, now.figures, before)
    for each in found:
        print(f"worse: {each}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
