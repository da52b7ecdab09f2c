"""docs/comparison.md shows what the comparison measures now, and this library fares well in all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_shows_what_is_measured() -> None:
    command = [sys.executable, "-m", "benchmarks.provider_comparison", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"run: make comparison\n{done.stdout}{done.stderr}"
    rows = [line.split(" | ") for line in done.stdout.splitlines()[2:]]
    assert len(rows) >= 15
    assert all(row[2].startswith("ok;") for row in rows)
    # The other side is no straw man: it fares well where nothing out of the ordinary happens.
    assert sum(row[3].startswith("ok;") for row in rows) >= 4
