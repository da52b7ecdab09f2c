"""The ``cleanrooms-ml`` command without its extras: no package but Python's own can be imported."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import MISTAKES, Command
from .samples import channel, template

ROOTS = [str(Path(__file__).parents[2] / name) for name in ("constructs", "custom_resources", "cli")]
INSTALL = "pip install 'cdk-cleanrooms-ml[{}]'"


def run(*arguments: object, code: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command without site-packages."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "cleanrooms_ml_cli", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS), **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_the_help_names_every_command() -> None:
    out = run("--help", code=0).stdout
    assert re.search(r"^ +check +check templates", out, re.MULTILINE)
    assert re.search(r"^ +sandbox +a local AWS to deploy to", out, re.MULTILINE)


def test_a_command_and_its_help_work() -> None:
    assert "--max-retention-days" in run("check", "--help", code=0).stdout
    assert run("--version", code=0).stdout == "cleanrooms-ml not installed: the code of a checkout\n"


def test_a_table_becomes_text(command: Command) -> None:
    path = command.write("a.json", MISTAKES)
    text = run("check", path, "--format", "text", code=1).stdout
    assert run("check", path, code=1).stdout == text
    assert "a.json: error cleanrooms-ml:pattern Channel: name is" in text
    assert text.endswith("2 violations and 1 warning in 2 resources of 1 template\n")


@pytest.mark.parametrize("form", ["table", "text", "json", "sarif", "junit"])
def test_every_format_is_written(command: Command, form: str) -> None:
    assert run("check", command.write("a.json", MISTAKES), "--format", form, code=1).stdout
    assert run("check", command.write("b.json", template(channel())), "--format", form, code=0).stdout


@pytest.mark.parametrize(
    ("arguments", "package", "extra"),
    [
        (["check", "a.yaml"], "PyYAML", "cli"),
        (["--completion", "bash"], "argcomplete", "cli"),
        (["sandbox", "up"], "rich", "sandbox"),
        (["sandbox", "--help"], "rich", "sandbox"),
    ],
    ids=str,
)
def test_a_missing_package_is_one_line_that_says_how_to_install_it(
    command: Command, arguments: list[str], package: str, extra: str
) -> None:
    command.write("a.yaml", "Resources: {}\n")
    printed = run(*arguments, code=2).stderr
    assert printed == f"cleanrooms-ml: {package} is not installed; install it with: {INSTALL.format(extra)}\n"


def test_a_shell_that_asks_for_completions_runs_nothing(command: Command) -> None:
    done = run("check", command.write("a.json", MISTAKES), code=2, _ARGCOMPLETE="1", COMP_LINE="x", COMP_POINT="1")
    assert done.stdout == ""
