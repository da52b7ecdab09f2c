"""Shows that every limit of AWS's service models is checked: one line per resource and operation.

The service model of botocore says which constraints there are. For each one, values are generated that break just it,
within the smallest and within the largest request that the model allows; each has to be refused for that constraint,
and the last values on the right side of it have to be accepted.

Usage: python -m tools.limits_oracle.check_limits [--newest]        exit code 1 if anything is missing
       --newest takes the model from the newest released botocore, which pip fetches, and not from the installed one
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import botocore

from cleanrooms_ml_handlers.model import ServiceModel, service_model
from cleanrooms_ml_handlers.problem import ID_PREFIX, Problem

from .. import ROOT
from .service_constraints import Broken, Constraint, Constraints
from .service_operations import operations
from .service_values import ITEM, KEY, OTHER_MODELS, VALUE, Steps, Values, botocore_model, changed

_SHOWN_FAILURES = 20
_FETCHED = ROOT / ".cache" / "botocore"


@dataclass
class Outcome:
    """What became of the constraints of one operation."""

    kind: str
    operation: str
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def row(self) -> tuple[str, ...]:
        """The line of the table."""
        counts = self.counts
        return (
            self.kind,
            self.operation,
            f"{counts['constraints']}",
            f"{counts['refused']}",
            f"{counts['values']}",
            f"{counts['accepted']} of {counts['boundaries']}",
        )


def outcomes() -> Iterator[Outcome]:
    """Every operation."""
    return (outcome(*operation) for operation in operations())


def outcome(kind: str, service: str, operation: str, checker: ServiceModel | None = None) -> Outcome:
    """Breaks each constraint of an operation's input.

    Args:
        kind: The kind of resource, for the table.
        service: The service in botocore.
        operation: The operation.
        checker: What checks; the stored model of the service by default.
    """
    newest = botocore_model(service)
    checker = checker or service_model(service)
    name: str = newest["operations"][operation]["input"]["shape"]
    values = Values(newest["shapes"])
    result = Outcome(kind, operation)
    for constraint in Constraints(values).of(name):
        bases = [values.make(name, full=full, path=constraint.path) for full in (False, True)]
        _try(result, checker, constraint, bases)
    return result


def _try(result: Outcome, checker: ServiceModel, constraint: Constraint, bases: list[Any]) -> None:
    operation = result.operation
    refused = True
    for base in bases:
        for broken in constraint.broken:
            request = changed(base, constraint.path, broken.value)
            found = checker.check(operation, request, show_sensitive=True)
            result.counts["values"] += 1
            if not _is_refused(constraint, broken, base, found):
                refused = False
                result.failures.append(_described(constraint, base, f"{broken.value!r:.80} is not refused", found))
        for value in constraint.allowed:
            request = changed(base, constraint.path, value)
            found = checker.check(operation, request, show_sensitive=True)
            result.counts["boundaries"] += 1
            result.counts["accepted"] += not found
            if found:
                result.failures.append(_described(constraint, base, f"{value!r:.80} is not accepted", found))
    # A least length of 0 forbids nothing: there is nothing to refuse.
    if constraint.broken:
        result.counts["constraints"] += 1
        result.counts["refused"] += refused


def _is_refused(constraint: Constraint, broken: Broken, base: Any, found: list[Problem]) -> bool:
    """Whether it is refused for this constraint, at its position, and for no other that it does not break."""
    rule = ID_PREFIX + constraint.rule
    position = located(base, (*constraint.path, *broken.at))
    is_key = constraint.path[-1:] == (KEY,)
    right = [
        problem
        for problem in found
        if problem.rule == rule and (problem.path.startswith(position) if is_key else problem.path == position)
    ]
    return bool(right) and (not broken.alone or found == right)


def located(request: Any, path: Steps) -> str:
    """A path as messages write it, through the first entry of each list and map."""
    text = ""
    value = request
    for step in path:
        if step == ITEM:
            text, value = f"{text}[0]", value[0]
        elif step == VALUE:
            key = next(iter(value))
            text, value = f"{text}[{json.dumps(key)}]", value[key]
        elif step == KEY:
            text = f"{text} key "
        else:
            text, value = f"{text}.{step}", value.get(step) if isinstance(value, dict) else None
    return text.removeprefix(".")


def _described(constraint: Constraint, base: Any, what: str, found: list[Problem]) -> str:
    problems = "; ".join(f"{problem} [{problem.rule}]" for problem in found) or "no problem"
    return f"{located(base, constraint.path) or 'the request'}, {constraint.name}: {what}: {problems:.200}"


def fetch_newest() -> str:
    """Fetches the newest botocore, without installing it, for its models; its version.

    Raises:
        subprocess.CalledProcessError: pip cannot.
    """
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--upgrade", "--target", str(_FETCHED), "botocore"], check=True)
    os.environ[OTHER_MODELS] = str(_FETCHED / "botocore" / "data")
    stated = re.search(r"__version__ = ['\"]([^'\"]+)", (_FETCHED / "botocore" / "__init__.py").read_text("utf-8"))
    return stated[1] if stated else "of an unknown version"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a value has the wrong verdict.

    Args:
        arguments: Those of the command line. Default: those of this process.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--newest", action="store_true", help="take the model from the newest released botocore")
    version = fetch_newest() if parser.parse_args(arguments).newest else botocore.__version__
    heads = ("resource", "operation", "constraints", "refused", "values tried", "boundaries accepted")
    results = list(outcomes())
    rows = [heads, *(result.row for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    print(f"constraints in the service models of botocore {version}, refused at synth\n")
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    failures = [f"{result.operation}: {failure}" for result in results for failure in result.failures]
    if failures:
        print(f"\n{len(failures)} values with the wrong verdict:", *failures[:_SHOWN_FAILURES], sep="\n")
        return 1
    print("\nall refused, each for the constraint that it breaks; all boundaries accepted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
