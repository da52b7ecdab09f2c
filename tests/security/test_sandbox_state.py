"""What somebody else put where a sandbox keeps its state: in a folder that all users share, for example."""

from __future__ import annotations

import fcntl
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from cleanrooms_ml_cli.main import main
from cleanrooms_ml_cli.sandbox import Prerequisite, Sandbox
from cleanrooms_ml_cli.sandbox.environment import LOCK
from cleanrooms_ml_cli.sandbox.state import State, create_private, folder_of


def test_a_folder_that_leads_elsewhere_is_not_used(tmp_path: Path) -> None:
    """What is in its tmp would be removed, and the folder closed to all others."""
    kept = tmp_path / "theirs" / "tmp" / "kept"
    kept.mkdir(parents=True)
    folder = folder_of("linked")
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(tmp_path / "theirs")
    with pytest.raises(Prerequisite, match="symbolic link"):
        Sandbox.start("linked")
    assert kept.is_dir()


@pytest.mark.parametrize("command", [["status"], ["environment"], ["down"]], ids=lambda it: it[0])
def test_a_name_that_is_not_the_folders_is_not_shown(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of("forged")
    create_private(folder)
    (folder / "state.json").write_text(json.dumps(asdict(State("\x1b[2J\n::error::x", 1, 1, False, 0.0))))
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        main(["sandbox", *command])
    done = capsys.readouterr()
    assert "::error" not in f"{done.out}{done.err}"
