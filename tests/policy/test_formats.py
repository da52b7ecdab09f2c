"""Reports for programs validate against their published schemas."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema

from . import published
from .conftest import MISTAKES, Command
from .samples import channel, configured, template

ACKNOWLEDGED = {"CleanRoomsMLChecks::cleanrooms-ml:range": "agreed"}


@pytest.fixture(scope="session")
def junit() -> xmlschema.XMLSchema:
    """The schema by which Jenkins reads JUnit."""
    return xmlschema.XMLSchema(published.schema(published.JUNIT))


@pytest.fixture(scope="session")
def sarif() -> jsonschema.Draft4Validator:
    """The schema of SARIF 2.1.0."""
    return jsonschema.Draft4Validator(
        json.loads(published.schema(published.SARIF).read_text(encoding="utf-8")),
        format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER,
    )


def accepted(command: Command) -> Path:
    """An assembly in which a finding is acknowledged."""
    folder = command.assembly()
    metadata = json.loads((folder / "Top.metadata.json").read_text())
    metadata["/Top"] = [{"type": "aws:cdk:acknowledged-rules", "data": ACKNOWLEDGED}]
    command.write("cdk.out/Top.metadata.json", metadata)
    return folder


@pytest.mark.parametrize("content", [MISTAKES, template(), template(channel())], ids=["mistakes", "empty", "clean"])
def test_sarif_is_valid(command: Command, content: dict[str, object], sarif: jsonschema.Draft4Validator) -> None:
    command(command.write("ein pfad/ä.json", content), "--format", "sarif")
    log = json.loads(command.out)
    sarif.validate(log)
    assert log["version"] == "2.1.0"


def test_a_sarif_result_has_rule_line_and_resource(command: Command) -> None:
    path = command.write("ein pfad/a.json", json.dumps(template(configured(), channel(retentionInDays=31)), indent=1))
    command(path, "--format", "sarif")
    (run,) = json.loads(command.out)["runs"]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "cleanrooms-ml:range"
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "ein%20pfad/a.json"}
    line = location["physicalLocation"]["region"]["startLine"]
    assert path.read_text().splitlines()[line - 1].strip() == '"Channel": {'
    assert location["logicalLocations"] == [
        {"fullyQualifiedName": "Channel.Properties.retentionInDays", "kind": "resource"}
    ]


def test_sarif_levels(command: Command) -> None:
    command(command.write("a.json", MISTAKES), "--format", "sarif")
    (run,) = json.loads(command.out)["runs"]
    assert sorted(result["level"] for result in run["results"]) == ["error", "error", "warning"]


def test_a_fingerprint_does_not_depend_on_the_value(command: Command) -> None:
    prints = []
    for days in (31, 32):
        command(command.write("a.json", template(channel(retentionInDays=days))), "--format", "sarif")
        (run,) = json.loads(command.out)["runs"]
        prints.append(run["results"][0]["partialFingerprints"])
    assert prints[0] == prints[1]


def test_acknowledged_findings_are_suppressed_in_sarif(command: Command, sarif: jsonschema.Draft4Validator) -> None:
    command(accepted(command), "--format", "sarif")
    log = json.loads(command.out)
    sarif.validate(log)
    suppressed = [result["suppressions"] for result in log["runs"][0]["results"] if "suppressions" in result]
    assert suppressed == [[{"kind": "inSource", "status": "accepted", "justification": "agreed"}]]


def test_a_template_outside_the_folder_has_an_absolute_address(
    command: Command, tmp_path_factory: pytest.TempPathFactory, sarif: jsonschema.Draft4Validator
) -> None:
    path = tmp_path_factory.mktemp("elsewhere") / "a.json"
    path.write_text(json.dumps(MISTAKES))
    command(path, "--format", "sarif")
    log = json.loads(command.out)
    sarif.validate(log)
    assert {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in log["runs"][0]["results"]
    } == {path.as_uri()}


@pytest.mark.parametrize("content", [MISTAKES, template(), template(channel())], ids=["mistakes", "empty", "clean"])
def test_junit_is_valid(command: Command, content: dict[str, object], junit: xmlschema.XMLSchema) -> None:
    command(command.write("a.json", content), "--format", "junit")
    junit.validate(command.out)


def test_junit_has_a_test_for_each_finding_and_each_clean_resource(command: Command) -> None:
    resources = template(configured(), channel(retentionInDays=31, name="bell \x07"))
    assert command(command.write("a.json", resources), "--format", "junit", "--output", "report.xml") == 1
    root = ElementTree.parse("report.xml").getroot()
    assert {key: root.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "2",
        "errors": "0",
    }
    cases = [(case.get("classname"), case.get("name"), [child.tag for child in case]) for case in root.iter("testcase")]
    assert cases == [
        ("Channel", "cleanrooms-ml:range Properties.retentionInDays", ["failure"]),
        ("Channel", "cleanrooms-ml:pattern Properties.name", ["failure"]),
        ("Configured", "limits and policy", []),
    ]


def test_acknowledged_findings_are_skipped_and_advice_passes_in_junit(
    command: Command, junit: xmlschema.XMLSchema
) -> None:
    command(accepted(command), command.write("a.json", MISTAKES), "--format", "junit")
    junit.validate(command.out)
    root = ElementTree.fromstring(command.out)
    assert [(child.text or "").split("; ")[0] for child in root.iter("skipped")] == ["acknowledged: agreed"]
    assert len(list(root.iter("system-out"))) == 1
    assert root.get("failures") == "4"


def test_a_missing_template_is_an_error_in_junit(command: Command, junit: xmlschema.XMLSchema) -> None:
    folder = command.assembly()
    (folder / "Child.nested.template.json").unlink()
    assert command(folder, "--format", "junit") == 1
    junit.validate(command.out)
    assert ElementTree.fromstring(command.out).get("errors") == "1"


def test_a_lone_surrogate_is_written(command: Command) -> None:
    path = command.write("a.json", '{"Resources": {"A": {"Type": "Custom::CleanRoomsML-\\ud800"}}}')
    for form in ("table", "json", "sarif", "junit"):
        assert command(path, "--format", form) == 1
        assert "Custom::CleanRoomsML-" in command.out
