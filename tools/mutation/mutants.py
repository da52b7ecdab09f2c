"""Breaks the code on purpose, one small mutation at a time: each has to make a test fail.

The mutated code is a copy in a temporary folder; nothing here is changed. Every mutation names the test that has to
notice it. The tests are first run on an unchanged copy, where all have to pass.

Usage: python -m tools.mutation.mutants checks|contract|engine [--only TEXT …] [--others]    exit code 1 if one survives
Needs an operating system that can fork, since importing pytest and botocore for each mutation would take most of
the time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import botocore.loaders  # noqa: F401  imported once, for all children
import hypothesis  # noqa: F401
import pytest

from cleanrooms_ml_simulator.contract import proofs

from .. import ROOT
from .breaks_of_adoption import ADOPTION
from .breaks_of_answers_and_waiting import ANSWERS_AND_WAITING
from .breaks_of_cleanups import CLEANUPS
from .breaks_of_create_and_update import CREATE_AND_UPDATE
from .breaks_of_delete import DELETE
from .breaks_of_events import EVENTS
from .breaks_of_failed_updates import FAILED_UPDATES
from .breaks_of_late_reads import LATE_READS
from .breaks_of_order_and_limits import ORDER_AND_LIMITS
from .breaks_of_retention import RETENTION
from .breaks_of_rollbacks import ROLLBACKS
from .breaks_of_versions import VERSIONS
from .mutation import Mutation
from .mutations_of_checker import CHECKER
from .mutations_of_engine import ENGINE
from .mutations_of_rules import RULES

CHECKS = (*CHECKER, *RULES)

# What is broken, in a copy; and where else tests import from.
SOURCES = ("custom_resources", "constructs")
_OTHER_PATHS = ("cli", "simulator", ".")


def mutations(group: str) -> tuple[Mutation, ...]:
    """The mutations of a group.

    Raises:
        KeyError: There is no such group.
    """
    return {"checks": CHECKS, "contract": contract(proofs()), "engine": ENGINE}[group]


def contract(tests: Mapping[str, list[str]]) -> tuple[Mutation, ...]:
    """The mutations of the lifecycle contract, at least one for each rule.

    Args:
        tests: The tests of each rule.
    """
    some = (*CREATE_AND_UPDATE, *FAILED_UPDATES, *LATE_READS, *ROLLBACKS, *VERSIONS, *ADOPTION)
    breaks = (*some, *DELETE, *CLEANUPS, *RETENTION, *ANSWERS_AND_WAITING, *ORDER_AND_LIMITS, *EVENTS)
    return tuple(one.mutation(tests) for one in breaks)


def passes(folder: Path, tests: Sequence[str], *plugins: object) -> bool:
    """Whether tests pass on a copy of the source; in a process of its own, which has imported none of it."""
    child = os.fork()
    if child == 0:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os.chdir(ROOT)
        sys.dont_write_bytecode = True
        os._exit(_run(folder, tests, plugins))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest ended with {code} for {', '.join(tests)}")
    return code == pytest.ExitCode.OK


def _run(folder: Path, tests: Sequence[str], plugins: Sequence[object]) -> int:
    try:
        paths = " ".join([*(str(folder / name) for name in SOURCES), *_OTHER_PATHS])
        # pytest would rather rewrite the assertions of the plugins that are imported already.
        options = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        code = pytest.main([*options, "-o", f"pythonpath={paths}", *tests], plugins=list(plugins))
        used = sys.modules["cleanrooms_ml_handlers"].__file__ or ""
        return int(code) if used.startswith(str(folder)) else int(pytest.ExitCode.INTERNAL_ERROR)
    except BaseException:
        return int(pytest.ExitCode.INTERNAL_ERROR)


class _Failures:
    """A pytest plugin that writes down which tests fail."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(report.nodeid.partition("[")[0] + "\n")


def others(folder: Path, mutation: Mutation, tests: Sequence[str]) -> list[str]:
    """Which other tests fail than those that a mutation names."""
    file = folder / "failures"
    file.write_text("", "utf-8")
    passes(folder, ["--maxfail=0", *tests], _Failures(file))
    return sorted({*file.read_text("utf-8").split()} - {*mutation.tests})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", choices=["checks", "contract", "engine"])
    parser.add_argument("--only", action="append", help="only mutations whose description has this text; repeatable")
    parser.add_argument("--others", action="store_true", help="report which tests of other mutations fail too (slow)")
    arguments = parser.parse_args()
    named = arguments.only or [""]
    group = [it for it in mutations(arguments.group) if any(text in it.about for text in named)]
    everything = sorted({test for mutation in mutations(arguments.group) for test in mutation.tests})
    survivors = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in SOURCES:
            shutil.copytree(ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
        if not passes(folder, sorted({test for mutation in group for test in mutation.tests})):
            print("the tests fail without any mutation")
            return 1
        for mutation in group:
            restore = mutation.apply(folder)
            survived = passes(folder, mutation.tests)
            too = others(folder, mutation, everything) if arguments.others else []
            restore()
            survivors += survived
            for number, test in enumerate(mutation.tests):
                verdict = "SURVIVED" if survived else "->"
                print(f"{'' if number else mutation.about:<58} {'' if number else verdict:<2} {test}", flush=True)
            for test in too:
                print(f"{'':<58} fails too: {test}", flush=True)
    print(f"\n{len(group)} mutations, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
