"""`make` on a computer that lacks something says what is missing and what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import ROOT

OLD = '#!/bin/sh\ncase "$1" in --version) echo "Python 3.9.2" ;; *) exit 1 ;; esac\n'
WITHOUT_VENV = """#!/bin/sh
case "$*" in
    --version) echo "Python 3.12.4" ;;
    *ensurepip*) exit 1 ;;
esac
"""
# A Python with venv; its environments cannot reach the package index.
OFFLINE = """#!/bin/sh
case "$*" in
    --version) echo "Python 3.12.4" ;;
    "-m venv --clear .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"pip install"*) echo "connection refused" >&2; exit 1 ;;
esac
"""
ONLINE = OFFLINE.replace('echo "connection refused" >&2; exit 1', "true")
NPM_OFFLINE = '#!/bin/sh\necho "npm error network" >&2\nexit 1\n'


@pytest.fixture
def checkout_without_anything(tmp_path: Path) -> Path:
    """What make needs to begin."""
    folder = tmp_path / "a checkout"
    (folder / "tools").mkdir(parents=True)
    for name in ("Makefile", "tools/setup.sh", "pyproject.toml", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder / name)
    for requirements in ROOT.glob("requirements*"):
        shutil.copy(requirements, folder)
    return folder


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def make(folder: Path, target: str, **variables: str) -> str:
    """What a failing make says."""
    arguments = [f"{name}={value}" for name, value in variables.items()]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    done = subprocess.run(["make", target, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode != 0, done.stdout
    return done.stdout + done.stderr


@pytest.mark.parametrize("target", ["demo", "test"])
def test_no_python_at_all(checkout_without_anything: Path, target: str) -> None:
    said = make(checkout_without_anything, target, PYTHON="no-such-python")
    assert "Python 3.11 or newer with venv is missing" in said
    assert "apt install python3 python3-venv" in said
    assert f"make {target} PYTHON=" in said


def test_a_python_that_is_too_old(checkout_without_anything: Path, tmp_path: Path) -> None:
    old = executable(tmp_path / "old ones" / "python3", OLD)
    said = make(checkout_without_anything, "demo", PYTHON=str(old))
    assert "is Python 3.9.2" in said
    assert "Python 3.11 or newer" in said


def test_a_python_without_venv(checkout_without_anything: Path, tmp_path: Path) -> None:
    bare = executable(tmp_path / "python3", WITHOUT_VENV)
    said = make(checkout_without_anything, "demo", PYTHON=str(bare))
    assert "lacks venv" in said
    assert "apt install python3-venv" in said


def test_a_package_index_that_does_not_answer(checkout_without_anything: Path, tmp_path: Path) -> None:
    python = executable(tmp_path / "python3", OFFLINE)
    said = make(checkout_without_anything, "demo", PYTHON=str(python))
    assert "connection refused" in said
    assert "pip could not install" in said
    assert "check the network" in said


def test_an_npm_registry_that_does_not_answer(checkout_without_anything: Path, tmp_path: Path) -> None:
    python = executable(tmp_path / "python3", ONLINE)
    executable(checkout_without_anything / ".venv" / "bin" / "npm", NPM_OFFLINE)
    executable(checkout_without_anything / ".venv" / "bin" / "python", ONLINE)
    said = make(checkout_without_anything, "demo", PYTHON=str(python))
    assert "npm error network" in said
    assert "npm could not install the CDK CLI" in said
    assert not (checkout_without_anything / "node_modules" / ".installed").exists()


def test_a_second_run_sets_nothing_up(checkout_without_anything: Path, tmp_path: Path) -> None:
    python = executable(tmp_path / "python3", ONLINE)
    executable(checkout_without_anything / ".venv" / "bin" / "npm", "#!/bin/sh\nmkdir -p node_modules\n")
    executable(checkout_without_anything / ".venv" / "bin" / "python", ONLINE)
    arguments = [f"PYTHON={python}", ".venv/.sandbox-installed", "node_modules/.installed"]
    run = ["make", "-j2", *arguments]
    first = subprocess.run(run, cwd=checkout_without_anything, capture_output=True, text=True)
    second = subprocess.run(run, cwd=checkout_without_anything, capture_output=True, text=True)
    assert "installing" in first.stdout, first.stderr
    assert second.returncode == 0
    assert "installing" not in second.stdout
