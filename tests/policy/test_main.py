"""The ``cleanrooms-ml`` command itself: version, errors, closed pipes, completion."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from cleanrooms_ml_cli.completion import SHELLS
from cleanrooms_ml_cli.main import SANDBOX_HELP, main
from cleanrooms_ml_cli.sandbox import commands

from .conftest import MISTAKES, Command
from .samples import channel, template

ROOTS = [str(Path(__file__).parents[2] / name) for name in ("constructs", "custom_resources", "cli")]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)}
# More than a pipe holds.
MANY = template(*({f"C{number}": channel(retentionInDays=31)["Channel"]} for number in range(2000)))


def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        expected = version("cdk-cleanrooms-ml")
    except PackageNotFoundError:
        expected = "not installed: the code of a checkout"
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"cleanrooms-ml {expected}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "cleanrooms-ml: a command is missing; see cleanrooms-ml --help"),
        (["chek"], "cleanrooms-ml: argument COMMAND: invalid choice: 'chek' (choose from"),
        (["--completion", "tcsh"], "cleanrooms-ml: argument --completion: invalid choice: 'tcsh' (choose from"),
        (["check", "--format", "pdf"], "cleanrooms-ml check: argument --format: invalid choice: 'pdf' (choose from"),
    ],
    ids=str,
)
def test_a_wrong_call_is_one_line_and_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith(message)
    assert err.endswith(" --help\n")
    assert err.count("\n") == 1


def test_the_help_of_the_sandbox_is_the_same_everywhere() -> None:
    groups = argparse.ArgumentParser().add_subparsers()
    commands.add_to(groups)
    assert [action.help for action in groups._get_subactions()] == [SANDBOX_HELP]


# -- a reader that has enough ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "text", "json", "sarif", "junit"])
def test_a_closed_pipe_neither_changes_the_exit_code_nor_ends_in_a_traceback(command: Command, form: str) -> None:
    path = command.write("a.json", MANY)
    process = subprocess.Popen(
        [sys.executable, "-m", "cleanrooms_ml_cli", "check", str(path), "--format", form],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


def test_a_pipe_that_was_closed_before_the_help_is_141() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    # argparse ignores what an unbuffered write raises.
    environment = {key: value for key, value in ENVIRONMENT.items() if key != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-m", "cleanrooms_ml_cli", "--help"], env=environment, stdout=writer, stderr=subprocess.PIPE
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


# -- completion --------------------------------------------------------------------------------------------


@pytest.fixture
def shell_environment(tmp_path: Path) -> dict[str, str]:
    """An environment with the command on PATH."""
    program = tmp_path / "bin" / "cleanrooms-ml"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cleanrooms_ml_cli "$@"\n')
    program.chmod(0o755)
    return {**ENVIRONMENT, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_for_each_shell_is_one_that_it_reads(shell: str, shell_environment: dict[str, str]) -> None:
    done = subprocess.run(["cleanrooms-ml", "--completion", shell], env=shell_environment, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"cleanrooms-ml" in done.stdout
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=done.stdout, check=True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("cleanrooms-ml ", ["check", "sandbox", "--help", "--version", "--completion"]),
        ("cleanrooms-ml sandbox ", ["up", "deploy", "down"]),
        ("cleanrooms-ml check --format ", ["table", "text", "json", "sarif", "junit"]),
        ("cleanrooms-ml check --max-r", ["--max-retention-days"]),
    ],
)
def test_bash_completes_commands_options_and_values(
    line: str, words: list[str], shell_environment: dict[str, str]
) -> None:
    script = f"""
        eval "$(cleanrooms-ml --completion bash)"
        COMP_LINE='{line}' COMP_POINT={len(line)} COMP_TYPE=9 COMP_WORDBREAKS=$' \\t\\n'
        _python_argcomplete cleanrooms-ml
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=shell_environment, capture_output=True, text=True, check=True
    )
    assert {word.strip() for word in done.stdout.splitlines()} >= set(words)


def test_a_check_does_not_import_argcomplete(command: Command) -> None:
    path = command.write("a.json", MISTAKES)
    program = (
        "import sys; from cleanrooms_ml_cli.main import main; main(sys.argv[1:]); "
        "sys.exit('argcomplete' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, "check", str(path)], env=ENVIRONMENT, check=True)
