"""The unit and synth tests from the wheel, on each Python of this machine and on the oldest CDK that is allowed.

A lane is an environment of its own: a Python, a version of aws-cdk-lib, and the wheel in place of the checkout. The
oldest CDK, with the oldest `constructs`, runs on the oldest and the newest Python; the pinned one on the others.
Environments are kept in `.cache/lanes`, so that a second run installs only the wheel.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import ROOT

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 14)
LANES = ROOT / ".cache" / "lanes"
TESTS = ("tests/unit", "tests/synth")
REQUIREMENTS = ("requirements.txt", "requirements-sandbox.txt", "requirements-dev.txt")
# What a version of aws-cdk-lib brings with it; an older one has others.
_WITH_CDK = ("aws-cdk-lib", "constructs", "jsii", "aws-cdk.")
_PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-compile")


class LaneError(Exception):
    """A lane that could not be set up."""


@dataclass(frozen=True)
class Lane:
    """A Python and a CDK.

    Attributes:
        python: The interpreter.
        version: Its version, such as ``3.13``.
        cdk: The versions of aws-cdk-lib and constructs by name; empty for those that are pinned.
    """

    python: Path
    version: str
    cdk: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """A name for people and for a folder."""
        return f"python-{self.version}-cdk-{dict(self.cdk).get('aws-cdk-lib', 'pinned')}"


def oldest_cdk() -> tuple[tuple[str, str], ...]:
    """The lower bounds of the package's dependencies."""
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    return tuple(re.findall(r"^([\w-]+)>=([\d.]+)", line)[0] for line in lines)


def pins(oldest: bool) -> list[str]:
    """The pinned requirements, without this checkout; without the CDK, too, if another one is wanted."""
    lines = [line for name in REQUIREMENTS for line in (ROOT / name).read_text("utf-8").splitlines()]
    pinned = [line for line in lines if re.match(r"[A-Za-z0-9_.-]+==", line)]
    return [line for line in pinned if not (oldest and line.startswith(_WITH_CDK))]


def interpreters(candidates: Iterable[Path]) -> dict[str, Path]:
    """The first interpreter with venv of each version from 3.11 to 3.14, oldest first."""
    found: dict[tuple[int, int], Path] = {}
    program = "import ensurepip, sys, venv; print(*sys.version_info[:2])"
    for candidate in candidates:
        asked = subprocess.run([candidate, "-c", program], capture_output=True, text=True)
        if asked.returncode == 0:
            major, minor = map(int, asked.stdout.split())
            found.setdefault((major, minor), candidate)
    return {
        f"{major}.{minor}": found[major, minor]
        for major, minor in sorted(found)
        if OLDEST_PYTHON <= (major, minor) <= NEWEST_PYTHON
    }


def candidates() -> list[Path]:
    """Where interpreters may be: on PATH, and where pyenv and uv put them."""
    names = [f"python3.{minor}" for minor in range(OLDEST_PYTHON[1], NEWEST_PYTHON[1] + 1)]
    folders = [Path(folder) for folder in os.get_exec_path()]
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions"
    uv = home / ".local" / "share" / "uv" / "python"
    on_path = [folder / name for name in names for folder in folders]
    installed = [
        folder / "bin" / name for root in (pyenv, uv) for folder in sorted(root.glob("*3.*")) for name in names
    ]
    return [path for path in (*installed, *on_path) if os.access(path, os.X_OK)]


def lanes_of(pythons: dict[str, Path]) -> list[Lane]:
    """The oldest CDK on the oldest and the newest Python, the pinned one on each Python between."""
    ends = {*list(pythons)[:1], *list(pythons)[-1:]}
    return [Lane(path, version, oldest_cdk() if version in ends else ()) for version, path in pythons.items()]


def _run(command: Sequence[str | Path], **environment: str) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise LaneError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _prepare(lane: Lane, wheel: Path) -> Path:
    """The lane's Python, with the wheel of now."""
    folder = LANES / lane.name
    python = folder / "bin" / "python"
    wanted = "\n".join([*pins(bool(lane.cdk)), *(f"{name}=={version}" for name, version in lane.cdk)])
    installed = folder / "requirements.txt"
    if not (installed.is_file() and installed.read_text("utf-8") == wanted):
        _run([lane.python, "-m", "venv", "--clear", folder])
        (folder / "wanted.txt").write_text(wanted, "utf-8")
        _run([python, *_PIP, "--requirement", folder / "wanted.txt"])
        (folder / "wanted.txt").rename(installed)
    _run([python, *_PIP, "--no-deps", "--force-reinstall", wheel])
    return python


def run(lane: Lane, wheel: Path, tests: Sequence[str]) -> int:
    """Runs the tests in a lane.

    Returns:
        pytest's exit code.

    Raises:
        LaneError: The lane could not be set up, or takes the checkout in place of the wheel.
    """
    python = _prepare(lane, wheel)
    path = os.pathsep.join([str(python.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    _run([python, "-c", f"import cdk_cleanrooms_ml as m; assert m.__file__.startswith({str(LANES)!r}), m.__file__"])
    options = ("-q", "-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider", "-o", "pythonpath=simulator .")
    command = [str(python), "-m", "pytest", *options, *tests]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}).returncode


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", metavar="PATH", type=Path, help="only these interpreters")
    parser.add_argument("tests", nargs="*", default=TESTS, help=f"what to run (default: {' '.join(TESTS)})")
    options = parser.parse_args()
    lanes = lanes_of(interpreters(options.python or candidates()))
    missing = sorted({f"3.{n}" for n in range(OLDEST_PYTHON[1], NEWEST_PYTHON[1] + 1)} - {e.version for e in lanes})
    outcomes: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder])
        (wheel,) = Path(folder).glob("*.whl")
        for lane in lanes:
            print(f"\n{lane.name}", flush=True)
            began = time.monotonic()
            try:
                ended = "passed" if run(lane, wheel, options.tests) == 0 else "FAILED"
            except LaneError as error:
                ended = f"FAILED: {error}"
            outcomes[lane.name] = f"{ended}, {time.monotonic() - began:.0f} s"
    print("\nLanes:", *(f"  {name}: {outcome}" for name, outcome in outcomes.items()), sep="\n")
    for version in missing if not options.python else []:
        print(f"  Python {version}: not on this machine")
    return int(not outcomes or any(outcome.startswith("FAILED") for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
