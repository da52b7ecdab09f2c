"""Writes the findings of cdk-nag in app.py into docs/cdk-nag.md, with the reason or the remedy of each.

Usage: python -m tools.pages.nag_page [--check]
A finding that nobody explained in nag.py stops it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .. import ROOT
from .generated import filled, run, table
from .nag import AWS_SOLUTIONS, Nag, explained, nags, way_out


def page(file: Path) -> str:
    """The expected page."""
    return filled(file, tables(nags()))


def tables(found: list[Nag]) -> dict[str, str]:
    """The generated parts of the page, by name."""
    wildcards = [nag for nag in found if nag.pack == AWS_SOLUTIONS and nag.rule == "IAM5"]
    rest = [nag for nag in found if nag not in wildcards]
    by_rule: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for nag in rest:
        packs, paths = by_rule.setdefault((nag.rule, way_out(nag)), (set(), set()))
        packs.add(nag.pack)
        paths.add(_short(nag.path))
    return {
        "wildcards": table(
            ("wildcard", "where", "why", "for"),
            [(f"`{nag.detail}`", f"`{_short(nag.path)}`", *explained(nag)) for nag in wildcards],
        ),
        "others": table(
            ("rule", "packs", "where", "what removes it"),
            [
                (f"`{rule}`", ", ".join(sorted(packs)), ", ".join(f"`{path}`" for path in sorted(paths)), way)
                for (rule, way), (packs, paths) in by_rule.items()
            ],
        ),
    }


def _short(path: str) -> str:
    """A construct's path without the stack and without the child that CloudFormation sees."""
    return path.split("/", 1)[1].removesuffix("/Resource")


if __name__ == "__main__":
    sys.exit(run(__doc__, ROOT / "docs" / "cdk-nag.md", page))
