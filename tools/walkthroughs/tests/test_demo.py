"""app.py on the sandbox: the demo's story, with IAM policies evaluated."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_cli.sandbox.state import running

from .. import demo
from ..assemblies import Assemblies
from ..walkthrough import Story


def test_the_example_is_deployed_updated_replaced_rolled_back_and_destroyed(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    demo.Demo(Story(), sandbox, Assemblies(tmp_path, demo.CONTEXTS, os.environ)).run()
    told = capsys.readouterr().out
    assert told.count("✓") == 21
    assert "this does not hold" not in told.lower()


def test_a_claim_that_does_not_hold_ends_the_demo_and_its_sandbox(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = running()
    monkeypatch.setattr(demo.Demo, "run", lambda self: self.story.claim(False, "one is two"))
    assert demo.main() == 1
    assert "This does not hold: one is two" in capsys.readouterr().out
    assert running() == before


def test_the_demo_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert demo.main() != 0
    told = capsys.readouterr().out
    assert "The demo cannot run" in told
    assert "npm install" in told
