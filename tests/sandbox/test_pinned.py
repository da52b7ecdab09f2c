"""Another MiniStack than the one that the launcher was built on is refused, with words."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest

from cleanrooms_ml_cli.sandbox import Prerequisite
from cleanrooms_ml_cli.sandbox.launcher import pinned

REQUIREMENTS = Path(__file__).parents[2] / "pyproject.toml"


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "1.6.0")

    with pytest.raises(Prerequisite, match=r"MiniStack 1\.6\.0 is installed; the sandbox is built on 1\.5\.33"):
        pinned.check()


def test_a_missing_one_names_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)

    with pytest.raises(Prerequisite, match=re.escape("pip install 'cdk-cleanrooms-ml[sandbox]'")):
        pinned.check()


def test_every_name_that_is_gone_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = {"json": ("loads", "gone", "also_gone"), "no_such_module": ("anything",)}
    monkeypatch.setattr(pinned, "_HOOKS", hooks)

    with pytest.raises(Prerequisite, match=re.escape("lacks json.gone, json.also_gone, no_such_module.*")):
        pinned.check()


def test_the_extra_installs_the_version_that_is_hooked() -> None:
    assert f'"ministack=={pinned.VERSION}"' in REQUIREMENTS.read_text("utf-8")


def test_the_launcher_reads_no_name_that_is_not_checked() -> None:
    """`module("app").x` in the launcher's files: x is in the list."""
    listed = {name.removeprefix("ministack."): set(names) for name, names in pinned._HOOKS.items()}
    used = set()
    for source in Path(pinned.__file__).parent.glob("*.py"):
        text = source.read_text("utf-8")
        direct = re.findall(r'module\("([\w.]+)"\)\.(\w+)', text)
        aliases = re.findall(r'(\w+) = (?:pinned\.)?module\("([\w.]+)"\)$', text, re.MULTILINE)
        through = [(name, used) for alias, name in aliases for used in re.findall(rf"\b{alias}\.(\w+)", text)]
        used |= {*direct, *through}

    assert used
    assert {(name, attribute) for name, attribute in used if attribute not in listed.get(name, set())} == set()
