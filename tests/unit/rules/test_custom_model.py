"""The rules for custom models: algorithms and trainings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .requests import Unknown, broken


def training(*names: Any, earlier: tuple[str, ...] = (), kind: str = "ml.m5.4xlarge") -> dict[str, Any]:
    return {
        "dataChannels": [{"channelName": name} for name in names],
        "incrementalTrainingDataChannels": [{"channelName": name} for name in earlier],
        "resourceConfig": {"instanceType": kind},
    }


def redaction(*entities: Any, own: object = None) -> dict[str, Any]:
    log = {"logRedactionConfiguration": {"entitiesToRedact": list(entities), "customEntityConfig": own}}
    return {"privacyConfiguration": {"policies": {"trainedModels": {"containerLogs": [log]}}}}


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
def test_a_custom_redaction_needs_entity_and_configuration(request_: dict[str, Any], expected: list[str]) -> None:
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


def test_the_instances_of_inference_have_other_quotas() -> None:
    assert broken("StartTrainedModelInferenceJob", {"resourceConfig": {"instanceType": "ml.m5.xlarge"}}) == []


@pytest.mark.parametrize("value", [None, 1, True, "text", ["list"], {"unknown": 1}, Unknown("token")])
@pytest.mark.parametrize(
    ("service", "operation", "make"),
    [
        ("cleanroomsml", "CreateTrainedModel", lambda value: {"dataChannels": value, "resourceConfig": value}),
        ("cleanroomsml", "CreateTrainedModel", lambda value: training(value)),
        ("cleanroomsml", "CreateConfiguredModelAlgorithmAssociation", lambda value: redaction(value, own=value)),
    ],
)
def test_no_rule_raises_on_a_value_of_the_wrong_type(
    value: Any, service: str, operation: str, make: Callable[[Any], dict[str, Any]]
) -> None:
    assert isinstance(broken(operation, make(value), service), list)
