"""Both walkthroughs, in which every operation of Clean Rooms ML is called with success."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cleanrooms_ml_handlers.model import service_model

from .conftest import MEMBERSHIP, Bench

# Those of Clean Rooms: test_clean_rooms_operations.py.
OPERATIONS = {("cleanroomsml", operation) for operation in service_model("cleanroomsml").operations}


def pages(bench: Bench, operation: str, **parameters: Any) -> list[Any]:
    """Everything that a List knows."""
    pages = bench.client.get_paginator(operation).paginate(**parameters)
    return [item for page in pages for key, items in page.items() if isinstance(items, list) for item in items]


def lookalike(bench: Bench) -> None:
    """From a training dataset to an exported audience, and back."""
    client, clean_rooms = bench.client, bench.clean_rooms
    dataset = client.create_training_dataset(**bench.dataset())["trainingDatasetArn"]
    assert client.get_training_dataset(trainingDatasetArn=dataset)["status"] == "ACTIVE"
    assert len(pages(bench, "list_training_datasets")) == 2
    model = client.create_audience_model(name="m", trainingDatasetArn=dataset)["audienceModelArn"]
    bench.clock.sleep(4)
    assert client.get_audience_model(audienceModelArn=model)["status"] == "ACTIVE"
    assert len(pages(bench, "list_audience_models")) == 2
    configured = bench.created_model(audienceModelArn=model)
    client.update_configured_audience_model(configuredAudienceModelArn=configured, description="d")
    assert client.get_configured_audience_model(configuredAudienceModelArn=configured)["description"] == "d"
    assert len(pages(bench, "list_configured_audience_models")) == 1
    created = clean_rooms.create_configured_audience_model_association(
        membershipIdentifier=MEMBERSHIP,
        configuredAudienceModelArn=configured,
        configuredAudienceModelAssociationName="association",
        manageResourcePolicies=True,
    )["configuredAudienceModelAssociation"]
    named = {"membershipIdentifier": MEMBERSHIP, "configuredAudienceModelAssociationIdentifier": created["id"]}
    clean_rooms.update_configured_audience_model_association(**named, name="renamed")
    found = clean_rooms.get_configured_audience_model_association(**named)["configuredAudienceModelAssociation"]
    assert found["name"] == "renamed"
    listed = clean_rooms.list_configured_audience_model_associations(membershipIdentifier=MEMBERSHIP)
    assert [item["id"] for item in listed["configuredAudienceModelAssociationSummaries"]] == [created["id"]]
    tagged(clean_rooms, created["arn"])
    policy = client.get_configured_audience_model_policy(configuredAudienceModelArn=configured)
    client.put_configured_audience_model_policy(
        configuredAudienceModelArn=configured,
        configuredAudienceModelPolicy=policy["configuredAudienceModelPolicy"],
        previousPolicyHash=policy["policyHash"],
    )
    job = bench.ready_job(configured)
    assert bench.read_job(job)["status"] == "ACTIVE"
    assert len(pages(bench, "list_audience_generation_jobs")) == 1
    client.start_audience_export_job(**bench.audience_export(job))
    bench.clock.sleep(2)
    assert [item["status"] for item in pages(bench, "list_audience_export_jobs")] == ["ACTIVE"]
    tagged(client, job)
    client.delete_audience_generation_job(audienceGenerationJobArn=job)
    bench.clock.sleep(1)
    client.delete_configured_audience_model_policy(configuredAudienceModelArn=configured)
    clean_rooms.delete_configured_audience_model_association(**named)
    client.delete_configured_audience_model(configuredAudienceModelArn=configured)
    client.delete_audience_model(audienceModelArn=model)
    bench.clock.sleep(1)
    client.delete_training_dataset(trainingDatasetArn=dataset)
    assert bench.emulator.records(seeded=False) == []


def custom(bench: Bench) -> None:
    """From an algorithm to the results of inference, and back."""
    client, ours = bench.client, {"membershipIdentifier": MEMBERSHIP}
    theirs = {"collaborationIdentifier": bench.collaboration}
    client.put_ml_configuration(**ours, defaultOutputLocation={"roleArn": bench.model()["outputConfig"]["roleArn"]})
    assert client.get_ml_configuration(**ours)["membershipIdentifier"] == MEMBERSHIP
    algorithm = client.create_configured_model_algorithm(**bench.algorithm())["configuredModelAlgorithmArn"]
    assert client.get_configured_model_algorithm(configuredModelAlgorithmArn=algorithm)["name"] == "algorithm"
    assert len(pages(bench, "list_configured_model_algorithms")) == 1
    exports = {"maxSize": {"unit": "GB", "value": 50.0}, "filesToExport": ["MODEL"]}
    created = client.create_configured_model_algorithm_association(
        **ours,
        name="association",
        configuredModelAlgorithmArn=algorithm,
        privacyConfiguration={"policies": {"trainedModelExports": exports}},
    )
    bench.association = created["configuredModelAlgorithmAssociationArn"]
    association = {"configuredModelAlgorithmAssociationArn": bench.association}
    assert client.get_configured_model_algorithm_association(**ours, **association)["name"] == "association"
    assert client.get_collaboration_configured_model_algorithm_association(**theirs, **association)["creatorAccountId"]
    assert len(pages(bench, "list_configured_model_algorithm_associations", **ours)) == 2
    assert len(pages(bench, "list_collaboration_configured_model_algorithm_associations", **theirs)) == 2
    channel = bench.ready_channel()
    assert client.get_collaboration_ml_input_channel(**theirs, mlInputChannelArn=channel)["status"] == "ACTIVE"
    assert bench.read_channel(channel)["status"] == "ACTIVE"
    assert len(pages(bench, "list_ml_input_channels", **ours)) == 1
    assert len(pages(bench, "list_collaboration_ml_input_channels", **theirs)) == 1
    stopped = bench.created_training(channel, "stopped")
    client.cancel_trained_model(**ours, trainedModelArn=stopped)
    model = bench.ready_training(channel)
    assert bench.read_training(model)["status"] == "ACTIVE"
    assert client.get_collaboration_trained_model(**theirs, trainedModelArn=model)["status"] == "ACTIVE"
    assert len(pages(bench, "list_trained_models", **ours)) == 2
    assert len(pages(bench, "list_collaboration_trained_models", **theirs)) == 2
    versions = client.list_trained_model_versions(**ours, trainedModelArn=model)["trainedModels"]
    assert [version["trainedModelArn"] for version in versions] == [model]
    client.start_trained_model_export_job(**bench.model_export(model))
    bench.clock.sleep(2)
    exported = pages(bench, "list_collaboration_trained_model_export_jobs", **theirs, trainedModelArn=model)
    assert [item["status"] for item in exported] == ["ACTIVE"]
    job = bench.started_inference(model, channel)
    assert bench.read_inference(job)["status"] == "CREATE_PENDING"
    client.cancel_trained_model_inference_job(**ours, trainedModelInferenceJobArn=job)
    assert len(pages(bench, "list_trained_model_inference_jobs", **ours)) == 1
    assert len(pages(bench, "list_collaboration_trained_model_inference_jobs", **theirs)) == 1
    bench.clock.sleep(1)
    client.delete_trained_model_output(**ours, trainedModelArn=model)
    client.delete_ml_input_channel_data(**ours, mlInputChannelArn=channel)
    bench.clock.sleep(1)
    client.delete_configured_model_algorithm_association(**ours, **association)
    client.delete_configured_model_algorithm(configuredModelAlgorithmArn=algorithm)
    client.delete_ml_configuration(**ours)
    remaining = bench.emulator.records(seeded=False)
    assert not [record for record in remaining if record["holds"]]
    assert {record["kind"]: record["status"] for record in remaining} == {
        "MLInputChannel": "INACTIVE",
        "TrainedModel": "INACTIVE",
        "TrainedModelInferenceJob": "INACTIVE",
        "TrainedModelExportJob": "ACTIVE",
    }


def collaboration(bench: Bench) -> None:
    """A collaboration, the creator's membership, an analysis template."""
    created = bench.clean_rooms.create_collaboration(**bench.new_collaboration())["collaboration"]
    joined = bench.clean_rooms.create_membership(collaborationIdentifier=created["id"], queryLogStatus="DISABLED")
    template = bench.clean_rooms.create_analysis_template(
        membershipIdentifier=joined["membership"]["id"], name="t", format="SQL", source={"text": "SELECT a FROM t"}
    )["analysisTemplate"]
    assert template["collaborationId"] == created["id"]
    assert template["schema"] == {"referencedTables": ["t"]}


def tagged(client: Any, arn: str) -> None:
    """Tags something and takes the tags away again."""
    client.tag_resource(resourceArn=arn, tags={"a": "b"})
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
    client.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {}


@pytest.mark.parametrize("walkthrough", [lookalike, custom])
def test_a_walkthrough_ends_with_nothing_that_holds_anything(
    bench: Bench, walkthrough: Callable[[Bench], None]
) -> None:
    walkthrough(bench)


def test_every_operation_is_called_with_success(bench: Bench) -> None:
    lookalike(bench)
    custom(bench)
    called = {(entry.service, entry.operation) for entry in bench.emulator.journal if entry.status < 300}
    assert OPERATIONS - called == set()
    assert len(OPERATIONS) == 59
