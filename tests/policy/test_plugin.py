"""CleanRoomsMLChecks: what the CDK plugin checks and reports, also when it fails itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import cloudformation_include

from cdk_cleanrooms_ml import CleanRoomsMLChecks, SharedAudienceMetrics, WorkerType, checks
from cleanrooms_ml_cli.main import main
from cleanrooms_ml_policy.catalog import entries
from tests.synth.stacks import channel as channel_construct
from tests.synth.stacks import new_stack

from .samples import ACCOUNT, ROLE, channel, configured, template

NUMBER = "inputChannel.dataSource.protectedQueryInputParameters.computeConfiguration.worker.number"


def resource_of(construct: cdk.Resource) -> cdk.CfnResource:
    """The custom resource of a construct."""
    resource = construct.node.default_child
    assert isinstance(resource, cdk.CfnResource)
    return resource


def raw(scope: cdk.Stack, id: str, resources: dict[str, Any]) -> cdk.CfnResource:
    """A resource without a construct of ours."""
    (resource,) = resources.values()
    return cdk.CfnResource(scope, id, type=resource["Type"], properties=resource["Properties"])


def mistaken_app(folder: Path) -> cdk.App:
    """An app with mistakes that constructs cannot see, in two stacks, a nested stack and a stage."""
    app = cdk.App(outdir=str(folder))
    stack = cdk.Stack(app, "Top")
    escaped = channel_construct(stack, "Escaped", retention=cdk.Duration.days(7), tags={"owner": "me"})
    resource_of(escaped).add_property_override(NUMBER, 5000)
    raw(stack, "Raw", configured(tags={"owner": "me"}, sharedAudienceMetrics=["MOST"]))
    included = folder.parent / "included.json"
    plain = {"ServiceToken": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:front", "inputChannel.roleArn": ROLE}
    included.write_text(json.dumps(template(channel(plain, tags={"owner": "me"}, name=""))))
    cloudformation_include.CfnInclude(stack, "Included", template_file=str(included))
    nested = cdk.NestedStack(stack, "Nested")
    raw(nested, "Raw", configured(tags={"owner": "me"}, minMatchingSeedSize=24))
    staged = cdk.Stack(cdk.Stage(app, "Stage"), "In")
    late = channel_construct(staged, "Late", retention=cdk.Duration.days(7))
    cdk.Tags.of(late).add("Owner", "me")
    accepted = raw(staged, "Accepted", channel(tags={"owner": "me"}))
    cdk.Validations.of(accepted).acknowledge(
        cdk.Acknowledgment(id="CleanRoomsMLChecks::cleanrooms-ml:max-retention", reason="agreed with the auditor")
    )
    cdk.Validations.of(app).add_plugins(
        CleanRoomsMLChecks(max_retention=cdk.Duration.days(14), required_tags=["owner"])
    )
    return app


EXPECTED = {
    ("Top/Escaped/Resource", "cleanrooms-ml:range", f"Properties.{NUMBER}"),
    ("Top/Raw", "cleanrooms-ml:enum", "Properties.sharedAudienceMetrics[0]"),
    ("Top/Included/Channel", "cleanrooms-ml:length", "Properties.name"),
    ("Top/Included/Channel", "cleanrooms-ml:max-retention", "Properties.retentionInDays"),
    ("Top/Nested/Raw", "cleanrooms-ml:range", "Properties.minMatchingSeedSize"),
    ("Stage/In/Late/Resource", "cleanrooms-ml:required-tags", "Properties.tags"),
}


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The assembly of the app with mistakes, and how its synth failed."""
    folder = tmp_path_factory.mktemp("app") / "cdk.out"
    with pytest.raises(RuntimeError) as caught:
        mistaken_app(folder).synth()
    return folder, str(caught.value)


def violations(folder: Path, kind: str = "violations") -> set[tuple[str, str, str]]:
    """The findings of our plugin in an assembly's validation report: path, rule, property."""
    report = json.loads((folder / "validation-report.json").read_text())
    (ours,) = [one for one in report["pluginReports"] if one["pluginName"] == "CleanRoomsMLChecks"]
    return {
        (where["constructPath"], violation["ruleName"], where["cloudFormationResource"]["propertyPaths"][0])
        for violation in ours.get(kind, [])
        for where in violation["violatingConstructs"]
    }


def test_it_checks_the_final_templates(synthesized: tuple[Path, str]) -> None:
    assert violations(synthesized[0]) == EXPECTED


def test_synth_fails_and_names_rule_path_and_problem(synthesized: tuple[Path, str]) -> None:
    message = synthesized[1]
    for path, rule, _ in EXPECTED:
        assert path in message
        assert f"CleanRoomsMLChecks::{rule}" in message
    assert f"{NUMBER} is 5000; allowed 2 to 1024 (CreateMLInputChannel)" in message


def test_acknowledged_findings_are_not_violations_but_stay_in_the_report(synthesized: tuple[Path, str]) -> None:
    assert violations(synthesized[0], "suppressedViolations") == {
        ("Stage/In/Accepted", "cleanrooms-ml:max-retention", "Properties.retentionInDays")
    }
    assert "agreed with the auditor" in (synthesized[0] / "validation-report.json").read_text()


def test_the_command_finds_the_same(synthesized: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    policy = ["--no-config", "--max-retention-days", "14", "--required-tag", "owner", "--format", "json"]
    assert main(["check", str(synthesized[0]), *policy]) == 1
    report = json.loads(capsys.readouterr().out)
    found = {(one["rule"], one["property_path"]) for one in report["findings"] if one["acknowledged"] is None}
    assert found == {(rule, path) for _, rule, path in EXPECTED}
    assert (report["violations"], report["acknowledged"]) == (len(EXPECTED), 1)
    # By the CDK's metadata, though two resources of one stack and its nested one have the same logical id.
    assert {one["construct_path"] for one in report["findings"]} == {path for path, _, _ in EXPECTED} | {
        "Stage/In/Accepted"
    }


def test_an_app_without_mistakes_is_synthesized(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    channel_construct(new_stack(app=app), tags={"owner": "me"}, retention=cdk.Duration.days(14))
    strict = CleanRoomsMLChecks(
        max_retention=cdk.Duration.days(14),
        required_tags=["owner"],
        shared_audience_metrics=[SharedAudienceMetrics.NONE],
        allowed_worker_types=[WorkerType.CR_1X, WorkerType.of("CR.16X"), "CR.4X"],
        max_workers=16,
        forbid_seed_in_output=True,
        max_epsilon=3,
        max_membership_inference_attack_score=0.6,
        allowed_principals=[],
    )
    cdk.Validations.of(app).add_plugins(strict)
    app.synth()
    assert "CleanRoomsMLChecks" not in (tmp_path / "cdk.out" / "validation-report.json").read_text()


# -- its own faults ----------------------------------------------------------------------------------------


def report_of(plugin: CleanRoomsMLChecks, *paths: object) -> cdk.PolicyValidationPluginReport:
    """The plugin's report on some templates."""
    context: Any = SimpleNamespace(template_paths=[str(path) for path in paths])
    return plugin.validate(context)


def test_a_fault_is_a_fatal_violation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(checks, "check_file", fail)
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    cdk.CfnOutput(new_stack(app=app), "Output", value="x")
    cdk.Validations.of(app).add_plugins(CleanRoomsMLChecks())
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    assert "FATAL cdk-cleanrooms-ml has a fault, so that nothing is checked: ZeroDivisionError boom" in str(
        caught.value
    )


def test_one_template_that_cannot_be_read_does_not_hide_another(tmp_path: Path) -> None:
    broken, other = tmp_path / "broken.json", tmp_path / "other.json"
    broken.write_text("{")
    other.write_text(json.dumps(template(channel(retentionInDays=31))))
    report = report_of(CleanRoomsMLChecks(), broken, tmp_path / "gone.json", other)
    assert not report.success
    assert [(violation.rule_name, violation.severity) for violation in report.violations] == [
        ("cleanrooms-ml:unreadable", "fatal"),
        ("cleanrooms-ml:unreadable", "fatal"),
        ("cleanrooms-ml:range", "error"),
    ]


@pytest.mark.parametrize(
    "resource",
    [
        {"Type": "Custom::CleanRoomsML-MLInputChannel", "Properties": {"tags": [[{}]], "inputChannel": 3}},
        {"Type": "Custom::CleanRoomsML-Wait", "Properties": {"Settings": 3, "Kind": {}}},
        {"Type": "Custom::CleanRoomsML-Wait", "Properties": {"Kind": "MLInputChannel", "Settings": {"Gates": [1]}}},
        {"Type": "AWS::CleanRooms::AnalysisTemplate", "Properties": {"SyntheticDataParameters": []}},
        {"Type": "AWS::CleanRoomsML::TrainingDataset", "Properties": {"Tags": {"Ref": ["odd"]}}},
        {"Type": "AWS::CloudFormation::Stack", "Metadata": [], "Properties": []},
        {"Type": [], "Properties": None},
        {"Type": "Custom::CleanRoomsML-\ud800", "Metadata": {"aws:cdk:path": 3}},
    ],
    ids=str,
)
def test_no_template_makes_it_fail(tmp_path: Path, resource: dict[str, Any]) -> None:
    path = tmp_path / "odd.json"
    path.write_text(json.dumps({"Resources": {"Odd": resource}}))
    everything = CleanRoomsMLChecks(required_tags=["owner"], max_epsilon=1, require_encryption_key=True, max_workers=2)
    report = report_of(everything, path)
    assert "cleanrooms-ml:fault" not in {violation.rule_name for violation in report.violations}
    # The CDK must be able to encode the text.
    json.dumps([violation.description for violation in report.violations]).encode()
    for violation in report.violations:
        violation.description.encode()


def test_a_failing_context_is_a_violation() -> None:
    class Context:
        @property
        def template_paths(self) -> list[str]:
            raise RuntimeError("gone")

    context: Any = Context()
    report = CleanRoomsMLChecks().validate(context)
    assert not report.success
    assert [violation.severity for violation in report.violations] == ["fatal"]


# -- settings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_retention": cdk.Duration.hours(36)}, "max_retention is 129600 seconds; whole days are needed"),
        ({"max_retention": cdk.Duration.days(31)}, "allowed 1 to 30"),
        ({"max_retention": 14}, "max_retention is an int; a Duration is needed"),
        ({"required_tags": "owner"}, 'required_tags is "owner"; a list of strings is required'),
        ({"allowed_worker_types": "CR.1X"}, 'allowed_worker_types is "CR.1X"; a list of strings is required'),
        ({"max_workers": 1}, "max_workers is 1; allowed 2 to 1024"),
        ({"require_encryption_key": None, "max_epsilon": 0}, "max_epsilon is 0; allowed 0.0001 to 10"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_invalid_setting_is_an_error_with_a_reason(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        CleanRoomsMLChecks(**settings)


def test_a_retention_has_to_be_known_at_synth() -> None:
    days = cdk.CfnParameter(new_stack(), "Days", type="Number").value_as_number
    with pytest.raises(ValueError, match="max_retention is a token; it has to be known at synth"):
        CleanRoomsMLChecks(max_retention=cdk.Duration.days(days))


def test_it_has_name_version_and_rule_ids() -> None:
    plugin = CleanRoomsMLChecks()
    assert plugin.name == "CleanRoomsMLChecks"
    assert plugin.version
    assert {"cleanrooms-ml:max-retention", "cleanrooms-ml:range", "cleanrooms-ml:fault"} <= set(plugin.rule_ids)
    assert set(plugin.rule_ids) <= set(entries())
