"""The ``cleanrooms-ml`` command in a process of its own, as a user types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATE = {
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    "Outputs": {"Queue": {"Value": {"Ref": "Queue"}}},
}


def clean(**more: str) -> dict[str, str]:
    """This environment, with the command's code and the CDK CLI."""
    roots = os.pathsep.join([str(ROOT / "cli"), str(ROOT / "custom_resources")])
    path = os.pathsep.join([str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]])
    return {**os.environ, "PYTHONPATH": roots, "PATH": path, **more}


def run(
    *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, since the CDK CLI writes to the terminal itself."""
    return subprocess.run(
        [sys.executable, "-m", "cleanrooms_ml_cli", *arguments],
        cwd=cwd,
        env=clean(**(environment or {})),
        capture_output=True,
        text=True,
        check=False,
    )
