"""Runs of a template that may be in flight at the same time."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_policy import Severity
from cleanrooms_ml_policy.in_flight import needs

from .samples import Resources, analysis_template, audience_model, channel, findings, one, rules_found

TEMPLATE = "inputChannel.dataSource.protectedQueryInputParameters.sqlParameters"


def named(name: str, resource: Resources, **more: Any) -> Resources:
    """The one resource under another logical id."""
    (entry,) = resource.values()
    return {name: {**entry, **more}}


def end(of: str, name: str = "", **settings: Any) -> Resources:
    """The `Ready` of an audience model."""
    properties = {"Kind": "AudienceModel", "Arn": {"Ref": of}, "Settings": {"WaitedSeconds": 6600, **settings}}
    return one(name or f"{of}Ready", "Custom::CleanRoomsML-Wait", properties)


def three(**last: Any) -> list[Resources]:
    """Three audience models, each with its `Ready`."""
    models = [named("A", audience_model()), named("B", audience_model()), named("C", audience_model(), **last)]
    return [*models, end("A"), end("B"), end("C"), end("A", "AWait1", Link=True)]


def test_the_third_audience_model_is_reported_with_those_in_flight_at_the_same_time() -> None:
    (finding,) = findings(*three(), advice=True)
    assert (finding.rule, finding.severity) == ("cleanrooms-ml:in-flight", Severity.WARNING)
    assert (finding.logical_id, finding.property_path) == ("C", "Properties")
    assert finding.problem.startswith("may run at the same time as A, B; by default AWS allows 2 audience models per")
    assert finding.problem.endswith(": name what waits for it in DependsOn")
    assert not findings(*three())


@pytest.mark.parametrize(
    "last",
    [
        {"DependsOn": "AReady"},
        {"DependsOn": ["Other", "BReady"]},
        {"Condition": "IsProduction"},
    ],
    ids=str,
)
def test_a_run_that_follows_or_has_a_condition_does_not_count(last: dict[str, Any]) -> None:
    assert rules_found(*three(**last), advice=True) == []


@pytest.mark.parametrize("last", [{"DependsOn": "A"}, {"DependsOn": ["AWait1"]}], ids=str)
def test_the_start_of_a_run_is_not_its_end(last: dict[str, Any]) -> None:
    assert rules_found(*three(**last), advice=True) == ["in-flight"]


def test_channels_count_that_use_a_template_for_synthetic_data() -> None:
    synthetic = {
        f"{TEMPLATE}.queryString": None,
        f"{TEMPLATE}.analysisTemplateArn": {"Fn::GetAtt": ["Analysis", "Arn"]},
    }
    channels = [named(name, channel(synthetic)) for name in "ABC"]
    assert rules_found(*channels, analysis_template(), advice=True) == ["in-flight"]
    plain = one("Analysis", "AWS::CleanRooms::AnalysisTemplate", {"Name": "a"})
    assert rules_found(*channels, plain, advice=True) == []
    assert rules_found(*channels, advice=True) == []


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "A"},
        {"Fn::GetAtt": ["A", "Arn"]},
        {"Fn::GetAtt": "A.Arn"},
        {"Fn::Sub": "x-${A}"},
        {"Fn::Sub": "x-${A.Arn}"},
        {"Fn::Sub": ["${x}", {"x": {"Ref": "A"}}]},
        {"Fn::Join": ["", ["x", {"Ref": "A"}]]},
        {"Fn::If": ["C", {"Ref": "A"}, "x"]},
        [{"deep": [{"Ref": "A"}]}],
    ],
    ids=str,
)
def test_a_reference_is_a_dependency(value: Any) -> None:
    assert needs({"A": {}, "B": {"Properties": {"x": value}}})["B"] == {"A"}


@pytest.mark.parametrize(
    "value", ["A", {"Fn::Sub": "${!A}"}, {"Ref": "AWS::Region"}, {"Fn::Sub": ["${x}", {}]}], ids=str
)
def test_text_is_not_a_dependency(value: Any) -> None:
    assert needs({"A": {}, "B": {"Properties": {"x": value}}, "C": None}) == {"A": set(), "B": set()}


@pytest.mark.parametrize("stated", [None, 3, True, {}, [None], [[]], "Elsewhere"], ids=str)
def test_an_invalid_depends_on_is_ignored(stated: Any) -> None:
    assert needs({"A": {"DependsOn": stated}}) == {"A": set()}
