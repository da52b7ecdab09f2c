"""Writes the findings of cdk-nag in app.py into docs/cdk-nag.md, with the reason or the remedy of each.

Usage: python -m tools.pages.nag_page [--check]
A finding that nobody explained in nag.py stops it.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cdk_cleanrooms_ml._permissions import worker_statements

from .. import ROOT
from .generated import filled, run, table
from .nag import AWS_SOLUTIONS, Nag, explained, nags, way_out

EXAMPLES = (ROOT / "examples" / "policy-checks" / "app.py", ROOT / "examples" / "pipelines" / "accepted.py")
# What the examples give a reason of its own.
_EXPLAINED = (
    "cleanrooms:<AWS::Region>:<AWS::AccountId>:membership/*",
    "cleanrooms:<AWS::Region>:*:collaboration/*",
)


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


def example(file: Path) -> str:
    """An example that accepts findings, with the ARNs that the worker needs for an input channel in the stack."""
    arns = sorted(each["Fn::Sub"] for each in _resources() if isinstance(each, dict))
    shown = [re.sub(r"\$\{(.*?)\}", r"<\1>", arn) for arn in arns]
    wildcards = [arn.partition(":<AWS::Partition>:")[2] for arn in shown if arn.endswith("/*")]
    return filled(file, {"wildcards": "\n".join(f'"{arn}",' for arn in wildcards if arn not in _EXPLAINED)})


def _resources() -> Iterator[Any]:
    for statement in worker_statements(["MLInputChannel"]):
        its = statement["Resource"]
        if statement["Effect"] == "Allow" and statement["Action"] != ["iam:PassRole"]:
            yield from its if isinstance(its, list) else [its]


def _short(path: str) -> str:
    """A construct's path without the stack and without the child that CloudFormation sees."""
    return path.split("/", 1)[1].removesuffix("/Resource")


if __name__ == "__main__":
    others = {file: functools.partial(example, file) for file in EXAMPLES}
    sys.exit(run(__doc__, ROOT / "docs" / "cdk-nag.md", page, others))
