"""app.py on the sandbox: the whole demo, with IAM policies evaluated."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanrooms_ml_cli.sandbox.state import HOME_VARIABLE, running

from .. import demo


def test_the_example_is_deployed_updated_replaced_rolled_back_and_destroyed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = demo.main()
    printed = capsys.readouterr().out
    assert code == 0, printed
    assert printed.count("✓") == 28
    assert "this does not hold" not in printed.lower()


def test_a_claim_that_does_not_hold_ends_the_demo_and_its_sandbox(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # Other tests have sandboxes that begin and end meanwhile.
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(demo.Demo, "run", lambda self: self.walkthrough.claim(False, "one is two"))
    # Nothing is deployed.
    monkeypatch.setattr(demo, "CONTEXTS", {})
    assert demo.main() == 1
    assert "This does not hold: one is two" in capsys.readouterr().out
    assert not running()


def test_the_demo_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    # A user may have a CDK CLI beside the sandboxes.
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    # It ends at the first deployment.
    monkeypatch.setattr(demo, "CONTEXTS", {"as it is": {}})
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert demo.main() != 0
    printed = capsys.readouterr().out
    assert "The demo cannot run" in printed
    assert "npm install" in printed
