"""Prints the table and writes it into docs/comparison.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cleanrooms_ml_simulator import environment

from .report import table

PAGE = Path(__file__).parents[2] / "docs" / "comparison.md"
BEGIN, END = "<!-- table: make comparison -->\n", "<!-- end of table -->\n"


def renewed(page: str, new: str) -> str:
    """The page with another table."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + new + "\n" + END + after


def main() -> int:
    """Plays everything; 1 if the page is to be checked and is stale."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.provider_comparison", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if the page is stale")
    options = parser.parse_args()
    environment.isolate()
    new = table()
    print(new, end="")
    old = PAGE.read_text("utf-8")
    page = renewed(old, new)
    if options.check:
        return int(page != old)
    PAGE.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
