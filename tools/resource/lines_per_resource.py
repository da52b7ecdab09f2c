"""Counts the lines of code of each resource: its spec and its construct. Exit code 1 if a spec is too long.

A line of code is neither blank, nor a comment, nor part of a docstring. A spec is measured by all lines of its file:
it is data, and has to fit on a screen.
"""

from __future__ import annotations

import argparse
import io
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cleanrooms_ml_handlers.resources import SPECS

from .. import ROOT
from .writing import snake

SPEC_LINES_MAX = 60
_SPECS = Path("custom_resources/cleanrooms_ml_handlers/resources")
_CONSTRUCTS = Path("constructs/cdk_cleanrooms_ml")
# What CloudFormation creates by itself needs a construct alone.
NATIVE_KINDS = ("TrainingDataset", "ConfiguredModelAlgorithm", "ConfiguredModelAlgorithmAssociation")
_BEFORE_A_STATEMENT = (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)


@dataclass(frozen=True)
class Size:
    """How much code a resource is.

    Args:
        kind: The API's name of it.
        spec: Lines of code of its spec; 0 without one.
        construct: Lines of code of its construct.
        spec_file: All lines of the spec's file.
    """

    kind: str
    spec: int
    construct: int
    spec_file: int

    @property
    def is_too_long(self) -> bool:
        """Whether its spec has too many lines."""
        return self.spec_file > SPEC_LINES_MAX


def sizes(root: Path = ROOT) -> Iterator[Size]:
    """Every resource of Clean Rooms ML."""
    described = {spec.kind for spec in SPECS}
    for kind in (*(spec.kind for spec in SPECS), *NATIVE_KINDS):
        stem = snake(kind)
        spec = (root / _SPECS / f"{stem}.py").read_text(encoding="utf-8") if kind in described else ""
        construct = (root / _CONSTRUCTS / f"{stem}.py").read_text(encoding="utf-8")
        yield Size(kind, code_lines(spec), code_lines(construct), len(spec.splitlines()))


def code_lines(source: str) -> int:
    """Lines with code: neither blank, nor comments, nor docstrings."""
    lines: set[int] = set()
    # What comes before decides whether a text is a statement of its own.
    before = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER):
            continue
        is_docstring = token.type == tokenize.STRING and before in _BEFORE_A_STATEMENT
        if token.type not in _BEFORE_A_STATEMENT and not is_docstring:
            lines.update(range(token.start[0], token.end[0] + 1))
        before = token.type
    return len(lines)


def main() -> int:
    """Prints a line for each resource; 1 if a spec is too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout")
    found = list(sizes(parser.parse_args().root))
    print(f"{'lines of code':36} spec + construct")
    for size in found:
        print(f"{size.kind:36} {size.spec:4} + {size.construct:4} = {size.spec + size.construct:4}")
    spec, construct = sum(size.spec for size in found), sum(size.construct for size in found)
    print(f"{'all':36} {spec:4} + {construct:4} = {spec + construct:4}")
    too_long = [size for size in found if size.is_too_long]
    for size in too_long:
        print(f"the spec of {size.kind} has {size.spec_file} lines; allowed are {SPEC_LINES_MAX}", file=sys.stderr)
    return int(bool(too_long))


if __name__ == "__main__":
    sys.exit(main())
