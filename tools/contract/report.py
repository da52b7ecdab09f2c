"""Prints the lifecycle contract with a tick for each rule and kind, after running the tests that prove it.

Usage: python -m tools.contract.report        exit code 1 if a rule does not hold
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict

import pytest

from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_simulator.contract import ELSEWHERE, GROUPS, RULES, rule_of

from .. import ROOT

_KINDS = tuple(spec.kind for spec in SPECS)
# For tests of what is the same for every kind.
_ALL = "all"
_TICK, _CROSS, _DOES_NOT_APPLY = "✓", "✗", "·"


class Tally:
    """A pytest plugin that keeps the tests of the rules and notes how they end."""

    def __init__(self) -> None:
        self.passed: dict[tuple[str, str], list[bool]] = defaultdict(list)
        self.count = 0

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if rule_of(item.nodeid)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        parameters = report.nodeid.partition("[")[2].removesuffix("]").split("-")
        kind = next((kind for kind in _KINDS if kind in parameters), _ALL)
        self.passed[rule_of(report.nodeid), kind].append(report.passed)
        self.count += 1

    def cell(self, rule: str, kind: str) -> str:
        """How a rule fares with a kind."""
        results = self.passed.get((rule, kind), [])
        return _DOES_NOT_APPLY if not results else _TICK if all(results) else _CROSS

    def holds(self, rule: str) -> bool:
        """Whether a rule was tried and holds."""
        cells = {self.cell(rule, kind) for kind in (_ALL, *_KINDS)}
        return _TICK in cells and _CROSS not in cells


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    tally = Tally()
    elsewhere = sorted({name for names in ELSEWHERE.values() for name in names})
    code = pytest.main(["-q", "--no-header", "--rootdir", str(ROOT), "tests/protocol", *elsewhere], plugins=[tally])
    print()
    columns = (_ALL, *_KINDS)
    for number, kind in enumerate(columns):
        print(f"{'│ ' * number}┌ {kind}")
    for letter, title in GROUPS.items():
        print(f"\n{title}")
        for rule, text in RULES.items():
            if rule[0] == letter:
                print(f"{' '.join(tally.cell(rule, kind) for kind in columns)}  {rule:<4} {text}")
    failed = [rule for rule in RULES if not tally.holds(rule)]
    print(f"\n{len(RULES) - len(failed)} of {len(RULES)} rules hold, by {tally.count} tests.")
    print(f"{_TICK} holds  {_CROSS} does not  {_DOES_NOT_APPLY} not tried with this kind: cannot apply, or is the same")
    return 1 if failed or code else 0


if __name__ == "__main__":
    sys.exit(main())
