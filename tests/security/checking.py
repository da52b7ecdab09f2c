"""``cleanrooms-ml check``: in this process for its texts, in a process of its own to bound its time and memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOTS = [str(Path(__file__).parents[2] / name) for name in ("constructs", "custom_resources", "cli")]
CHANNEL = "Custom::CleanRoomsML-MLInputChannel"
_MAX_BYTES = 300 * 1024 * 1024
# What is bounded takes a tenth of it; what is not takes hours.
_CPU_SECONDS = 120


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    returncode: int
    stdout: str
    stderr: str


# Runs the command in the test's own folder.
Check = Callable[..., Ended]


def checked_apart(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process with bounded memory and CPU time, which does not depend on what else runs."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_BYTES, _MAX_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "cleanrooms_ml_cli", "check", *map(str, arguments)],
        cwd=folder,
        env=environment,
        preexec_fn=limit,
        capture_output=True,
        encoding="utf-8",
    )


def write(path: Path, content: Any) -> Path:
    """A file of JSON, or of text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path
