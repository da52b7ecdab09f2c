"""The rules for training data, algorithms and synthetic data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.rules.stories import HARD_OF_STORIES, SOFT_OF_STORIES


class Unknown(str):
    """A value that only the deployment knows."""


def unknown(value: object) -> bool:
    return isinstance(value, Unknown)


def broken(operation: str, request: dict[str, Any], service: str = "cleanroomsml") -> list[str]:
    """The ids of the rules that a request breaks, and of the advice about it."""
    found = [
        *(problem.rule for problem in rules.problems(service, operation, request, unknown)),
        *(advice.id for advice in rules.advice(service, operation, request, unknown)),
    ]
    return [str(each).removeprefix("cleanrooms-ml:") for each in found]


def dataset(*types: Any) -> dict[str, Any]:
    columns = [{"columnName": f"c{number}", "columnTypes": [each]} for number, each in enumerate(types)]
    return {"trainingData": [{"inputConfig": {"schema": columns}}]}


def training(*names: Any, earlier: tuple[str, ...] = (), kind: str = "ml.m5.4xlarge") -> dict[str, Any]:
    return {
        "dataChannels": [{"channelName": name} for name in names],
        "incrementalTrainingDataChannels": [{"channelName": name} for name in earlier],
        "resourceConfig": {"instanceType": kind},
    }


def template(*columns: tuple[str, Any]) -> dict[str, Any]:
    mapping = [{"columnName": name, "isPredictiveValue": flag} for name, flag in columns]
    return {
        "syntheticDataParameters": {"mlSyntheticDataParameters": {"columnClassification": {"columnMapping": mapping}}}
    }


def redaction(*entities: Any, own: object = None) -> dict[str, Any]:
    log = {"logRedactionConfiguration": {"entitiesToRedact": list(entities), "customEntityConfig": own}}
    return {"privacyConfiguration": {"policies": {"trainedModels": {"containerLogs": [log]}}}}


NEEDED = ("USER_ID", "ITEM_ID", "TIMESTAMP")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (dataset(*NEEDED), []),
        (dataset("USER_ID", "TIMESTAMP"), ["training-columns"]),
        (dataset("USER_ID", Unknown("token")), []),
        (dataset(*NEEDED, *["NUMERICAL_FEATURE"] * 10), []),
        (dataset(*NEEDED, *["NUMERICAL_FEATURE"] * 10, "CATEGORICAL_FEATURE"), ["feature-count"]),
    ],
)
def test_a_dataset_says_who_did_what_and_when(request_: dict[str, Any], expected: list[str]) -> None:
    assert broken("CreateTrainingDataset", request_) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", []),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", ["training-period"]),
        ("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", ["training-period"]),
        ("2026-02-01T00:00:00Z", Unknown("2026-01-01T00:00:00Z"), []),
        ("2026-02-01T00:00:00Z", None, []),
    ],
)
def test_a_period_has_an_end_after_its_start(start: str, end: str | None, expected: list[str]) -> None:
    assert broken("CreateAudienceModel", {"trainingDataStartTime": start, "trainingDataEndTime": end}) == expected


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, ["one-container"]),
        ({"trainingContainerConfig": {"imageUri": "a"}}, []),
        ({"inferenceContainerConfig": Unknown("token")}, []),
    ],
)
def test_an_algorithm_has_an_image(request_: dict[str, Any], expected: list[str]) -> None:
    assert broken("CreateConfiguredModelAlgorithm", request_) == expected


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (redaction("NUMBERS"), []),
        (redaction("CUSTOM", own={"customDataIdentifiers": ["a"]}), []),
        (redaction("CUSTOM"), ["custom-redaction"]),
        (redaction("NUMBERS", own={"customDataIdentifiers": ["a"]}), ["custom-redaction"]),
        (redaction(Unknown("token"), own={"customDataIdentifiers": ["a"]}), []),
    ],
)
def test_what_is_redacted_by_expressions_is_said_twice(request_: dict[str, Any], expected: list[str]) -> None:
    assert broken("CreateConfiguredModelAlgorithmAssociation", request_) == expected


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (training(*map(str, range(20))), []),
        (training(*map(str, range(20)), earlier=("before",)), ["training-channels"]),
        (training("a", "b", earlier=("a",)), ["channel-names"]),
        (training(Unknown("a"), Unknown("a")), []),
        (training("a", kind="ml.m5.xlarge"), ["training-quota"]),
        (training("a", kind=Unknown("token")), []),
    ],
)
def test_a_training_has_few_channels_of_different_names(request_: dict[str, Any], expected: list[str]) -> None:
    assert broken("CreateTrainedModel", request_) == expected


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (template(("a", True), ("b", False)), []),
        (template(("a", False), ("b", False)), ["predictive-column"]),
        (template(("a", True), ("b", True)), ["predictive-column"]),
        (template(("a", True), ("b", Unknown("token"))), []),
        (template(("a", True), ("a", False)), ["column-names"]),
    ],
)
def test_synthetic_data_predicts_one_column(request_: dict[str, Any], expected: list[str]) -> None:
    assert broken("CreateAnalysisTemplate", request_, "cleanrooms") == expected


def test_the_instances_of_inference_have_other_quotas() -> None:
    assert broken("StartTrainedModelInferenceJob", {"resourceConfig": {"instanceType": "ml.m5.xlarge"}}) == []


@pytest.mark.parametrize("value", [None, 1, True, "text", ["list"], {"unknown": 1}, Unknown("token")])
@pytest.mark.parametrize(
    ("service", "operation", "make"),
    [
        ("cleanroomsml", "CreateTrainingDataset", lambda value: {"trainingData": [{"inputConfig": {"schema": value}}]}),
        ("cleanroomsml", "CreateTrainingDataset", lambda value: dataset(value)),
        ("cleanroomsml", "CreateTrainedModel", lambda value: {"dataChannels": value, "resourceConfig": value}),
        ("cleanroomsml", "CreateTrainedModel", lambda value: training(value)),
        ("cleanroomsml", "CreateAudienceModel", lambda value: dict.fromkeys(("trainingDataStartTime",), value)),
        ("cleanroomsml", "CreateConfiguredModelAlgorithmAssociation", lambda value: redaction(value, own=value)),
        ("cleanrooms", "CreateAnalysisTemplate", lambda value: template((value, value))),
    ],
)
def test_no_rule_stumbles_over_a_value_of_the_wrong_type(
    value: Any, service: str, operation: str, make: Callable[[Any], dict[str, Any]]
) -> None:
    assert isinstance(broken(operation, make(value), service), list)


def test_ids_are_stable() -> None:
    assert {rule.id.removeprefix("cleanrooms-ml:") for rule in (*HARD_OF_STORIES, *SOFT_OF_STORIES)} == {
        "training-columns",
        "training-period",
        "one-container",
        "custom-redaction",
        "training-channels",
        "channel-names",
        "predictive-column",
        "column-names",
        "feature-count",
        "training-quota",
    }
