"""Stories: what is told in which order, and what a claim that does not hold does to the exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox import Prerequisite

from .. import examples
from ..walkthrough import Broken, Chapter, Story, told


def holds(story: Story, folder: Path) -> None:
    """A story that is true."""
    story.claim(folder.is_dir(), "there is a folder")


def breaks(story: Story, folder: Path) -> None:
    """A story that is not."""
    story.claim(False, "one is [two]")


def lacks(story: Story, folder: Path) -> None:
    """A story that cannot begin."""
    raise Prerequisite("Node.js is missing")


@pytest.mark.parametrize(
    ("tell", "code", "words"),
    [
        (holds, 0, "All of it held."),
        (breaks, 1, "This does not hold: one is [two]"),
        (lacks, Prerequisite.exit_code, "The story cannot run: Node.js is missing"),
    ],
)
def test_the_exit_code_says_how_it_ended(tell: Any, code: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told("A story", "The story", tell) == code
    assert words in capsys.readouterr().out


def test_chapters_told_at_the_same_time_are_printed_one_step_after_the_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    story = Story()
    first, second = Chapter(story, "first"), Chapter(story, "second")
    for chapter in (first, second):
        with chapter.step("begin"):
            chapter.claim(True, "it began")
    assert capsys.readouterr().out == ""
    for chapter in (second, first):
        chapter.flush()
        chapter.flush()
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line and not line.endswith(" s")]
    assert lines == ["second: begin", "✓ it began", "first: begin", "✓ it began"]


def record(kind: str, status: str, holds: bool = False) -> dict[str, Any]:
    """What the service still has."""
    return {"kind": kind, "name": "one", "status": status, "holds": holds}


def test_records_of_what_cannot_be_deleted_may_stay(capsys: pytest.CaptureFixture[str]) -> None:
    examples.left(Story(), [record("MLInputChannel", "INACTIVE"), record("TrainedModelExportJob", "ACTIVE")])
    told = capsys.readouterr().out
    assert "MLInputChannel one: its data is deleted" in told
    assert "TrainedModelExportJob one: the API has no delete for it" in told


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (record("MLInputChannel", "ACTIVE"), "what can be deleted is gone"),
        (record("ConfiguredAudienceModelPolicy", "ACTIVE"), "what can be deleted is gone"),
        (record("TrainedModelExportJob", "CREATE_IN_PROGRESS", holds=True), "nothing of it runs"),
    ],
)
def test_anything_else_that_is_left_breaks_the_claim(left: dict[str, Any], words: str) -> None:
    with pytest.raises(Broken, match=words):
        examples.left(Story(), [left])
