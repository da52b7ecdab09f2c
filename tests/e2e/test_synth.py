"""`cdk synth` of app.py: on a computer without credentials and network, with CDK's own validator on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT

CLOSED = "http://127.0.0.1:9"
INVALID_APP = """
import aws_cdk as cdk
app = cdk.App()
stack = cdk.Stack(app, "Invalid")
cdk.CfnResource(stack, "Bucket", type="AWS::S3::Bucket", properties={"Nonsense": "x"})
app.synth()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with nothing in it; jsii unpacks the CDK there once."""
    return tmp_path_factory.mktemp("home")


def synth(home: Path, folder: Path, assembly: Path, *options: str) -> Path:
    """Runs `cdk synth` with nothing in its environment; the cloud assembly."""
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(ROOT / root) for root in ("constructs", "custom_resources", "cli")),
        "HTTP_PROXY": CLOSED,
        "HTTPS_PROXY": CLOSED,
    }
    command = [shutil.which("cdk") or "cdk", "synth", "--quiet", "--output", str(assembly), *options]
    done = subprocess.run([*without_network(), *command], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return assembly


def without_network() -> list[str]:
    """Where the system allows it, a network of its own with nothing in it; the closed proxies serve elsewhere."""
    isolated = ["unshare", "--user", "--map-root-user", "--net"]
    if shutil.which("unshare") and subprocess.run([*isolated, "true"], capture_output=True).returncode == 0:
        return isolated
    return []


def found(assembly: Path) -> list[str]:
    """What CDK's own validator found."""
    report = json.loads((assembly / "validation-report.json").read_text())
    return [
        violation["description"] for plugin in report["pluginReports"] for violation in plugin.get("violations", [])
    ]


def test_the_example_synthesizes_without_credentials_and_network(home: Path, tmp_path: Path) -> None:
    assembly = synth(home, ROOT, tmp_path / "cdk.out")
    template = json.loads((assembly / "CleanRoomsMLExample.template.json").read_text())
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert {
        "Custom::CleanRoomsML-ConfiguredAudienceModel",
        "Custom::CleanRoomsML-MLInputChannel",
        "Custom::CleanRoomsML-AudienceGenerationJob",
    } <= kinds
    assert found(assembly) == []


def test_cdks_own_validator_is_on_in_these_tests(home: Path, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(INVALID_APP)
    assembly = synth(home, tmp_path, tmp_path / "cdk.out", "--app", f"{sys.executable} app.py")
    assert ["Nonsense" in description for description in found(assembly)] == [True]
