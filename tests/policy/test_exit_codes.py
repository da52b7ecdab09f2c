"""Exit codes of the real CDK CLI and of plain Python for an app with the plugin."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CDK = ROOT / "node_modules" / ".bin" / "cdk"
APP = [sys.executable, str(HERE / "synth_app.py")]


def run(case: str, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with the app in some case."""
    roots = [str(ROOT / name) for name in ("constructs", "custom_resources", "cli", ".")]
    # The variables of pytest change the CDK's report.
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**kept, "CASE": case, "PYTHONPATH": os.pathsep.join(roots), "PATH": path}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def synth(case: str, folder: Path, *stacks: str) -> subprocess.CompletedProcess[str]:
    """``cdk synth``."""
    return run(case, folder, str(CDK), "synth", "--quiet", "--app", " ".join(APP), *stacks)


@pytest.mark.parametrize(
    ("case", "code", "words"),
    [
        ("clean", 0, ""),
        ("mistake", 1, "ERROR retentionInDays is 31; allowed 1 to 30 (CreateMLInputChannel) (CleanRoomsMLChecks)"),
        ("fault", 1, "FATAL cdk-cleanrooms-ml has a fault, so that nothing is checked: RuntimeError boom"),
        ("acknowledged", 0, ""),
    ],
)
def test_cdk_synth(case: str, code: int, words: str, tmp_path: Path) -> None:
    done = synth(case, tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert ("(CleanRoomsMLChecks)" in done.stderr) == (code == 1)


def test_cdk_synth_checks_only_the_stacks_that_it_selects(tmp_path: Path) -> None:
    """The CDK CLI's own behavior, which our docs describe: without names it selects no stacks of stages."""
    assert synth("mistake in a stage", tmp_path).returncode == 0
    again = run("", tmp_path, str(CDK), "synth", "--quiet", "--app", "cdk.out", "**")
    assert again.returncode == 1, again.stderr
    assert "Stage/In/Channel" in again.stderr
    command = run("", tmp_path, sys.executable, "-m", "cleanrooms_ml_cli.main", "check")
    assert command.returncode == 1, command.stderr
    assert "retentionInDays is 31" in command.stdout


def test_the_cdk_cli_takes_a_plugin_that_raises_for_a_clean_app(tmp_path: Path) -> None:
    """The reason why ours never raises. If this fails, the CDK CLI reports such plugins now."""
    assert synth("another plugin raises", tmp_path).returncode == 0


@pytest.mark.parametrize(("case", "code"), [("mistake", 1), ("mistake in a stage", 1), ("fault", 1), ("clean", 0)])
def test_plain_python(case: str, code: int, tmp_path: Path) -> None:
    done = run(case, tmp_path, *APP)
    assert done.returncode == code, done.stderr
    assert ("(CleanRoomsMLChecks)" in done.stderr) == (code == 1)
