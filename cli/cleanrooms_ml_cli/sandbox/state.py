"""What is written down about a sandbox, and whether its process lives."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from .environment import LOCK
from .errors import Prerequisite

try:
    import fcntl
except ImportError:
    raise Prerequisite("the sandbox needs Linux or macOS; on Windows it runs in WSL") from None

HOME_VARIABLE = "CLEANROOMS_ML_SANDBOX_HOME"

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class State:
    """One running sandbox.

    Args:
        name: Its name, one of several side by side.
        pid: Its process, which leads a process group of its own.
        port: On 127.0.0.1.
        iam: Whether policies are evaluated.
        started_at: Seconds since 1970.
    """

    name: str
    pid: int
    port: int
    iam: bool
    started_at: float

    def write(self, folder: Path) -> None:
        """Keep it for other processes."""
        with private_file(folder / "state.json") as file:
            file.write(json.dumps(asdict(self)).encode())


def home() -> Path:
    """The folder with one folder per sandbox."""
    if chosen := os.environ.get(HOME_VARIABLE):
        return Path(chosen)
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "cleanrooms-ml" / "sandbox"


def folder_of(name: str) -> Path:
    """The folder of a sandbox, which need not exist.

    Raises:
        Prerequisite: The name is not one that can be a folder's.
    """
    if not _NAME.fullmatch(name):
        raise Prerequisite(f"{name!r} cannot be the name of a sandbox; allowed are letters, digits, . _ -")
    return home().resolve() / name


def create_private(folder: Path) -> None:
    """A folder for this user alone: logs and requests may hold anything."""
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    folder.chmod(_PRIVATE_FOLDER)  # one that was there, too


def private_file(path: Path) -> BinaryIO:
    """An empty file for this user alone, open for writing."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE), "wb")


def is_alive(folder: Path) -> bool:
    """Whether a launcher holds this folder; it cannot be mistaken, unlike a pid."""
    try:
        with (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def read(folder: Path) -> State | None:
    """The sandbox of a folder, or None when none runs there."""
    if not is_alive(folder):
        return None
    try:
        return State(**json.loads((folder / "state.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def running() -> list[State]:
    """All sandboxes that run, by name."""
    folders = sorted(home().iterdir()) if home().is_dir() else []
    return [state for folder in folders if (state := read(folder)) is not None]
