"""Prints the table, and with ``--write`` puts it into docs/comparison.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from .report import table

PAGE = Path(__file__).parents[2] / "docs" / "comparison.md"
BEGIN, END = "<!-- table: make comparison -->\n", "<!-- end of table -->\n"


def renewed(page: str, new: str) -> str:
    """The page with another table."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n" + new + "\n" + END + after


def main() -> None:
    """Plays everything."""
    parser = argparse.ArgumentParser(prog="python -m provider_comparison", description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew docs/comparison.md")
    options = parser.parse_args()
    new = table()
    print(new, end="")
    if options.write:
        PAGE.write_text(renewed(PAGE.read_text("utf-8"), new), "utf-8")


if __name__ == "__main__":
    main()
