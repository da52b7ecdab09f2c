"""The apps of examples/ on the sandbox: both stories, as `make examples` tells them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox

from .. import examples
from ..walkthrough import Story


def test_both_stories_go_from_empty_accounts_to_their_results_and_back(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sandbox.emulator.set_durations(**examples.DURATIONS)
    assemblies = examples.assembled(tmp_path)
    try:
        examples.examples(Story(), sandbox, assemblies)
    finally:
        for each in assemblies.values():
            each.stop()
    told = capsys.readouterr().out
    assert told.count("✓") == 20
    for stage in ("jobs", "models", "channel data", "collaboration"):
        assert f"\n  {stage} " in told
    records = sandbox.emulator.records(seeded=False)
    assert {(record["kind"], record["status"]) for record in records} == {
        ("MLInputChannel", "INACTIVE"),
        ("TrainedModel", "INACTIVE"),
        # The API has no delete for these two.
        ("TrainedModelExportJob", "ACTIVE"),
        ("TrainedModelInferenceJob", "ACTIVE"),
    }
