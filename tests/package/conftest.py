"""The wheel and the environments it is tried in, each set up once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE_ROOTS = ("constructs", "custom_resources", "cli")


def pins(requirements: str = "requirements.txt") -> dict[str, str]:
    """Versions by package, as a requirements file pins them."""
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)$", (ROOT / requirements).read_text(), re.MULTILINE))


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Runs a command that knows nothing of this checkout's Python path; its output."""
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**kept, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Environment:
    """A Python environment with the library: a fresh one with the wheel, or this checkout."""

    python: Path
    path: str = ""

    def synthesize(self, app: Path) -> Path:
        """The cloud assembly of an app, written into the app's own folder."""
        assembly = app.parent / "cdk.out"
        # The user's environment finds Node somewhere on PATH; pip put ours beside this Python.
        nodes = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        roots = {"PYTHONPATH": self.path} if self.path else {}
        run(self.python, app.name, cwd=app.parent, CDK_OUTDIR=str(assembly), PATH=nodes, **roots)
        return assembly


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout without network."""
    target = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target, cwd=ROOT)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A fresh environment into which a plain `pip install` put the wheel."""
    folder = tmp_path_factory.mktemp("fresh")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    python = folder / "bin" / "python"
    # The tested versions of the dependencies: what pip would take today may be newer, and another download.
    constraints = folder / "constraints.txt"
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins().items()))
    quick = ("--quiet", "--no-compile", "--disable-pip-version-check")
    run(python, "-m", "pip", "install", *quick, "--constraint", constraints, wheel, cwd=folder)
    return Environment(python)


@pytest.fixture(scope="session")
def checkout() -> Environment:
    """This checkout, as a developer works in it."""
    return Environment(Path(sys.executable), os.pathsep.join(str(ROOT / root) for root in SOURCE_ROOTS))


@pytest.fixture(scope="session")
def old_boto3() -> Path:
    """A folder with boto3 1.40, from before the service knew Spark properties; kept between runs."""
    version = "1.40.76"
    folder = ROOT / ".cache" / f"boto3-{version}"
    if not folder.is_dir():
        folder.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
            target = Path(unfinished) / "packages"
            run(
                *(sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"),
                *("--target", target, f"boto3=={version}", f"botocore=={version}"),
                cwd=folder.parent,
            )
            shutil.move(target, folder)
    return folder
