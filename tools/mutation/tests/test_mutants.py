"""The list of mutations is up to date, and its runner notices what survives; `make mutants` runs them all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ... import ROOT
from .. import mutants
from ..mutants import CHECKS
from ..mutation import Mutation
from ..mutations_of_engine import ENGINE

_CONSTRAINTS = "custom_resources/cleanrooms_ml_handlers/constraints.py"


@pytest.mark.parametrize("mutation", [*CHECKS, *ENGINE], ids=lambda mutation: mutation.about)
def test_each_mutation_changes_one_place_and_names_tests(mutation: Mutation) -> None:
    text = (ROOT / mutation.root / mutation.path).read_text("utf-8")
    assert text.count(mutation.old) == 1
    changed = text.replace(mutation.old, mutation.new)
    assert changed != text
    compile(changed, mutation.path, "exec")
    for named in mutation.tests:
        file, test = named.split("::")
        assert f"def {test.partition('[')[0]}(" in (ROOT / file).read_text("utf-8")


def test_there_are_enough_of_them() -> None:
    for group, least in ((CHECKS, 15), (ENGINE, 30)):
        assert len({mutation.about for mutation in group}) == len(group) >= least


def test_a_mutation_makes_its_test_fail_on_a_copy() -> None:
    before = (ROOT / _CONSTRAINTS).read_bytes()
    command = [sys.executable, "-m", "tools.mutation.mutants", "checks", "--only", "the keys of a map"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert "1 mutations, 0 survived" in result.stdout
    assert (ROOT / _CONSTRAINTS).read_bytes() == before


def test_a_mutation_that_survives_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mutants.py", "checks", "--only", "the keys of a map"])
    monkeypatch.setattr(mutants, "passes", lambda folder, tests: True)
    assert mutants.main() == 1
    assert "SURVIVED" in capsys.readouterr().out


def test_tests_that_fail_anyway_prove_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mutants.py", "checks"])
    monkeypatch.setattr(mutants, "passes", lambda folder, tests: False)
    assert mutants.main() == 1
    assert "fail without any mutation" in capsys.readouterr().out


def test_a_stale_mutation_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "custom_resources" / "cleanrooms_ml_handlers"
    folder.mkdir(parents=True)
    (folder / "model.py").write_text("same same", "utf-8")
    for old, count in (("same", 2), ("other", 0)):
        with pytest.raises(ValueError, match=f"occurs {count} times"):
            Mutation("x", "model.py", old, "new", "test").apply(tmp_path)
    restore = Mutation("x", "model.py", "same same", "new", "test").apply(tmp_path)
    assert (folder / "model.py").read_text("utf-8") == "new"
    restore()
    assert (folder / "model.py").read_text("utf-8") == "same same"
