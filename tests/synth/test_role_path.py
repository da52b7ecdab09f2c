"""The path of created roles holds the Region where the app says so; deployed apps keep theirs."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml._roles import REGION_IN_ROLE_PATH
from cleanrooms_ml_cli.sandbox.starter import write

from .stacks import channel, template_of


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, "/cleanrooms-ml/${AWS::StackName}/"),
        (False, "/cleanrooms-ml/${AWS::StackName}/"),
        (True, "/cleanrooms-ml/${AWS::Region}/${AWS::StackName}/"),
    ],
)
def test_the_worker_passes_only_the_roles_below_the_path(value: bool | None, path: str) -> None:
    context = {} if value is None else {REGION_IN_ROLE_PATH: value}
    stack = cdk.Stack(cdk.App(context=context), "app")
    channel(stack)
    template = template_of(stack)
    roles = [each for each in template["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
    assert {"Fn::Sub": path} in [each["Properties"].get("Path") for each in roles]
    statements = template["Resources"]["CleanRoomsMLWorkerPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    [passing] = [each for each in statements if "iam:PassRole" in each["Action"]]
    assert passing["Resource"] == {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role{path}*"}


def test_new_apps_say_so(tmp_path: Path) -> None:
    write(tmp_path)
    for file in (tmp_path / "cdk.json", Path(__file__).parents[2] / "cdk.json"):
        assert json.loads(file.read_text("utf-8"))["context"][REGION_IN_ROLE_PATH] is True
