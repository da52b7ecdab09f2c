"""``cleanrooms-ml check``: its arguments, output and exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from cleanrooms_ml_cli.check import command as command_module
from cleanrooms_ml_cli.check.command import LISTS, NUMBERS, SWITCHES
from cleanrooms_ml_cli.main import main
from cleanrooms_ml_policy import Policy

from .conftest import MISTAKES, Command
from .samples import channel, one, template

CLEAN = template(channel())


def test_a_clean_template_is_0(command: Command) -> None:
    assert command(command.write("a.json", CLEAN)) == 0
    assert command.out == "no violations in 1 resource of 1 template\n"


def test_violations_are_1_and_listed_in_a_table(command: Command) -> None:
    assert command(command.write("a.json", MISTAKES)) == 1
    assert "audienceSizeConfig.audienceSizeBins[1] is 200; allowed 1 to 100 percent" in " ".join(command.out.split())
    assert "cleanrooms-ml:pattern" in command.out
    assert command.out.endswith("2 violations and 1 warning in 2 resources of 1 template\n")


def test_advice_changes_the_exit_code_only_when_it_is_strict(command: Command) -> None:
    path = command.write("a.json", template(channel({"kmsKeyArn": None}), {"Child": _elsewhere()}))
    assert command(path) == 0
    assert command.out.endswith("no violations and 1 warning in 1 resource of 1 template\n")
    assert command.err == ""
    assert command(path, "--strict") == 1
    assert command.err == "cleanrooms-ml: exit code 1, because with --strict 1 warning counts as a violation\n"


def _elsewhere() -> dict[str, object]:
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://elsewhere/child.yaml"}}


def test_a_template_without_clean_rooms_ml_is_0(command: Command) -> None:
    assert command(command.write("a.json", template(one("Bucket", "AWS::S3::Bucket", {})))) == 0
    assert command.out == "nothing to check: no Clean Rooms ML resources in 1 template\n"


def test_an_assembly_is_checked_with_its_stages_and_nested_stacks(command: Command) -> None:
    assert command(command.assembly(), "--format", "json") == 1
    report = json.loads(command.out)
    assert [(one["template"], one["construct_path"], one["problem"]) for one in report["findings"]] == [
        (
            "cdk.out/Top.template.json",
            "Top/Audience/Channel/Resource",
            "retentionInDays is 31; allowed 1 to 30 (CreateMLInputChannel)",
        ),
        # A nested stack may have the same logical ids as its parent, and the other two have no metadata.
        ("cdk.out/Child.nested.template.json", "", "retentionInDays is 32; allowed 1 to 30 (CreateMLInputChannel)"),
        (
            "cdk.out/assembly-Stage/In.template.json",
            "",
            "retentionInDays is 33; allowed 1 to 30 (CreateMLInputChannel)",
        ),
    ]


def test_without_a_path_cdk_out_is_checked(command: Command) -> None:
    command.assembly()
    assert command() == 1


def test_several_paths_are_one_report_and_none_is_checked_twice(command: Command) -> None:
    first, second = command.write("a.json", MISTAKES), command.write("b.yaml", "Resources: {}\n")
    assert command(first, second, first) == 1
    assert command.out.endswith("2 violations and 1 warning in 2 resources of 2 templates\n")


def test_yaml_with_short_forms_is_checked(command: Command) -> None:
    text = """
    Resources:
      Channel:
        Type: Custom::CleanRoomsML-MLInputChannel
        Properties:
          ServiceToken: !GetAtt Front.Arn
          membershipIdentifier: !Ref Membership
          configuredModelAlgorithmAssociations: [!Sub "${Association}"]
          inputChannel:
            dataSource:
              protectedQueryInputParameters:
                sqlParameters: {queryString: SELECT 1}
            roleArn: !If [Own, !GetAtt Role.Arn, !Ref RoleArn]
          retentionInDays: 31
    """
    assert command(command.write("a.yaml", text)) == 1
    assert "retentionInDays is 31; allowed 1 to 30" in command.out
    assert command.out.endswith("1 violation in 1 resource of 1 template\n")


def test_a_report_file_is_written_and_summarized(command: Command) -> None:
    path = command.write("a.json", MISTAKES)
    assert command(path, "--format", "json", "--output", "report.json") == 1
    assert command.out == "2 violations and 1 warning in 2 resources of 1 template; see report.json\n"
    assert json.loads(Path("report.json").read_text(encoding="utf-8"))["violations"] == 2


# -- settings ----------------------------------------------------------------------------------------------


def test_settings_are_found_next_to_the_path_and_above(command: Command) -> None:
    settings = command.write("cleanrooms-ml.toml", "[policy]\nmax_retention_days = 14\n")
    path = command.write("deep/er/a.json", CLEAN)
    assert command(path, "--format", "json") == 1
    assert json.loads(command.out)["settings"] == [settings.name]
    command.write("deep/er/cleanrooms-ml.toml", "[policy]\nmax_retention_days = 30\n")
    assert command(path) == 0
    assert command(path, "--config", settings) == 1
    assert command(path, "--no-config") == 0


def test_each_path_has_its_own_settings(command: Command) -> None:
    command.write("a/cleanrooms-ml.toml", "[policy]\nmax_retention_days = 14\n")
    assert command(command.write("a/a.json", CLEAN), command.write("b/b.json", CLEAN)) == 1
    assert command.out.endswith("1 violation in 2 resources of 2 templates\n")


def test_options_take_precedence_over_the_file(command: Command) -> None:
    command.write("cleanrooms-ml.toml", '[policy]\nmax_retention_days = 14\nrequired_tags = ["owner"]\n')
    path = command.write("a.json", CLEAN)
    assert command(path, "--max-retention-days", 30, "--format", "json") == 1
    assert [one["rule"] for one in json.loads(command.out)["findings"]] == ["cleanrooms-ml:required-tags"]


def test_a_switch_of_the_file_can_be_turned_off(command: Command) -> None:
    command.write("cleanrooms-ml.toml", "[policy]\nrequire_encryption_key = true\n")
    path = command.write("a.json", CLEAN)
    assert command(path) == 1
    assert command(path, "--no-require-encryption-key") == 0


def test_a_list_is_given_one_by_one(command: Command) -> None:
    path = command.write("a.json", CLEAN)
    options = ("--required-tag", "owner", "--required-tag", "team", "--allowed-worker-type", "CR.4X")
    assert command(path, "--format", "json", *options) == 1
    assert json.loads(command.out)["violations"] == 3


def test_every_setting_has_an_option() -> None:
    assert {entry[0] for entry in (*SWITCHES, *NUMBERS, *LISTS)} == {setting.name for setting in fields(Policy)}


# -- acknowledgements --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "rule", "code"),
    [
        ("/Top/Audience/Channel", "CleanRoomsMLChecks::cleanrooms-ml:range", 0),
        ("/Top", "CleanRoomsMLChecks::cleanrooms-ml:range", 0),
        ("/Top/Audience/Channel", "CleanRoomsMLChecks::cleanrooms-ml:length", 1),
        ("/Top/Audience/Other", "CleanRoomsMLChecks::cleanrooms-ml:range", 1),
        ("/Top/Audience/Channel", "Other::cleanrooms-ml:range", 1),
    ],
)
def test_acknowledged_findings_are_accepted(command: Command, path: str, rule: str, code: int) -> None:
    folder = command.assembly()
    command.write("cdk.out/Child.nested.template.json", CLEAN)
    command.write("cdk.out/assembly-Stage/In.template.json", CLEAN)
    metadata = json.loads((folder / "Top.metadata.json").read_text())
    metadata.setdefault(path, []).append({"type": "aws:cdk:acknowledged-rules", "data": {rule: "agreed"}})
    command.write("cdk.out/Top.metadata.json", metadata)
    assert command(folder) == code
    assert ("(1 acknowledged)" in command.out, "Acknowledged: agreed" in command.out) == (code == 0, code == 0)
    assert command(folder, "--no-acknowledgements") == 1


# -- bad input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "arguments", "message"),
    [
        ({}, [], "cdk.out: there is no such file or folder; run cdk synth first"),
        ({}, ["x.json"], "x.json: there is no such file or folder; pass a cloud assembly (cdk.out) or a template"),
        ({"x.json": "{"}, ["x.json"], "x.json: is not JSON"),
        ({"x.json": "{}"}, ["x.json"], "x.json: is not a template: it has no Resources"),
        ({"x.yaml": "a: b: c"}, ["x.yaml"], "x.yaml, line 1: is not YAML"),
        ({"d/x": ""}, ["d"], "d: is not a cloud assembly, because it has no manifest.json; run cdk synth and pass its"),
        ({"d/cdk.out/manifest.json": "{}"}, ["d"], "did you mean d/cdk.out?"),
        ({"d/manifest.json": "{"}, ["d"], "d/manifest.json: cannot be read"),
        ({"d/manifest.json": "[]"}, ["d"], "d/manifest.json: is not the manifest of a cloud assembly"),
        ({"d/manifest.json": '{"artifacts": []}'}, ["d"], "d: the cloud assembly has no stacks"),
        ({"d/manifest.json": '{"artifacts": 3}'}, ["d"], "artifacts is not an object"),
        (
            {"d/manifest.json": '{"artifacts": {"A": {"type": "aws:cloudformation:stack"}}}'},
            ["d"],
            "d/manifest.json: the template of A, d/None, does not exist; run cdk synth",
        ),
        ({"cleanrooms-ml.toml": "["}, ["ok.json"], "is not TOML"),
        (
            {"cleanrooms-ml.toml": "max_workers = 3"},
            ["ok.json"],
            "max_workers is not known here; put settings below [policy]",
        ),
        ({"cleanrooms-ml.toml": "policy = 3"}, ["ok.json"], "policy is not a table; write [policy]"),
        (
            {"cleanrooms-ml.toml": "[policy]\nmax_worker = 3"},
            ["ok.json"],
            "max_worker is not a setting; did you mean max_workers?",
        ),
        (
            {"cleanrooms-ml.toml": "[policy]\nmax_workers = 1"},
            ["ok.json"],
            "[policy] max_workers is 1; allowed 2 to 1024",
        ),
        ({}, ["ok.json", "--config", "gone.toml"], "gone.toml: cannot be read: No such file or directory"),
        ({}, ["ok.json", "--max-workers", "1"], "max_workers is 1; allowed 2 to 1024"),
        ({}, ["ok.json", "--output", "gone/x"], "gone/x: cannot be written: No such file or directory"),
    ],
    ids=str,
)
def test_bad_input_is_2_with_a_message(
    command: Command, files: dict[str, str], arguments: list[str], message: str
) -> None:
    for name, content in files.items():
        command.write(name, content)
    command.write("ok.json", CLEAN)
    assert command(*arguments) == 2
    assert not command.out
    assert command.err.startswith("cleanrooms-ml: ")
    assert message in command.err


@pytest.mark.parametrize(
    "arguments",
    [["--format", "pdf"], ["--max-workers", "many"], ["--config", "a", "--no-config"], ["--zzz"], ["a", "--", "b"]],
    ids=str,
)
def test_a_wrong_option_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["check", *arguments])
    assert caught.value.code == 2
    assert re.fullmatch(r"cleanrooms-ml[^\n]+; see cleanrooms-ml[ a-z]* --help\n", capsys.readouterr().err)


def test_a_fault_of_the_check_is_2(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(options: object) -> int:
        raise RuntimeError("boom")

    monkeypatch.setattr(command_module, "_run", fail)
    assert command("x") == 2
    assert "cdk-cleanrooms-ml has a fault: RuntimeError: boom; nothing was checked" in command.err


# -- the process -------------------------------------------------------------------------------------------


def test_it_imports_neither_the_cdk_nor_aws_nor_the_sandbox(command: Command) -> None:
    path = command.write("a.json", MISTAKES)
    heavy = ("aws_cdk", "jsii", "constructs", "boto3", "botocore", "ministack", "cleanrooms_ml_cli.sandbox")
    program = (
        "import sys; from cleanrooms_ml_cli.main import main; code = main(sys.argv[1:]); "
        f"print([name for name in {heavy!r} if name in sys.modules], code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "check", str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[] 1"


def test_help_lists_check_and_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert "check" in out
    assert "sandbox" in out
