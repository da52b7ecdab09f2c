"""The walls between the parts: `make check` keeps them, and would notice a breach."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, SOURCE_ROOTS

BREACHES = [
    pytest.param("custom_resources/cleanrooms_ml_handlers/engine.py", "aws_cdk", "Lambda gets no CDK", id="cdk"),
    pytest.param(
        "custom_resources/cleanrooms_ml_handlers/spec.py", "constructs", "Lambda gets no CDK", id="constructs"
    ),
    pytest.param(
        "custom_resources/cleanrooms_ml_handlers/engine.py", "boto3", "Only client.py knows boto3", id="boto3"
    ),
    pytest.param(
        "constructs/cdk_cleanrooms_ml/membership.py", "botocore", "Constructs make no AWS call", id="botocore"
    ),
    pytest.param(
        "custom_resources/cleanrooms_ml_handlers/resources/ml_input_channel.py",
        "cleanrooms_ml_handlers.client",
        "A resource is data",
        id="client",
    ),
    pytest.param("constructs/cdk_cleanrooms_ml/wait.py", "cleanrooms_ml_cli", "Nothing needs the command", id="cli"),
]


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources and the walls' description, to be broken."""
    folder = tmp_path_factory.mktemp("walls")
    for root in SOURCE_ROOTS:
        shutil.copytree(ROOT / root, folder / root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `make check` runs."""
    # In front of the installed library, which points to the checkout.
    roots = os.pathsep.join(str(folder / root) for root in SOURCE_ROOTS)
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
    )


def test_the_walls_stand(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(("file", "imported", "contract"), BREACHES)
def test_a_breach_is_noticed(file: str, imported: str, contract: str, copy: Path) -> None:
    path = copy / file
    kept = path.read_text()
    try:
        path.write_text(f"{kept}\n\ndef breach() -> None:\n    import {imported}\n")
        done = lint(copy)
    finally:
        path.write_text(kept)
    assert done.returncode != 0
    assert any(contract in line and "BROKEN" in line for line in done.stdout.splitlines()), done.stdout
