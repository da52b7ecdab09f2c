"""What cdk-nag says about what the library makes."""

from __future__ import annotations

import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from cdk_nag import AwsSolutionsChecks

from tests.synth.stacks import channel, configured, job


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    app = cdk.App(outdir=str(tmp_path_factory.mktemp("cdk.out")))
    stack = cdk.Stack(app, "Stack")
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    configured(stack)
    job(stack)
    channel(stack, encryption_key=key, role=iam.Role.from_role_name(stack, "Own", "own"))
    channel(stack, "Other")
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="AwsSolutions-IAM5"):
        app.synth()
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    return {
        violation["ruleName"]: {each["constructPath"] for each in violation["violatingConstructs"]}
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
    }


def test_it_finds_nothing_but_wildcards(findings: dict[str, set[str]]) -> None:
    assert {rule.split("[")[0] for rule in findings} == {"AwsSolutions-IAM5"}


def test_everything_is_allowed_only_where_aws_knows_nothing_narrower(findings: dict[str, set[str]]) -> None:
    # Log delivery and traces, and list operations.
    assert findings["AwsSolutions-IAM5[Resource::*]"] == {
        "Stack/CleanRoomsMLProvider/MachineRole",
        "Stack/CleanRoomsMLProvider/WorkerPolicy",
    }


def test_no_action_is_a_wildcard_without_a_key(findings: dict[str, set[str]]) -> None:
    assert not [rule for rule in findings if "[Action::" in rule]
