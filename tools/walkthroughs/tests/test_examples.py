"""The apps of examples/ on the sandbox: both walkthroughs, as `make examples` runs them, in another Region."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox

from .. import examples
from ..walkthrough import Walkthrough


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(durations=examples.DURATIONS, iam=True) as started:
        yield started.in_region("eu-west-2")


def test_both_walkthroughs_go_from_empty_accounts_to_their_results_and_back(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assemblies = examples.assembled(tmp_path)
    try:
        examples.examples(Walkthrough(), sandbox, assemblies)
    finally:
        for each in assemblies.values():
            each.stop()
    printed = capsys.readouterr().out
    assert printed.count("✓") == 20
    for stage in ("jobs", "models", "channel data", "collaboration"):
        assert f"\n  {stage} " in printed
    records = sandbox.emulator.records(seeded=False)
    assert {record["region"] for record in records} == {sandbox.region}
    assert {(record["kind"], record["status"]) for record in records} == {
        ("MLInputChannel", "INACTIVE"),
        ("TrainedModel", "INACTIVE"),
        # The API has no delete for these two.
        ("TrainedModelExportJob", "ACTIVE"),
        ("TrainedModelInferenceJob", "ACTIVE"),
    }
