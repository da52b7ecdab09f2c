"""The real CDK CLI in other Regions, with policies evaluated: bootstrap, deploy, destroy."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanrooms_ml_cli.sandbox import Sandbox
from cleanrooms_ml_simulator.sandbox.deployed import held

from .conftest import App


@pytest.mark.parametrize("region", ["eu-west-2", "ap-southeast-2", "us-gov-west-1", "cn-north-1"])
def test_an_app_is_deployed_in_a_region(sandbox: Sandbox, tmp_path: Path, region: str) -> None:
    there = sandbox.in_region(region)
    association = there.emulator.seed("ConfiguredModelAlgorithmAssociation")["arn"]
    app = App(there, tmp_path, f"In-{region}")

    result = app.synthesize(association=association).cdk("deploy")

    assert result.ok, result.output
    arn = app.deployed.outputs()["Arn"]
    assert arn.split(":")[:4] == [*association.split(":")[:3], region]
    assert held(sandbox) == {arn: "ACTIVE"}
    assert app.cdk("destroy").ok
    assert held(sandbox) == {arn: "INACTIVE"}
