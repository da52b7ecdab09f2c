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
from pathlib import Path
from typing import Any

from . import control, state
from .errors import Prerequisite, SandboxError

LOG = "log.txt"

_START_SECONDS = 30.0
_TERMINATE_SECONDS = 4.0
_KILL_SECONDS = 5.0
_PORT_ATTEMPTS = 3
_MODULE = "cleanrooms_ml_cli.sandbox.launcher"


def start(
    name: str, port: int | None, iam: bool, durations: dict[str, Any], owned: bool
) -> tuple[state.State, subprocess.Popen[bytes]]:
    """Start a launcher and wait until it answers."""
    folder = state.folder_of(name)
    folder.mkdir(parents=True, exist_ok=True)
    if state.is_alive(folder):
        raise Prerequisite(
            f'a sandbox "{name}" is running already; end it with: cleanrooms-ml sandbox down --name {name}'
        )
    if port is not None and not _is_free(port):
        raise Prerequisite(f"port {port} of 127.0.0.1 is in use; leave --port out to get a free one")
    for attempt in range(1, _PORT_ATTEMPTS + 1):
        chosen = port if port is not None else _free_port()
        launched = _launch(folder, name, chosen, iam, durations, owned)
        try:
            identity = _wait(folder, launched, chosen)
        except SandboxError:
            stop(state.State(name, launched.pid, chosen, iam, 0.0), launched)
            # Another process may have taken the free port in between.
            if port is None and attempt < _PORT_ATTEMPTS and not _is_free(chosen):
                continue
            raise
        started = state.State(name, int(identity["pid"]), chosen, iam, time.time())
        started.write(folder)
        return started, launched
    raise AssertionError("the last attempt returns or raises")


def stop(running: state.State, launched: subprocess.Popen[bytes] | None) -> None:
    """End a launcher by its pid: with a request first, then its process group at once."""
    folder = state.folder_of(running.name)
    if launched is not None and launched.stdin is not None:
        with contextlib.suppress(OSError):
            launched.stdin.close()
    if _ended(folder, launched, 0.0):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGTERM)
    if not _ended(folder, launched, _TERMINATE_SECONDS):
        # A Lambda function that never answers keeps MiniStack from ending by itself.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        if not _ended(folder, launched, _KILL_SECONDS):
            raise SandboxError(f'the process {running.pid} of the sandbox "{running.name}" does not end')


def _launch(
    folder: Path, name: str, port: int, iam: bool, durations: dict[str, Any], owned: bool
) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", _MODULE, "--name", name, "--port", str(port), "--folder", str(folder)]
    line += ["--durations", json.dumps(durations), *(["--iam"] if iam else []), *(["--owned"] if owned else [])]
    # The same code as here, installed or not; the launcher takes it out again for the functions.
    sources = [_source_root("cleanrooms_ml_cli"), _source_root("cleanrooms_ml_handlers")]
    with (folder / LOG).open("wb") as log:
        return subprocess.Popen(  # noqa: S603
            line,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(sources))},
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


def _wait(folder: Path, launched: subprocess.Popen[bytes], port: int) -> dict[str, Any]:
    """What the launcher says of itself, once it answers."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        code = launched.poll()
        said = (folder / LOG).read_text("utf-8", "replace").strip()
        if code is not None:
            kind = Prerequisite if code == Prerequisite.exit_code else SandboxError
            raise kind(said or f"the sandbox ended at once with code {code}")
        try:
            identity = control.call(f"http://127.0.0.1:{port}", "GET", "/_cleanroomsml/sandbox", timeout=_START_SECONDS)
            if identity["pid"] == launched.pid:
                return dict(identity)
            raise SandboxError(f"another sandbox answers on port {port}")
        except SandboxError as error:
            if time.monotonic() > deadline:
                raise SandboxError(
                    f"the sandbox did not come up within {_START_SECONDS:.0f} s: {error}\n{said}"
                ) from None
        time.sleep(0.05)


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


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
