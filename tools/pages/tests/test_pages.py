"""The generated pages are current, and say what they should."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.rules import CROSS_REQUEST_RULES, HARD, SOFT
from cleanrooms_ml_handlers.rules.in_flight import IN_FLIGHT

from ... import ROOT
from ...limits_oracle.service_operations import operations
from ..limit_text import limit_of

GENERATORS = sorted(path.stem for path in Path(__file__).parents[1].glob("*_page.py"))
LIMITS = (ROOT / "docs" / "limits.md").read_text("utf-8")


def generate(generator: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs a generator as `make pages` does."""
    command = [sys.executable, "-m", f"tools.pages.{generator}", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_page_is_current(generator: str) -> None:
    done = generate(generator, "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_pages_runs_every_generator() -> None:
    listed = re.findall(r"^PAGES := (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert sorted(f"{name}_page" for name in listed[0].split()) == GENERATORS


def test_a_stale_page_is_reported_and_written_again(tmp_path: Path) -> None:
    stale = tmp_path / "limits.md"
    stale.write_text(LIMITS.replace("2 to 1024", "2 to 1025"), "utf-8")
    done = generate("limits_page", "--check", "--page", str(stale))
    assert (done.returncode, done.stderr) == (1, "")
    assert "limits.md is stale" in done.stdout
    assert "2 to 1025" in stale.read_text("utf-8")
    assert generate("limits_page", "--page", str(stale)).returncode == 0
    assert stale.read_text("utf-8") == LIMITS


def test_a_page_without_markers_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "operations.md"
    page.write_text("# Operations\n", "utf-8")
    done = generate("operations_page", "--page", str(page))
    assert "operations.md has no <!-- begin operations" in done.stderr
    assert page.read_text("utf-8") == "# Operations\n"


def test_every_operation_has_a_line() -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    names = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert names == sorted(service_model("cleanroomsml").operations)
    assert len(names) == 59


def test_the_table_of_resources_names_every_construct_of_a_resource() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (table,) = re.findall(r"^\| resources \|.*\n(?:\|.*\n)+", text, re.MULTILINE)
    missing = {operation.kind for operation in operations()} - set(re.findall(r"`(\w+)`", table))
    assert not missing, (
        f"add {', '.join(sorted(missing))} to the table of resources in README.md, then run `make pages`"
    )


def test_the_limits_page_names_every_kind_operation_and_rule() -> None:
    for operation in operations():
        assert f"## {operation.kind}\n" in LIMITS
        assert f"### {operation.name}\n" in LIMITS
    limits, _, reasons = LIMITS.partition("## Why, and what to do")
    for rule in (*HARD, *SOFT, *CROSS_REQUEST_RULES, IN_FLIGHT):
        assert f"| `{rule.id}` | {rule.reason} |" in reasons
        assert f"`{rule.id}` |" in limits, f"{rule.id} is beside no limit"


def test_a_limit_of_tags_has_the_source_of_the_service_whose_request_it_is() -> None:
    """The API reference of Clean Rooms ML states it, that of AWS Clean Rooms does not."""
    for operation in operations():
        section = re.split("^### ", LIMITS.partition(f"### {operation.name}\n")[2], flags=re.MULTILINE)[0]
        for line in re.findall("^.*`cleanrooms-ml:tag-.*$", section.partition("\n## ")[0], re.MULTILINE):
            assert ("cleanrooms-ml/latest/APIReference" in line) is (operation.service == "cleanroomsml"), line


def test_the_limits_page_has_every_native_type_that_is_checked() -> None:
    """A construct of a native type names the operation whose limits it checks."""
    constructs = (ROOT / "constructs" / "cdk_cleanrooms_ml").glob("*.py")
    checked = {
        name
        for path in constructs
        for name in re.findall(r'"cleanrooms(?:ml)?",\s+"(Create\w+)"', path.read_text("utf-8"))
    }
    assert "CreateAnalysisTemplate" in checked
    assert checked <= {operation.name for operation in operations()}


def test_a_rule_stands_beside_the_limit_that_it_narrows() -> None:
    lines = LIMITS.splitlines()
    number = next(index for index, line in enumerate(lines) if "worker.number`" in line)
    assert lines[number].split(" | ")[1:] == ["a whole number, 2 to 1024", "service model |"]
    assert "usually at most 128 of CR.1X" in lines[number + 1]


@pytest.mark.parametrize(
    ("shape", "limit"),
    [
        ({"type": "list"}, "a list"),
        ({"type": "list", "min": 1, "max": 1}, "1 item"),
        ({"type": "map", "min": 1, "max": 1}, "1 entry"),
        ({"type": "list", "min": 2, "max": 2}, "2 items"),
        ({"type": "string", "min": 36, "max": 36}, "36 characters"),
        ({"type": "map", "max": 5}, "at most 5 entries"),
        ({"type": "string"}, "a string"),
        ({"type": "string", "enum": [*"abcdefgh"]}, "a, b, c, d, e, f, … (8 values)"),
        ({"type": "double"}, "a number"),
        ({"type": "double", "min": 0.5}, "a number, at least 0.5"),
        ({"type": "structure", "union": True, "members": {"a": {}, "b": {}}}, "exactly one of a, b"),
        ({"type": "timestamp"}, "a time"),
    ],
)
def test_limits_read_well(shape: dict[str, object], limit: str) -> None:
    assert limit_of(shape) == limit
