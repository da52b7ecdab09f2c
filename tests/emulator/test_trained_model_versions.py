"""Incremental training: versions of a trained model, and models that start from another one."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Options, quotas

from .conftest import MEMBERSHIP, Bench, MakeBench, error_of

OURS = {"membershipIdentifier": MEMBERSHIP}


def continued(bench: Bench, base: str, name: str = "model", **version: str) -> dict[str, Any]:
    """The reply to incremental training."""
    channel = bench.ready_channel(f"more-{len(bench.emulator.journal)}")
    base_channel = {"trainedModelArn": base, "channelName": "base", **version}
    reply: dict[str, Any] = bench.client.create_trained_model(
        **bench.training(channel, name, incrementalTrainingDataChannels=[base_channel])
    )
    bench.clock.sleep(5)
    return reply


def test_incremental_training_under_the_same_name_creates_a_version(bench: Bench) -> None:
    base = bench.ready_training(tags={"a": "1"})
    first = bench.client.create_trained_model(**bench.training(bench.ready_channel("x"), "other"))
    assert "versionIdentifier" not in first
    reply = continued(bench, base)
    assert reply["trainedModelArn"] == base
    version = reply["versionIdentifier"]
    latest = bench.read_training(base)
    assert latest["versionIdentifier"] == version
    assert latest["incrementalTrainingDataChannels"] == [{"channelName": "base", "modelName": "model"}]
    again = continued(bench, base)["versionIdentifier"]
    assert bench.read_training(base)["incrementalTrainingDataChannels"] == [
        {"channelName": "base", "modelName": "model", "versionIdentifier": version}
    ]
    assert bench.read_training(base, versionIdentifier=version)["versionIdentifier"] == version
    listed = bench.client.list_trained_model_versions(trainedModelArn=base, **OURS)["trainedModels"]
    assert [item.get("versionIdentifier") for item in listed] == [None, version, again]
    models = bench.client.list_trained_models(**OURS)["trainedModels"]
    assert [(item["name"], item.get("versionIdentifier")) for item in models] == [("other", None), ("model", again)]
    assert bench.client.list_tags_for_resource(resourceArn=base)["tags"] == {"a": "1"}


def test_incremental_training_under_another_name_creates_a_model_of_its_own(bench: Bench) -> None:
    base = bench.ready_training()
    reply = continued(bench, base, "child")
    assert reply["trainedModelArn"] != base
    assert "versionIdentifier" not in reply
    model = bench.read_training(reply["trainedModelArn"])
    assert model["incrementalTrainingDataChannels"] == [{"channelName": "base", "modelName": "model"}]


def test_incremental_training_can_always_create_a_version(make_bench: MakeBench) -> None:
    bench = make_bench(options=Options(throttle=False, new_version="always"))
    base = bench.ready_training()
    reply = continued(bench, base, "child")
    assert reply["trainedModelArn"] == base
    assert reply["versionIdentifier"]


def test_without_a_version_what_has_failed_or_is_deleted_is_passed_over(bench: Bench) -> None:
    base = bench.ready_training()
    version = continued(bench, base)["versionIdentifier"]
    bench.client.delete_trained_model_output(trainedModelArn=base, versionIdentifier=version, **OURS)
    bench.clock.sleep(1)
    continued(bench, base)
    assert bench.read_training(base)["incrementalTrainingDataChannels"] == [
        {"channelName": "base", "modelName": "model"}
    ]


def test_without_a_version_the_latest_can_be_meant_whatever_its_status(make_bench: MakeBench) -> None:
    bench = make_bench(options=Options(throttle=False, latest_version="any"))
    base = bench.ready_training()
    version = continued(bench, base)["versionIdentifier"]
    bench.client.delete_trained_model_output(trainedModelArn=base, versionIdentifier=version, **OURS)
    bench.clock.sleep(1)
    with pytest.raises(ClientError) as caught:
        continued(bench, base)
    assert "INACTIVE; it must be ACTIVE" in error_of(caught)[2]


def test_tags_belong_to_all_versions(bench: Bench) -> None:
    base = bench.ready_training(tags={"a": "1"})
    version = continued(bench, base)["versionIdentifier"]
    bench.client.tag_resource(resourceArn=base, tags={"b": "2"})
    assert bench.read_training(base, versionIdentifier=version)["tags"] == {"a": "1", "b": "2"}


def test_versions_are_listed_by_status(bench: Bench) -> None:
    base = bench.ready_training()
    version = continued(bench, base)["versionIdentifier"]
    bench.client.delete_trained_model_output(trainedModelArn=base, **OURS)
    bench.clock.sleep(1)

    def listed(status: str) -> list[Any]:
        found = bench.client.list_trained_model_versions(trainedModelArn=base, status=status, **OURS)
        return [item.get("versionIdentifier") for item in found["trainedModels"]]

    assert (listed("ACTIVE"), listed("INACTIVE"), listed("CREATE_FAILED")) == ([version], [None], [])


def test_each_version_is_deleted_by_itself(bench: Bench) -> None:
    base = bench.ready_training()
    version = continued(bench, base)["versionIdentifier"]
    bench.client.delete_trained_model_output(trainedModelArn=base, versionIdentifier=version, **OURS)
    bench.clock.sleep(1)
    records = {record["arn"]: record["status"] for record in bench.emulator.records() if record["name"] == "model"}
    assert records == {base: "ACTIVE", f"{base}#{version}": "INACTIVE"}


def test_a_version_that_is_not_there_is_not_found(bench: Bench) -> None:
    base = bench.ready_training()
    with pytest.raises(ClientError) as caught:
        bench.read_training(base, versionIdentifier="99999999-9999-4999-8999-999999999999")
    assert error_of(caught)[:2] == ("ResourceNotFoundException", 404)


def test_without_a_version_the_base_is_canceled(bench: Bench) -> None:
    base = bench.ready_training()
    channel = bench.ready_channel("more")
    more = [{"trainedModelArn": base, "channelName": "base"}]
    reply = bench.client.create_trained_model(**bench.training(channel, incrementalTrainingDataChannels=more))
    with pytest.raises(ClientError) as caught:
        bench.client.cancel_trained_model(trainedModelArn=base, **OURS)
    assert error_of(caught)[0] == "ConflictException"
    version = reply["versionIdentifier"]
    bench.client.cancel_trained_model(trainedModelArn=base, versionIdentifier=version, **OURS)
    assert bench.read_training(base, versionIdentifier=version)["status"] == "CANCEL_PENDING"


def test_a_base_that_has_failed_cannot_be_trained_on(bench: Bench) -> None:
    base = bench.ready_training(stoppingCondition={"maxRuntimeInSeconds": 1})
    with pytest.raises(ClientError) as caught:
        continued(bench, base, "other")
    assert "CREATE_FAILED" in error_of(caught)[2]


def test_a_model_has_so_many_versions(bench: Bench) -> None:
    bench.emulator.set_quota(quotas.TRAINED_MODEL_VERSIONS, 2)
    base = bench.ready_training()
    version = continued(bench, base)["versionIdentifier"]
    with pytest.raises(ClientError) as caught:
        continued(bench, base)
    assert caught.value.response["quotaName"] == quotas.TRAINED_MODEL_VERSIONS
    bench.client.delete_trained_model_output(trainedModelArn=base, **OURS)
    bench.clock.sleep(1)
    assert continued(bench, base, versionIdentifier=version)["versionIdentifier"]
