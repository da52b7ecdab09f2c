"""Both sides of what nobody could check: each has a switch, and the page about them is complete."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox.assumptions import ASSUMPTIONS, option_of
from cleanrooms_ml_cli.sandbox.emulator import Options

from .conftest import Bench
from .test_control import done

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "assumptions.md").read_text("utf-8")
CASES = [f"{name}={value}" for name, each in ASSUMPTIONS.items() for value in each.values]


@pytest.mark.parametrize("text", CASES)
def test_the_emulator_plays_it(bench: Bench, text: str) -> None:
    option, value = option_of(text)
    camel = re.sub("_(.)", lambda letter: letter[1].upper(), option)
    assert done(bench, "POST", "options", {camel: value})[camel] == value
    assert getattr(bench.emulator.options, option) == value


def test_the_first_side_is_the_default() -> None:
    defaults = {each.name: each.default for each in fields(Options)}
    for assumption in ASSUMPTIONS.values():
        assert next(iter(assumption.values.values())) == defaults[assumption.option]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("names=yes", "names is no assumption; allowed are inactive-frees-name"),
        ("busy-delete=no", "allowed are conflict"),
    ],
)
def test_what_it_cannot_play_is_refused(text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["sandbox", "up", "--assume", text])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_the_page_names_every_switch_and_tests_that_there_are() -> None:
    for name, assumption in ASSUMPTIONS.items():
        first, *others = assumption.values
        assert f"`{name}={first}`, {', '.join(f'`{other}`' for other in others)}" in PAGE
    sources = [*ROOT.glob("tests/**/test_*.py"), *ROOT.glob("tools/**/test_*.py")]
    known = {path.name for path in sources}
    known |= {name for path in sources for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))}
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "?" in line]
    assert len(rows) > 15
    for row in rows:
        tests = re.findall(r"`(test_\w+(?:\.py)?)`", row)
        assert tests, row
        assert set(tests) <= known, row


def test_the_library_is_tried_on_both_sides_of_every_switch() -> None:
    played, _ = PAGE.split("\n## What does not matter")
    library = (ROOT / "tests" / "protocol" / "test_assumptions.py").read_text("utf-8")
    for name, assumption in ASSUMPTIONS.items():
        [row] = [line for line in played.splitlines() if line.startswith("| ") and f"`{name}=" in line]
        for test in re.findall(r"`(test_\w+)`", row):
            assert f"def {test}(" in library, test
        assert f"assume(world, {assumption.option}=" in library or f", {assumption.option}=" in library, name
