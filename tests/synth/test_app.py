"""The example that users start from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.synth.stacks import only

ROOT = Path(__file__).resolve().parents[2]


def synthesized(outdir: Path, **context: str) -> Any:
    """The example's template, run as the CDK CLI runs it, with nothing of the environment but Python and Node."""
    environment = {
        "PATH": os.environ["PATH"],
        # Where jsii keeps what it has unpacked.
        "HOME": os.environ["HOME"],
        "CDK_OUTDIR": str(outdir),
        "CDK_VALIDATION": "false",
        "CDK_CONTEXT_JSON": json.dumps(context),
        "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in ("constructs", "custom_resources")),
    }
    command = [sys.executable, "-W", "error", str(ROOT / "app.py")]
    ran = subprocess.run(command, env=environment, cwd=outdir, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads((outdir / "CleanRoomsMLExample.template.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return synthesized(tmp_path_factory.mktemp("example"))


def test_it_needs_no_cli_no_credentials_and_no_other_folder(template: Any) -> None:
    kinds = {each["Type"] for each in template["Resources"].values()}
    assert kinds >= {
        "Custom::CleanRoomsML-ConfiguredAudienceModel",
        "Custom::CleanRoomsML-MLInputChannel",
        "Custom::CleanRoomsML-AudienceGenerationJob",
    }


def test_the_channel_is_tuned_and_tagged(template: Any) -> None:
    properties = only(template, "Custom::CleanRoomsML-MLInputChannel")["Properties"]
    query = properties["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    worker = query["computeConfiguration"]["worker"]
    assert (worker["type"], worker["number"], len(worker["properties"]["spark"])) == ("CR.4X", 16, 10)
    assert properties["tags"] == {"project": "clean-rooms-ml-example", "purpose": "churn-model"}
    assert "kmsKeyArn" in properties


def test_it_outputs_the_results(template: Any) -> None:
    outputs = template["Outputs"]
    assert {"TrainingDataArn", "TrainingDataStatus", "TrainingDataRecords", "AudienceRecall"} <= outputs.keys()


def test_what_the_demo_changes_comes_from_the_context(tmp_path: Path) -> None:
    template = synthesized(
        tmp_path,
        channelRunId="2026-12",
        jobRunId="2026-12",
        minMatchingSeedSize="600",
        seedKey="seeds/too-small.jsonl",
        lookalikeDescription="December",
    )
    model = only(template, "Custom::CleanRoomsML-ConfiguredAudienceModel")["Properties"]
    assert (model["minMatchingSeedSize"], model["description"]) == (600, "December")
    assert only(template, "Custom::CleanRoomsML-MLInputChannel")["Properties"]["RunId"] == "2026-12"
    job = only(template, "Custom::CleanRoomsML-AudienceGenerationJob")["Properties"]
    assert job["RunId"] == "2026-12"
    assert job["seedAudience"]["dataSource"]["s3Uri"].endswith("/seeds/too-small.jsonl")


def test_the_cdk_cli_has_no_feature_flag_to_ask_for(tmp_path: Path) -> None:
    synthesized(tmp_path)
    artifacts = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    flags = artifacts["aws-cdk-lib/feature-flag-report"]["properties"]["flags"]
    # What the CLI counts: whatever would be another value if it were configured as recommended.
    unconfigured = [
        name
        for name, flag in flags.items()
        if "userValue" not in flag
        and flag["recommendedValue"] != flag.get("unconfiguredBehavesLike", {}).get("v2", False)
    ]
    assert len(flags) > 80
    assert unconfigured == []


def test_no_constructs_source_root_shadows_the_constructs_library() -> None:
    assert not list((ROOT / "constructs").glob("*.py"))
