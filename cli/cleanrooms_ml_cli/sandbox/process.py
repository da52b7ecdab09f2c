"""The process of a sandbox: start it, wait for it, end it and nothing else."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import control, state
from .environment import EXIT_ALREADY_RUNNING, EXIT_FOLDER_GONE, IDENTITY_PATH, for_functions
from .errors import Prerequisite, SandboxError

LOG = "log.txt"

# Only for what hangs: a start takes a second, on a busy machine many.
_START_SECONDS = 120.0
_TERMINATE_SECONDS = 2.0
_KILL_SECONDS = 60.0
_ATTEMPTS = 3
_LAST_PORT = 65535
_MODULE = "cleanrooms_ml_cli.sandbox.launcher"


def start(
    name: str, port: int | None, iam: bool, durations: dict[str, Any], owned: bool
) -> tuple[state.State, subprocess.Popen[bytes] | None]:
    """Start a launcher and wait until it answers. Only one that is owned comes with its process."""
    folder = state.folder_of(name)
    if state.is_alive(folder):
        raise already_running(name)
    if port is not None:
        _check(port)
    for attempt in range(1, _ATTEMPTS + 1):
        chosen = port if port is not None else _free_port()
        try:
            state.create_private(folder)
            launched = _launch(folder, name, chosen, iam, durations, owned)
        except OSError as problem:
            raise state.unusable(folder, problem) from None
        started = state.State(name, launched.pid, chosen, iam, time.time())
        try:
            _wait(folder, launched, started)
            # Not before it answers: while a program is being loaded its command line is not complete.
            started = replace(started, identity=state.identity_of(launched.pid))
            started.write(folder)
        except BaseException as problem:  # also when the user interrupts: nothing may go on running
            stop(started, launched)
            state.remove(folder, started.pid)
            # Another process may have taken the free port in between, or removed the folder of one that has ended.
            is_taken = isinstance(problem, SandboxError) and port is None and not _is_free(chosen)
            if (is_taken or launched.returncode == EXIT_FOLDER_GONE) and attempt < _ATTEMPTS:
                continue
            raise
        if owned:
            return started, launched
        launched.returncode = 0  # it outlives this process, so that nobody here waits for it
        return started, None
    raise AssertionError("the last attempt returns or raises")


def stop(running: state.State, launched: subprocess.Popen[bytes] | None) -> None:
    """End a launcher by its pid: with a request first, then its process group at once.

    Raises:
        SandboxError: The process with its pid is another one, or does not end.
    """
    folder = state.folder_of(running.name)
    if launched is not None and launched.stdin is not None:
        with contextlib.suppress(OSError):
            launched.stdin.close()
    if _ended(folder, launched, 0.0):
        return
    # The pid of a process that nobody has waited for yet is not given to another one.
    is_own = launched is not None
    _signal(running, signal.SIGTERM, is_own)
    if _ended(folder, launched, _TERMINATE_SECONDS):
        return
    # A custom resource that never answers keeps MiniStack from ending by itself.
    _signal(running, signal.SIGKILL, is_own)
    if not _ended(folder, launched, _KILL_SECONDS):
        raise SandboxError(f'the process {running.pid} of the sandbox "{running.name}" does not end')


def _signal(running: state.State, number: signal.Signals, is_own: bool) -> None:
    """Signal the process group of a sandbox, functions included, if its pid is still its own."""
    if not is_own:
        found = state.identity_of(running.pid)
        if not found:
            return  # it has just ended
        if found != running.identity:
            raise SandboxError(
                f'the process {running.pid} is not the sandbox "{running.name}" that it was, so nothing is ended; '
                f"if a sandbox of that name is starting, try again"
            )
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, number)


def _launch(
    folder: Path, name: str, port: int, iam: bool, durations: dict[str, Any], owned: bool
) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", _MODULE, "--name", name, "--port", str(port), "--folder", str(folder)]
    line += [
        "--durations",
        json.dumps(control.in_camel_case(durations)),
        *(["--iam"] if iam else []),
        *(["--owned"] if owned else []),
    ]
    # The same code as here, installed or not; the launcher takes it out again for the functions.
    sources = [_source_root("cleanrooms_ml_cli"), _source_root("cleanrooms_ml_handlers")]
    with state.private_file(folder / LOG) as log:
        return subprocess.Popen(  # noqa: S603
            line,
            cwd=folder,
            env={**for_functions(os.environ), "PYTHONPATH": os.pathsep.join(dict.fromkeys(sources))},
            stdin=subprocess.PIPE if owned else subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _source_root(package: str) -> str:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise Prerequisite(f"the package {package} is missing; install cdk-cleanrooms-ml again")
    return str(Path(found.origin).resolve().parents[1])


def _wait(folder: Path, launched: subprocess.Popen[bytes], started: state.State) -> None:
    """Until it answers as the process that was launched.

    Raises:
        Prerequisite: The launcher misses something, and says what.
        SandboxError: It ended, or does not answer.
    """
    deadline = time.monotonic() + _START_SECONDS
    answer: object = "nothing"
    while time.monotonic() < deadline:
        code = launched.poll()
        if code is not None:
            raise _failure(code, started.name, (folder / LOG).read_text("utf-8", "replace").strip())
        try:
            answer = control.call(f"http://127.0.0.1:{started.port}", "GET", IDENTITY_PATH, timeout=_START_SECONDS)
        except SandboxError as problem:
            answer = problem
        if isinstance(answer, dict) and answer.get("pid") == started.pid:
            return
        time.sleep(0.05)
    raise SandboxError(f"the sandbox did not come up within {_START_SECONDS:.0f} s; port {started.port}: {answer}")


def _failure(code: int, name: str, said: str) -> SandboxError:
    if code == EXIT_ALREADY_RUNNING:
        return already_running(name)
    if code == Prerequisite.exit_code:
        return Prerequisite(next(reversed(said.splitlines()), "the sandbox did not say what is missing"))
    return SandboxError(f"the sandbox ended at once with code {code}\n{said}")


def already_running(name: str) -> Prerequisite:
    """The error for a name in use."""
    return Prerequisite(
        f'a sandbox "{name}" is running already; end it with: cleanrooms-ml sandbox down --name {name}, or start '
        "another one beside it: cleanrooms-ml sandbox up --name NAME"
    )


def _ended(folder: Path, launched: subprocess.Popen[bytes] | None, timeout_seconds: float) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while True:
        gone = launched.poll() is not None if launched is not None else not state.is_alive(folder)
        if gone:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _check(port: int) -> None:
    """Refuse a port that cannot be listened on.

    Raises:
        Prerequisite: It is no port, or is taken, or the user may not use it.
    """
    if not 1 <= port <= _LAST_PORT:
        raise Prerequisite(f"{port} is no port; allowed are 1 to {_LAST_PORT}; leave --port out to get a free one")
    if _is_free(port):
        return
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
    except PermissionError:
        raise Prerequisite(f"port {port} is for the administrator alone; leave --port out to get a free one") from None
    except OSError:
        pass
    raise Prerequisite(f"port {port} of 127.0.0.1 is in use; leave --port out to get a free one")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
