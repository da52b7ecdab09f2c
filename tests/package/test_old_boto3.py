"""The Lambda runtime's boto3 may be older than the API: the handlers bring the service model themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from .conftest import ROOT
from .send_channel import REQUEST

HANDLERS = ROOT / "custom_resources"


def send(boto3: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Sends a channel with Spark properties in a process whose boto3 is the one of that folder."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(boto3), str(HANDLERS)])}
    environment.pop("AWS_DATA_PATH", None)
    script = Path(__file__).with_name("send_channel.py")
    return subprocess.run([sys.executable, script, *arguments], env=environment, capture_output=True, text=True)


def test_boto3_1_40_sends_spark_properties_with_our_model(old_boto3: Path) -> None:
    done = send(old_boto3)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["botocore"].startswith("1.40.")
    assert Path(printed["model"]).is_relative_to(HANDLERS)
    # The membership's id travels in the path.
    assert printed["sent"] == [{key: value for key, value in REQUEST.items() if key != "membershipIdentifier"}]


def test_boto3_1_40_without_our_model_refuses_spark_properties(old_boto3: Path) -> None:
    done = send(old_boto3, "--without-model")
    assert done.returncode != 0
    assert "ParamValidationError" in done.stderr
    assert 'computeConfiguration.worker: "properties"' in done.stderr
