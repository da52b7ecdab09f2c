"""Breaks the code on purpose, one small mutation at a time: each has to make a test fail.

The mutated code is a copy in a temporary folder; nothing here is changed. Every mutation names the test that has to
notice it. The tests are first run on an unchanged copy, where all have to pass.

Usage: python tools/mutants.py checks [--only TEXT]        exit code 1 if a mutation survives
Needs an operating system that can fork, since importing pytest and botocore for each mutation would take most of
the time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import botocore.loaders  # noqa: F401  imported once, for all children
import hypothesis  # noqa: F401
import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "custom_resources"
# Where else tests import from.
_OTHER_PATHS = ("constructs", "cli", "tests", "tools")


@dataclass(frozen=True)
class Mutation:
    """One small fault.

    Attributes:
        about: What is wrong then.
        path: The file below `custom_resources/cleanrooms_ml_handlers`.
        old: A text that occurs there once.
        new: What stands there instead.
        test: The test that has to fail.
    """

    about: str
    path: str
    old: str
    new: str
    test: str

    def apply(self, folder: Path) -> Callable[[], None]:
        """Changes the file in a copy of the source; what is returned puts it back.

        Raises:
            ValueError: The text does not occur exactly once: the mutation is stale.
        """
        file = folder / "cleanrooms_ml_handlers" / self.path
        text = file.read_text("utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.about}: {self.old!r} occurs {text.count(self.old)} times in {self.path}")
        file.write_text(text.replace(self.old, self.new), "utf-8")

        def restore() -> None:
            file.write_text(text, "utf-8")

        return restore


def mutations(group: str) -> tuple[Mutation, ...]:
    """The mutations of a group.

    Raises:
        KeyError: There is no such group.
    """
    from mutations_of_checks import CHECKS

    return {"checks": CHECKS}[group]


def passes(folder: Path, tests: Sequence[str]) -> bool:
    """Whether tests pass on a copy of the source; in a process of its own, which has imported none of it."""
    child = os.fork()
    if child == 0:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os.chdir(ROOT)
        sys.dont_write_bytecode = True
        os._exit(_run(folder, tests))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest ended with {code} for {', '.join(tests)}")
    return code == pytest.ExitCode.OK


def _run(folder: Path, tests: Sequence[str]) -> int:
    try:
        paths = " ".join([str(folder), *_OTHER_PATHS])
        # pytest would rather rewrite the assertions of the plugins that are imported already.
        options = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        code = pytest.main([*options, "-o", f"pythonpath={paths}", *tests])
        used = sys.modules["cleanrooms_ml_handlers"].__file__ or ""
        return int(code) if used.startswith(str(folder)) else int(pytest.ExitCode.INTERNAL_ERROR)
    except BaseException:
        return int(pytest.ExitCode.INTERNAL_ERROR)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", choices=["checks"])
    parser.add_argument("--only", default="", help="only mutations whose description has this text")
    arguments = parser.parse_args()
    group = [mutation for mutation in mutations(arguments.group) if arguments.only in mutation.about]
    survivors = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / SOURCE.name
        shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        if not passes(folder, sorted({mutation.test for mutation in group})):
            print("the tests fail without any mutation")
            return 1
        for mutation in group:
            restore = mutation.apply(folder)
            survived = passes(folder, [mutation.test])
            restore()
            survivors += survived
            print(f"{mutation.about:<58} {'SURVIVED' if survived else '->'} {mutation.test}", flush=True)
    print(f"\n{len(group)} mutations, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
