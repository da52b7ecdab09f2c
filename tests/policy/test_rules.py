"""Every rule has a template that passes and one that fails."""

from __future__ import annotations

import pytest

from cleanrooms_ml_handlers.rules.in_flight import IN_FLIGHT
from cleanrooms_ml_policy import Severity
from cleanrooms_ml_policy.catalog import FAULT, NOT_CHECKED, UNREADABLE, advice_entries, entries

from .cases import ADVICE_CASES as OTHER_ADVICE_CASES
from .cases import CASES as OTHER_CASES
from .cases import UNKNOWN_TYPE, Case
from .late_cases import LATE_ADVICE_CASES, LATE_CASES
from .samples import channel, findings, rules_found, template

CASES = (*OTHER_CASES, *LATE_CASES)
ADVICE_CASES = (*OTHER_ADVICE_CASES, *LATE_ADVICE_CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_violation_has_its_rule_and_path(case: Case) -> None:
    (finding,) = findings(*case.fails, **case.settings)
    assert finding.rule == f"cleanrooms-ml:{case.rule}"
    assert finding.severity is Severity.ERROR
    assert finding.property_path == (f"Properties.{case.path}" if case.path else "Properties")
    assert finding.logical_id == next(iter(case.fails[-1]))
    assert finding.fix


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_valid_template_has_no_findings(case: Case) -> None:
    assert not findings(*case.passes, **case.settings)


@pytest.mark.parametrize("case", [case for case in CASES if case.settings], ids=lambda case: case.rule)
def test_an_organization_rule_without_its_setting_is_off(case: Case) -> None:
    assert not findings(*case.fails)


@pytest.mark.parametrize("case", ADVICE_CASES, ids=lambda case: case.rule)
def test_advice_is_a_warning_and_only_given_when_asked_for(case: Case) -> None:
    # A type for which advice is given about several instances has no quota either.
    (finding,) = [each for each in findings(*case.fails, advice=True) if each.rule == f"cleanrooms-ml:{case.rule}"]
    assert (finding.rule, finding.severity) == (f"cleanrooms-ml:{case.rule}", Severity.WARNING)
    assert finding.property_path == f"Properties.{case.path}"
    assert not finding.is_violation
    assert not findings(*case.fails)
    assert not findings(*case.passes, advice=True)


def test_every_rule_has_a_case() -> None:
    tested = {f"cleanrooms-ml:{case.rule}" for case in (*CASES, *ADVICE_CASES)}
    # Loops, files, faults and runs in flight have their own tests.
    assert set(entries()) - tested == {NOT_CHECKED, UNREADABLE, FAULT, IN_FLIGHT.id}
    advice = {f"cleanrooms-ml:{case.rule}" for case in ADVICE_CASES}
    assert {entry.id for entry in advice_entries()} == {*advice, IN_FLIGHT.id}


def test_a_type_that_nothing_creates_is_named_with_the_nearest() -> None:
    (finding,) = findings(UNKNOWN_TYPE)
    assert finding.rule == "cleanrooms-ml:kind"
    assert finding.fix == "Did you mean Custom::CleanRoomsML-MLInputChannel?"


def test_a_message_has_resource_problem_and_fix() -> None:
    resources = channel({"inputChannel.dataSource.protectedQueryInputParameters.computeConfiguration.worker.number": 1})
    resources["Channel"]["Metadata"] = {"aws:cdk:path": "Audience/Channel/Resource"}
    (finding,) = findings(resources)
    assert finding.message == (
        "Audience/Channel: inputChannel.dataSource.protectedQueryInputParameters.computeConfiguration.worker.number "
        "is 1; allowed 2 to 1024 (CreateMLInputChannel). Choose a number within the range"
    )


def test_sql_is_not_shown() -> None:
    (finding,) = findings(
        channel({"inputChannel.dataSource.protectedQueryInputParameters.sqlParameters.queryString": ["SELECT secret"]})
    )
    assert finding.rule == "cleanrooms-ml:type"
    assert "secret" not in finding.message


def test_all_mistakes_are_reported_at_once() -> None:
    broken = channel(retentionInDays=31, name="", tags={"aws:x": "y"})
    assert rules_found(broken, max_retention_days=7) == ["range", "length", "tag-prefix", "max-retention"]


@pytest.mark.parametrize("properties", [None, [], "text", {"Fn::Transform": {"Name": "AWS::Include"}}])
def test_odd_properties_are_reported_or_ignored(properties: object) -> None:
    resources = {"Channel": {"Type": "Custom::CleanRoomsML-MLInputChannel", "Properties": properties}}
    found = {finding.severity for finding in findings(resources)}
    assert found <= {Severity.ERROR}


@pytest.mark.parametrize("entry", [None, [], {"Type": 3}, {"Properties": {}}])
def test_an_entry_that_is_not_a_resource_is_left_to_cloudformation(entry: object) -> None:
    assert not findings({"Odd": entry})


def test_a_template_without_resources_is_clean() -> None:
    assert template()["Resources"] == {}
    assert not findings()
