"""What is written down about a sandbox, and whether its process lives."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, BinaryIO

from .environment import LOCK
from .errors import Prerequisite

try:
    import fcntl
except ImportError:
    raise Prerequisite("the sandbox needs Linux or macOS; on Windows it runs in WSL") from None

HOME_VARIABLE = "CLEANROOMS_ML_SANDBOX_HOME"

_FILE = "state.json"
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
        identity: What distinguishes its process from a later one with the same pid; see `identity_of`.
    """

    name: str
    pid: int
    port: int
    iam: bool
    started_at: float
    identity: str = ""

    def write(self, folder: Path) -> None:
        """Keep it for other processes."""
        new = folder / f"{_FILE}.new"
        new.unlink(missing_ok=True)
        with private_file(new) as file:
            file.write(json.dumps(asdict(self)).encode())
        new.replace(folder / _FILE)


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


def unusable(folder: Path, problem: OSError) -> Prerequisite:
    """The error for a folder in which nothing can be written or read."""
    reason = problem.strerror or str(problem)
    return Prerequisite(f"{folder} cannot be used: {reason}; name another folder in {HOME_VARIABLE}")


def create_private(folder: Path) -> None:
    """A folder for this user alone: logs and requests may hold anything.

    Raises:
        OSError: It cannot be created, is another user's, or leads elsewhere: what is there would be removed.
    """
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    if folder.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link")
    folder.chmod(_PRIVATE_FOLDER)  # one that was there, too


def private_file(path: Path) -> BinaryIO:
    """A file for this user alone, open for writing at its end."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, _PRIVATE_FILE), "ab")


def identity_of(pid: int) -> str:
    """What a process has that no later one of the same pid has: when it began, and its command line.

    Returns:
        Empty for a process that is not there, or that is ending.
    """
    process = Path("/proc") / str(pid)
    try:
        # The name in the brackets may hold anything; 20 fields later is the start in ticks since boot.
        started = (process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
        command = (process / "cmdline").read_text("utf-8", "replace")
        return f"{started} {command}" if command else ""
    except (OSError, IndexError):
        if (Path("/proc") / "self").exists():
            return ""
    line = ["ps", "-o", "lstart=", "-o", "args=", "-p", str(pid)]  # macOS
    return subprocess.run(line, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603


def is_alive(folder: Path) -> bool:
    """Whether a launcher holds this folder; it cannot be mistaken, unlike a pid."""
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except BlockingIOError:
        return True
    except OSError as problem:
        raise unusable(folder, problem) from None
    return False


def hold(folder: Path, wait_seconds: float = 0.0) -> IO[str] | None:
    """Take the lock of a folder, for as long as the file that is returned is open; None if another process has it.

    Args:
        folder: A sandbox's.
        wait_seconds: How long to try; a process that looks whether a sandbox is alive has the lock for a moment.

    Raises:
        FileNotFoundError: The folder is gone, or was removed meanwhile.
    """
    deadline = time.monotonic() + wait_seconds
    lock = (folder / LOCK).open("a")
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    lock.close()
                    return None
                time.sleep(0.02)
        # The process that removed the folder had the lock: the lock of a file that is gone protects nothing.
        if os.fstat(lock.fileno()).st_ino != (folder / LOCK).stat().st_ino:
            raise FileNotFoundError(folder)
    except BaseException:
        lock.close()
        raise
    return lock


def remove(folder: Path, pid: int) -> None:
    """Remove a sandbox that has ended, unless another one runs or was started in its folder meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        lock = hold(folder)
        if lock is None:
            return
        with lock:
            found = _written(folder)
            if found is None or found.pid == pid:
                shutil.rmtree(folder, ignore_errors=True)


def forget(folder: Path) -> None:
    """Remove what a sandbox that ended badly wrote down; the caller holds the lock."""
    (folder / _FILE).unlink(missing_ok=True)


def read(folder: Path) -> State | None:
    """The sandbox of a folder, or None when none runs there."""
    return _written(folder) if is_alive(folder) else None


def _written(folder: Path) -> State | None:
    try:
        written = State(**json.loads((folder / _FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return written if written.name == folder.name else None


def running() -> list[State]:
    """All sandboxes that run, by name."""
    try:
        folders = sorted(home().iterdir()) if home().is_dir() else []
    except OSError as problem:
        raise unusable(home(), problem) from None
    return [state for folder in folders if (state := read(folder)) is not None]
