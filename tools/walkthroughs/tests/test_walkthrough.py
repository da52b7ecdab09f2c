"""Walkthroughs: what is printed in which order, and the exit code of a claim that does not hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox import Prerequisite

from .. import examples
from ..walkthrough import ClaimFailed, Track, Walkthrough, run


def holds(walkthrough: Walkthrough, folder: Path) -> None:
    """A walkthrough that is true."""
    walkthrough.claim(folder.is_dir(), "there is a folder")


def breaks(walkthrough: Walkthrough, folder: Path) -> None:
    """A walkthrough that is not."""
    walkthrough.claim(False, "one is [two]")


def lacks(walkthrough: Walkthrough, folder: Path) -> None:
    """A walkthrough that cannot begin."""
    raise Prerequisite("Node.js is missing")


@pytest.mark.parametrize(
    ("steps", "code", "words"),
    [
        (holds, 0, "All of it held."),
        (breaks, 1, "This does not hold: one is [two]"),
        (lacks, Prerequisite.exit_code, "The walkthrough cannot run: Node.js is missing"),
    ],
)
def test_the_exit_code_says_how_it_ended(steps: Any, code: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("A walkthrough", "The walkthrough", steps) == code
    assert words in capsys.readouterr().out


def test_tracks_that_run_at_the_same_time_are_printed_one_step_after_the_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    walkthrough = Walkthrough()
    first, second = Track(walkthrough, "first"), Track(walkthrough, "second")
    for track in (first, second):
        with track.step("begin"):
            track.claim(True, "it began")
    assert capsys.readouterr().out == ""
    for track in (second, first):
        track.flush()
        track.flush()
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line and not line.endswith(" s")]
    assert lines == ["second: begin", "✓ it began", "first: begin", "✓ it began"]


def record(kind: str, status: str, holds: bool = False) -> dict[str, Any]:
    """What the service still has."""
    return {"kind": kind, "name": "one", "status": status, "holds": holds}


def test_records_of_what_cannot_be_deleted_may_stay(capsys: pytest.CaptureFixture[str]) -> None:
    examples.left(Walkthrough(), [record("MLInputChannel", "INACTIVE"), record("TrainedModelExportJob", "ACTIVE")])
    printed = capsys.readouterr().out
    assert "MLInputChannel one: its data is deleted" in printed
    assert "TrainedModelExportJob one: the API has no delete for it" in printed


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (record("MLInputChannel", "ACTIVE"), "what can be deleted is gone"),
        (record("ConfiguredAudienceModelPolicy", "ACTIVE"), "what can be deleted is gone"),
        (record("TrainedModelExportJob", "CREATE_IN_PROGRESS", holds=True), "nothing of it runs"),
    ],
)
def test_anything_else_that_is_left_breaks_the_claim(left: dict[str, Any], words: str) -> None:
    with pytest.raises(ClaimFailed, match=words):
        examples.left(Walkthrough(), [left])
