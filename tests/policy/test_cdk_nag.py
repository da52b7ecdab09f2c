"""The library hides nothing from cdk-nag, and the example is without findings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cleanrooms_ml_cli.main import main

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "policy-checks"


def test_the_library_acknowledges_nothing() -> None:
    sources = (ROOT / "constructs" / "cdk_cleanrooms_ml").glob("*.py")
    calls = [path.name for path in sources if re.search(r"\.acknowledge\w*\(", _without_docstrings(path))]
    assert not calls


def _without_docstrings(path: Path) -> str:
    return re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assembly of the example."""
    folder = tmp_path_factory.mktemp("example")
    roots = [str(ROOT / name) for name in ("constructs", "custom_resources")]
    environment = {**os.environ, "CDK_OUTDIR": str(folder), "PYTHONPATH": os.pathsep.join(roots)}
    done = subprocess.run([sys.executable, "app.py"], cwd=EXAMPLE, env=environment, capture_output=True, text=True)
    missing = sorted(set(re.findall(r"Acknowledge with '(.*?)'", done.stderr)))
    assert not missing, (
        f"examples/policy-checks/app.py accepts no {', '.join(missing)}. Run `make pages`, which writes into WILDCARDS "
        "what the kinds need; add a finding of another sort to WILDCARDS or ACCEPTED by hand, with its reason"
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_example_has_no_finding_left(example: Path) -> None:
    report = json.loads((example / "validation-report.json").read_text())
    assert [pack["pluginName"] for pack in report["pluginReports"] if pack["violations"]] == []


def test_findings_that_the_example_acknowledges_stay_in_its_report_with_a_reason(example: Path) -> None:
    report = json.loads((example / "validation-report.json").read_text())
    accepted = [one for pack in report["pluginReports"] for one in pack.get("suppressedViolations", ())]
    assert {one["ruleName"].split("[")[0] for one in accepted} == {
        "AwsSolutions-IAM5",
        "NIST.800.53.R5-IAMNoInlinePolicy",
    }
    assert all(one["reason"] for one in accepted)


def test_the_example_passes_the_command_too(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(example), "--config", str(EXAMPLE / "cleanrooms-ml.toml")]) == 0
    assert main(["check", str(example), "--no-config", "--max-retention-days", "13"]) == 1
