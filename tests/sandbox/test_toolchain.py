"""The CDK CLI is found, or the message says what to install."""

from __future__ import annotations

import json
import os
import sysconfig
from pathlib import Path

import pytest

from cleanrooms_ml_cli.sandbox import CDK_VERSION, Prerequisite, toolchain

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without node_modules, and a machine without Node and the CLI."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "app").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path / "bin"))
    monkeypatch.setattr(toolchain, "_bundled_node", list)
    return tmp_path


def put(program: Path, version: str = "") -> None:
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    if version:
        manifest = {"name": "aws-cdk", "version": version}
        (program.parent / "package.json").write_text(json.dumps(manifest))


def test_without_node_the_message_names_the_extra_that_brings_it(bare: Path) -> None:
    with pytest.raises(Prerequisite, match=r"Node.js is missing.*pip install 'cdk-cleanrooms-ml\[sandbox\]'"):
        toolchain.find_cdk(bare / "app")


def test_without_the_cli_the_message_names_the_pinned_version(bare: Path) -> None:
    put(bare / "bin" / "node")

    with pytest.raises(Prerequisite, match=f"npm install --save-dev aws-cdk@{CDK_VERSION}"):
        toolchain.find_cdk(bare / "app")


def test_the_cli_of_the_project_comes_before_another_one(bare: Path) -> None:
    put(bare / "bin" / "node")
    put(bare / "bin" / "cdk")
    own = bare / "app" / "node_modules" / ".bin" / "cdk"
    put(own)

    assert toolchain.find_cdk(bare / "app" / "deeper") == str(own)
    assert toolchain.find_cdk(bare) == str(bare / "bin" / "cdk")


@pytest.mark.parametrize("version", ["3.0.0", "2.178.1", "1.204.0"])
def test_a_cli_that_cannot_read_the_apps_output_is_refused(bare: Path, version: str) -> None:
    put(bare / "bin" / "node")
    put(bare / "app" / "node_modules" / "aws-cdk" / "bin" / "cdk", version)
    link = bare / "app" / "node_modules" / ".bin" / "cdk"
    link.parent.mkdir()
    link.symlink_to("../aws-cdk/bin/cdk")

    with pytest.raises(Prerequisite, match=f"is the CDK CLI {version}, which cannot read.*aws-cdk@{CDK_VERSION}"):
        toolchain.find_cdk(bare / "app")


def test_the_pinned_version_is_the_one_of_package_json() -> None:
    package = json.loads((ROOT / "package.json").read_text("utf-8"))

    assert {**package.get("dependencies", {}), **package.get("devDependencies", {})}["aws-cdk"] == CDK_VERSION


def test_python_and_node_of_this_environment_come_before_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/elsewhere")

    path = toolchain.search_path(ROOT).split(os.pathsep)

    own = path[path.index(sysconfig.get_path("scripts")) : path.index("/elsewhere")]
    assert any((Path(folder) / "node").exists() for folder in own)
