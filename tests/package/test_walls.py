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
    pytest.param("cli/cleanrooms_ml_cli/main.py", "cleanrooms_ml_simulator", "What is shipped", id="simulator"),
    pytest.param(
        "simulator/cleanrooms_ml_simulator/wire.py", "tests.synth.stacks", "The simulator serves", id="served"
    ),
    pytest.param("tests/synth/test_nag.py", "tools.pages.nag", "know nothing of each other", id="tools"),
    pytest.param("tools/contract/soak.py", "tests.iam.everything", "know nothing of each other", id="tests"),
    pytest.param("benchmarks/checks.py", "tools.pages.nag", "know nothing of each other", id="benchmarks"),
    pytest.param("tools/pages/tests/test_nag.py", "tools.pages.nag_page", "No page generator", id="pages"),
    pytest.param(
        "simulator/cleanrooms_ml_simulator/wire.py", "cleanrooms_ml_simulator.world", "No circles", id="circle"
    ),
]
# Found in the folder in which lint-imports runs.
UNINSTALLED = ("tests", "tools", "benchmarks")


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources and the walls' description, to be broken."""
    folder = tmp_path_factory.mktemp("walls")
    for root in (*SOURCE_ROOTS, "simulator", *UNINSTALLED):
        shutil.copytree(ROOT / root, folder / root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `make check` runs."""
    # In front of the installed library, which points to the checkout.
    roots = os.pathsep.join(str(folder / root) for root in (*SOURCE_ROOTS, "simulator"))
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
    )


def test_the_walls_hold(copy: Path) -> None:
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


def test_every_package_of_tests_tools_and_benchmarks_is_seen() -> None:
    without = {
        path.parent.relative_to(ROOT).as_posix()
        for root in UNINSTALLED
        for path in (ROOT / root).rglob("*.py")
        if not (path.parent / "__init__.py").is_file()
    }
    assert not without
