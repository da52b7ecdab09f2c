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


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({"instanceType": "ml.m5.4xlarge", "instanceCount": 5}, []),
        ({"instanceType": "ml.g5.24xlarge", "instanceCount": 2}, ["training-quota"]),
        ({"instanceType": "ml.m5.24xlarge", "instanceCount": 1}, ["training-quota"]),
        ({"instanceType": "ml.m5.24xlarge", "instanceCount": 2}, ["training-quota", "distributed-training"]),
        ({"instanceType": "ml.m5.24xlarge", "instanceCount": Unknown("token")}, ["training-quota"]),
    ],
)
def test_few_types_of_instances_train_together(resources: dict[str, Any], expected: list[str]) -> None:
    assert sorted(broken("CreateTrainedModel", {"resourceConfig": resources})) == sorted(expected)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com/train:1", []),
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com/train@sha256:" + "a" * 64, ["image-digest"]),
        (Unknown("train@sha256:a"), []),
    ],
)
@pytest.mark.parametrize("config", ["trainingContainerConfig", "inferenceContainerConfig"])
def test_an_image_is_named_by_its_tag(config: str, image: object, expected: list[str]) -> None:
    assert broken("CreateConfiguredModelAlgorithm", {config: {"imageUri": image}}) == expected


def policies(**parts: Any) -> dict[str, Any]:
    return {"privacyConfiguration": {"policies": parts}}


@pytest.mark.parametrize(
    ("path", "name", "most"),
    [
        ("trainedModels", "maxArtifactSize", 10),
        ("trainedModelExports", "maxSize", 10),
        ("trainedModelInferenceJobs", "maxOutputSize", 50),
    ],
)
def test_a_size_is_at_most_what_cloudformation_takes(path: str, name: str, most: int) -> None:
    def found(size: object) -> list[str]:
        request = policies(**{path: {name: {"unit": "GB", "value": size}}})
        return broken("CreateConfiguredModelAlgorithmAssociation", request)

    assert [found(size) for size in (most, most - 0.5, Unknown("token"))] == [[], [], []]
    assert found(most + 0.01) == ["cloudformation-size"]


LOG = {"allowedAccountIds": ["111122223333"], "logType": "ALL"}


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("CreateConfiguredModelAlgorithmAssociation", redaction("NUMBERS", "NUMBERS")),
        (
            "CreateConfiguredModelAlgorithmAssociation",
            redaction("CUSTOM", own={"customDataIdentifiers": ["a+", "b", "a+"]}),
        ),
        ("CreateConfiguredModelAlgorithmAssociation", policies(trainedModels={"containerLogs": [LOG, dict(LOG)]})),
        (
            "CreateConfiguredModelAlgorithmAssociation",
            policies(trainedModelInferenceJobs={"containerLogs": [LOG, {}, dict(reversed(LOG.items()))]}),
        ),
        (
            "CreateConfiguredModelAlgorithmAssociation",
            policies(trainedModelExports={"filesToExport": ["MODEL", "MODEL"]}),
        ),
    ],
)
def test_the_items_of_a_set_are_distinct(operation: str, request_: dict[str, Any]) -> None:
    assert broken(operation, request_) == ["distinct-items"]


def test_items_that_differ_or_are_not_known_are_distinct() -> None:
    operation = "CreateConfiguredModelAlgorithmAssociation"
    other = {**LOG, "logType": "ERROR_SUMMARY"}
    unknown = {**LOG, "filterPattern": Unknown("a")}
    for logs in ([LOG, other], [unknown, unknown], [Unknown("a"), Unknown("a")]):
        assert broken(operation, policies(trainedModels={"containerLogs": logs})) == []
    # Equal channels have the same name, which a rule of its own refuses.
    channel = {"channelName": "a", "mlInputChannelArn": "b"}
    assert broken("CreateTrainedModel", {"dataChannels": [channel, dict(channel)]}) == ["channel-names"]


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
