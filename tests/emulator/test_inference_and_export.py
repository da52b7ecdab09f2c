"""What is done with a trained model: inference jobs and exports."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import RunOrder, Seed, quotas

from .conftest import ACCOUNT, MEMBERSHIP, Bench, error_of
from .requests import IMAGE, OTHER_ACCOUNT

OURS = {"membershipIdentifier": MEMBERSHIP}


@pytest.fixture
def model(bench: Bench) -> str:
    """A trained model whose member can receive output."""
    bench.emulator.seeds.ml_configuration(MEMBERSHIP)
    return bench.ready_training()


def exports(bench: Bench, model: str, **filters: str) -> list[dict[str, Any]]:
    """The exports of a model, as every member sees them."""
    found = bench.client.list_collaboration_trained_model_export_jobs(
        trainedModelArn=model, collaborationIdentifier=bench.collaboration, **filters
    )
    jobs: list[dict[str, Any]] = found["collaborationTrainedModelExportJobs"]
    return jobs


# -- inference ---------------------------------------------------------------------------------------------------------


def test_an_inference_job_reads_back_and_its_record_stays(bench: Bench, model: str) -> None:
    request = bench.inference(
        model,
        bench.ready_channel(),
        configuredModelAlgorithmAssociationArn=bench.association,
        resourceConfig={"instanceType": "ml.c5.xlarge", "instanceCount": 10},
        containerExecutionParameters={"maxPayloadInMB": 6},
        environment={"A": "b"},
        description="d",
        tags={"team": "ads"},
    )
    arn = bench.client.start_trained_model_inference_job(**request)["trainedModelInferenceJobArn"]
    bench.clock.sleep(4)
    job = bench.read_inference(arn)
    for member, value in request.items():
        assert job[member] == value, member
    assert (job["status"], job["metricsStatus"]) == ("ACTIVE", "PUBLISH_SUCCEEDED")
    assert job["inferenceContainerImageDigest"].startswith("sha256:")
    with pytest.raises(ClientError) as caught:
        bench.client.cancel_trained_model_inference_job(trainedModelInferenceJobArn=arn, **OURS)
    assert error_of(caught)[0] == "ConflictException"
    assert bench.emulator.record(arn)["holds"] is False


def test_an_inference_job_is_canceled_and_stays_as_inactive(bench: Bench, model: str) -> None:
    arn = bench.started_inference(model, bench.ready_channel())
    assert bench.emulator.record(arn)["holds"] is True
    bench.client.cancel_trained_model_inference_job(trainedModelInferenceJobArn=arn, **OURS)
    assert bench.read_inference(arn)["status"] == "CANCEL_PENDING"
    bench.clock.sleep(1000)
    assert bench.read_inference(arn)["status"] == "INACTIVE"


def test_inference_jobs_are_listed_by_model(bench: Bench, model: str) -> None:
    channel = bench.ready_channel()
    other = bench.emulator.seeds.trained_model(MEMBERSHIP, "other")
    one, two = bench.started_inference(model, channel), bench.started_inference(other, channel)

    def listed(**filters: str) -> list[str]:
        found = bench.client.list_trained_model_inference_jobs(**OURS, **filters)["trainedModelInferenceJobs"]
        return [job["trainedModelInferenceJobArn"] for job in found]

    assert listed() == [one, two]
    assert listed(trainedModelArn=other) == [two]


def test_names_of_inference_jobs_need_not_be_unique(bench: Bench, model: str) -> None:
    channel = bench.ready_channel()
    assert bench.started_inference(model, channel) != bench.started_inference(model, channel)


def test_a_model_and_a_channel_are_held_while_inference_runs(bench: Bench, model: str) -> None:
    channel = bench.ready_channel()
    job = bench.started_inference(model, channel)

    def delete() -> None:
        bench.client.delete_trained_model_output(trainedModelArn=model, **OURS)
        bench.client.delete_ml_input_channel_data(mlInputChannelArn=channel, **OURS)

    with pytest.raises(ClientError) as caught:
        delete()
    assert job in error_of(caught)[2]
    bench.clock.sleep(4)
    delete()


def test_output_goes_to_members_only(bench: Bench, model: str) -> None:
    members = {"members": [{"accountId": OTHER_ACCOUNT}]}
    channel = bench.ready_channel(retentionInDays=30)

    def infer() -> None:
        bench.started_inference(model, channel, outputConfiguration=members)

    def export() -> None:
        bench.client.start_trained_model_export_job(**bench.model_export(model, outputConfiguration=members))

    for start in (infer, export):
        with pytest.raises(ClientError) as caught:
            start()
        code, _, message = error_of(caught)
        assert code == "ValidationException"
        assert f"{OTHER_ACCOUNT} is no active member" in message
    joined = bench.emulator.seeds.membership(collaboration_id=bench.collaboration, account=OTHER_ACCOUNT)
    bench.emulator.seeds.ml_configuration(joined, account=OTHER_ACCOUNT)
    infer()
    export()


def test_a_member_without_an_ml_configuration_receives_nothing(bench: Bench) -> None:
    model, channel = bench.ready_training(), bench.ready_channel()
    with pytest.raises(ClientError) as caught:
        bench.started_inference(model, channel)
    assert "no ML configuration" in error_of(caught)[2]
    bench.emulator.seeds.ml_configuration(MEMBERSHIP)
    assert bench.started_inference(model, channel)


def test_inference_needs_a_container_for_it_and_its_image(bench: Bench, model: str) -> None:
    channel = bench.ready_channel()
    for name, changes, expected in (
        ("training", {"inferenceContainerConfig": None}, "no inferenceContainerConfig"),
        ("missing", {"inferenceContainerConfig": {"imageUri": IMAGE.replace(":1", ":no-such-image")}}, ""),
    ):
        created = {key: value for key, value in bench.algorithm(name, **changes).items() if value is not None}
        algorithm = bench.client.create_configured_model_algorithm(**created)["configuredModelAlgorithmArn"]
        association = bench.client.create_configured_model_algorithm_association(
            name=name, configuredModelAlgorithmArn=algorithm, **OURS
        )["configuredModelAlgorithmAssociationArn"]
        named = {"configuredModelAlgorithmAssociationArn": association}
        if expected:
            with pytest.raises(ClientError) as caught:
                bench.started_inference(model, channel, **named)
            assert expected in error_of(caught)[2]
        else:
            job = bench.started_inference(model, channel, **named)
            bench.clock.sleep(4)
            assert bench.read_inference(job)["statusDetails"]["statusCode"] == "IMAGE_NOT_FOUND"


def test_a_receiver_without_its_bucket_fails_the_job(bench: Bench) -> None:
    model, channel = bench.ready_training(), bench.ready_channel(retentionInDays=30)
    bench.client.put_ml_configuration(
        defaultOutputLocation={
            "destination": {"s3Destination": {"s3Uri": "s3://no-such-bucket/out"}},
            "roleArn": bench.model()["outputConfig"]["roleArn"],
        },
        **OURS,
    )
    job = bench.started_inference(model, channel)
    bench.client.start_trained_model_export_job(**bench.model_export(model))
    bench.clock.sleep(4)
    assert bench.read_inference(job)["statusDetails"]["statusCode"] == "BUCKET_NOT_FOUND"
    assert exports(bench, model)[0]["statusDetails"]["statusCode"] == "BUCKET_NOT_FOUND"


def test_five_inference_jobs_run_at_a_time_in_a_membership(bench: Bench, model: str) -> None:
    channel = bench.ready_channel()
    for number in range(5):
        bench.started_inference(model, channel, f"job-{number}")
    with pytest.raises(ClientError) as caught:
        bench.started_inference(model, channel, "more")
    assert caught.value.response["quotaName"] == quotas.PENDING_INFERENCE_JOBS_OF_MEMBERSHIP


# -- exports -----------------------------------------------------------------------------------------------------------


def test_an_export_shows_in_the_list_of_the_collaboration_alone(bench: Bench, model: str) -> None:
    reply = bench.client.start_trained_model_export_job(**bench.model_export(model, description="d"))
    assert set(reply) == {"ResponseMetadata"}
    assert [job["status"] for job in exports(bench, model)] == ["CREATE_PENDING"]
    bench.clock.sleep(2)
    (job,) = exports(bench, model)
    assert (job["name"], job["description"], job["status"]) == ("export", "d", "ACTIVE")
    assert (job["creatorAccountId"], job["membershipIdentifier"]) == (ACCOUNT, MEMBERSHIP)
    assert bench.emulator.record(f"{model}#export")["holds"] is False


def test_exports_of_one_name_are_two(bench: Bench, model: str) -> None:
    for _ in range(2):
        bench.client.start_trained_model_export_job(**bench.model_export(model))
    assert len(exports(bench, model)) == 2
    assert len({record["arn"] for record in bench.emulator.records(seeded=False)}) == 4


def test_an_export_of_a_version_is_listed_by_it(bench: Bench, model: str) -> None:
    more = [{"trainedModelArn": model, "channelName": "base"}]
    reply = bench.client.create_trained_model(
        **bench.training(bench.ready_channel(), incrementalTrainingDataChannels=more)
    )
    bench.clock.sleep(5)
    version = reply["versionIdentifier"]
    bench.client.start_trained_model_export_job(**bench.model_export(model, "base"))
    bench.client.start_trained_model_export_job(
        **bench.model_export(model, "version", trainedModelVersionIdentifier=version)
    )
    assert [job["name"] for job in exports(bench, model)] == ["base", "version"]
    assert [job["name"] for job in exports(bench, model, trainedModelVersionIdentifier=version)] == ["version"]


def test_an_ordered_failure_of_an_export_shows_in_the_list(bench: Bench, model: str) -> None:
    bench.emulator.order_run(RunOrder("TrainedModelExportJob", status_code="X", message="why"))
    bench.client.start_trained_model_export_job(**bench.model_export(model))
    bench.clock.sleep(2)
    (job,) = exports(bench, model)
    assert (job["status"], job["statusDetails"]) == ("CREATE_FAILED", {"statusCode": "X", "message": "why"})


def test_a_model_in_training_or_whose_association_allows_none_has_no_exports(bench: Bench, model: str) -> None:
    closed = bench.emulator.seed(
        Seed(
            "ConfiguredModelAlgorithmAssociation",
            "closed",
            membership_id=MEMBERSHIP,
            data={"privacyConfiguration": {"policies": {}}},
        )
    )
    channel = bench.ready_channel(retentionInDays=30)
    private = bench.ready_training(channel, "private", configuredModelAlgorithmAssociationArn=closed)
    for arn, expected in (
        (private, "allows no exports"),
        (bench.created_training(channel, "running"), "CREATE_PENDING"),
    ):
        with pytest.raises(ClientError) as caught:
            bench.client.start_trained_model_export_job(**bench.model_export(arn))
        code, _, message = error_of(caught)
        assert code == "ValidationException"
        assert expected in message
