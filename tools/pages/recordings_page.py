"""Writes docs/recordings.md: what `plan` and `watch` write, recorded in the simulator."""

from __future__ import annotations

import sys
from pathlib import Path

from .. import ROOT
from .generated import filled, run
from .recordings import record


def page(file: Path) -> str:
    """The page as it has to be."""
    recordings = record()
    texts = {
        "plan": recordings.plan,
        "watch": recordings.watch,
        "failure": recordings.failure,
    }
    parts = {name: f"```text\n{text}\n```" for name, text in texts.items()}
    return filled(file, {**parts, "pull request": recordings.pull_request})


if __name__ == "__main__":
    sys.exit(run(__doc__, ROOT / "docs" / "recordings.md", page))
