"""Trained models: runs, versions, cancellation, what remains."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import RunOrder, quotas

from .conftest import MEMBERSHIP, START_SECONDS, Bench, error_of
from .requests import IMAGE

OURS = {"membershipIdentifier": MEMBERSHIP}


def refused(bench: Bench, channel: str, name: str = "model", **changes: Any) -> tuple[str, str]:
    """The code and the message with which a training is refused."""
    with pytest.raises(ClientError) as caught:
        bench.created_training(channel, name, **changes)
    code, _, message = error_of(caught)
    return code, message


def test_a_model_passes_every_status_of_its_training(bench: Bench) -> None:
    channel = bench.ready_channel(retentionInDays=30)
    begun = bench.clock.seconds
    arn = bench.created_training(channel)
    seen = {}
    for second in (0.0, 0.9, 1.0, 4.9, 5.0):
        bench.clock.seconds = begun + second
        seen[second] = bench.read_training(arn)["status"]
    assert seen == {
        0.0: "CREATE_PENDING",
        0.9: "CREATE_PENDING",
        1.0: "CREATE_IN_PROGRESS",
        4.9: "CREATE_IN_PROGRESS",
        5.0: "ACTIVE",
    }
    assert begun > START_SECONDS


def test_a_model_reads_back_as_it_was_asked(bench: Bench) -> None:
    request = bench.training(
        bench.ready_channel(),
        hyperparameters={"depth": "6"},
        environment={"LEVEL": "debug"},
        resourceConfig={"instanceType": "ml.m5.4xlarge", "instanceCount": 2, "volumeSizeInGB": 30},
        stoppingCondition={"maxRuntimeInSeconds": 3600},
        trainingInputMode="FastFile",
        description="d",
        tags={"team": "ads"},
        kmsKeyArn="arn:aws:kms:us-east-1:000000000000:key/abc",
    )
    arn = bench.client.create_trained_model(**request)["trainedModelArn"]
    bench.clock.sleep(5)
    model = bench.read_training(arn)
    for member, value in request.items():
        assert model[member] == value, member
    assert model["trainingContainerImageDigest"].startswith("sha256:")
    assert arn.startswith(f"arn:aws:cleanrooms-ml:us-east-1:000000000000:membership/{MEMBERSHIP}/trained-model/")


def test_other_members_see_a_model_without_what_is_private(bench: Bench) -> None:
    arn = bench.ready_training(hyperparameters={"a": "b"}, environment={"A": "b"}, tags={"a": "b"})
    shared = bench.client.get_collaboration_trained_model(
        trainedModelArn=arn, collaborationIdentifier=bench.collaboration
    )
    assert shared["creatorAccountId"] == "000000000000"
    assert not shared.keys() & {"hyperparameters", "environment", "tags", "kmsKeyArn", "dataChannels"}


def test_a_name_is_unique_in_the_collaboration_and_stays_taken(bench: Bench) -> None:
    other = bench.emulator.seeds.membership("22222222-2222-4222-8222-222222222222", bench.collaboration)
    channel = bench.ready_channel(retentionInDays=30)
    arn = bench.ready_training(channel)
    assert refused(bench, channel, membershipIdentifier=other)[0] == "ConflictException"
    bench.client.delete_trained_model_output(trainedModelArn=arn, **OURS)
    bench.clock.sleep(1)
    code, message = refused(bench, channel)
    assert code == "ConflictException"
    assert "INACTIVE" in message


# -- cancellation, deletion --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.0, 2.0])
def test_a_training_is_canceled_while_it_runs(bench: Bench, seconds: float) -> None:
    arn = bench.created_training(bench.ready_channel())
    bench.clock.sleep(seconds)
    bench.client.cancel_trained_model(trainedModelArn=arn, **OURS)
    statuses = [bench.read_training(arn)["status"]]
    for pause in (0.5, 0.5, 1000):
        bench.clock.sleep(pause)
        statuses.append(bench.read_training(arn)["status"])
    assert statuses == ["CANCEL_PENDING", "CANCEL_IN_PROGRESS", "INACTIVE", "INACTIVE"]


def test_only_a_run_can_be_canceled(bench: Bench) -> None:
    arn = bench.ready_training()
    with pytest.raises(ClientError) as caught:
        bench.client.cancel_trained_model(trainedModelArn=arn, **OURS)
    code, status, message = error_of(caught)
    assert (code, status) == ("ConflictException", 409)
    assert "ACTIVE" in message


def test_a_cancellation_can_fail(bench: Bench) -> None:
    bench.emulator.order_run(RunOrder("TrainedModel", phase="cancel", status_code="X", message="why", seconds=3))
    arn = bench.created_training(bench.ready_channel())
    bench.client.cancel_trained_model(trainedModelArn=arn, **OURS)
    bench.clock.sleep(2)
    assert bench.read_training(arn)["status"] == "CANCEL_IN_PROGRESS"
    bench.clock.sleep(1)
    model = bench.read_training(arn)
    assert (model["status"], model["statusDetails"]["message"]) == ("CANCEL_FAILED", "why")
    bench.client.delete_trained_model_output(trainedModelArn=arn, **OURS)
    bench.clock.sleep(1)
    assert bench.read_training(arn)["status"] == "INACTIVE"


def test_a_run_or_a_cancellation_in_progress_cannot_be_deleted(bench: Bench) -> None:
    arn = bench.created_training(bench.ready_channel())
    for doing in ("being created", "being canceled"):
        with pytest.raises(ClientError) as caught:
            bench.client.delete_trained_model_output(trainedModelArn=arn, **OURS)
        code, _, message = error_of(caught)
        assert code == "ConflictException"
        assert doing in message
        if doing == "being created":
            bench.client.cancel_trained_model(trainedModelArn=arn, **OURS)


def test_a_channel_and_an_association_are_held_as_long_as_they_are_needed(bench: Bench) -> None:
    channel = bench.ready_channel(retentionInDays=30)
    arn = bench.created_training(channel)

    def delete_channel() -> Any:
        return bench.client.delete_ml_input_channel_data(mlInputChannelArn=channel, **OURS)

    with pytest.raises(ClientError) as caught:
        delete_channel()
    assert arn in error_of(caught)[2]
    bench.clock.sleep(5)
    delete_channel()
    bench.clock.sleep(1)
    association = {"configuredModelAlgorithmAssociationArn": bench.association, **OURS}
    with pytest.raises(ClientError) as caught:
        bench.client.delete_configured_model_algorithm_association(**association)
    assert arn in error_of(caught)[2]
    bench.client.delete_trained_model_output(trainedModelArn=arn, **OURS)
    bench.clock.sleep(1)
    bench.client.delete_configured_model_algorithm_association(**association)


# -- what fails, what is refused ---------------------------------------------------------------------------------------


def with_algorithm(bench: Bench, **changes: Any) -> None:
    """Trainings from now on are with an algorithm that is known."""
    algorithm = bench.client.create_configured_model_algorithm(**bench.algorithm(**changes))
    bench.association = bench.client.create_configured_model_algorithm_association(
        name="known", configuredModelAlgorithmArn=algorithm["configuredModelAlgorithmArn"], **OURS
    )["configuredModelAlgorithmAssociationArn"]


def test_an_image_that_is_not_there_fails_the_training(bench: Bench) -> None:
    channel = bench.ready_channel()
    with_algorithm(bench, image=IMAGE.replace(":1", ":no-such-image"))
    model = bench.read_training(bench.ready_training(channel))
    assert (model["status"], model["statusDetails"]["statusCode"]) == ("CREATE_FAILED", "IMAGE_NOT_FOUND")


def test_a_training_that_takes_too_long_fails(bench: Bench) -> None:
    model = bench.read_training(bench.ready_training(stoppingCondition={"maxRuntimeInSeconds": 4}))
    assert (model["status"], model["statusDetails"]["statusCode"]) == ("CREATE_FAILED", "MAX_RUNTIME_EXCEEDED")
    other = bench.ready_training(name="other", stoppingCondition={"maxRuntimeInSeconds": 5})
    assert bench.read_training(other)["status"] == "ACTIVE"


def test_an_algorithm_for_inference_alone_cannot_train(bench: Bench) -> None:
    channel = bench.ready_channel()
    created = bench.algorithm()
    del created["trainingContainerConfig"]
    algorithm = bench.client.create_configured_model_algorithm(**created)["configuredModelAlgorithmArn"]
    bench.association = bench.client.create_configured_model_algorithm_association(
        name="known", configuredModelAlgorithmArn=algorithm, **OURS
    )["configuredModelAlgorithmAssociationArn"]
    code, message = refused(bench, channel)
    assert code == "ValidationException"
    assert "no trainingContainerConfig" in message


def test_a_channel_that_is_not_ready_cannot_be_trained_on(bench: Bench) -> None:
    code, message = refused(bench, bench.created_channel())
    assert code == "ValidationException"
    assert "CREATE_PENDING" in message
    assert refused(bench, bench.ready_channel("x") + "x")[0] == "ResourceNotFoundException"


def test_metrics_are_published_to_who_has_an_ml_configuration(bench: Bench) -> None:
    model = bench.read_training(bench.ready_training())
    assert model["metricsStatus"] == "PUBLISH_FAILED"
    assert "000000000000" in model["metricsStatusDetails"]
    assert "logsStatus" not in model
    bench.emulator.seeds.ml_configuration(MEMBERSHIP)
    running = bench.created_training(bench.ready_channel("x"), "running")
    assert "metricsStatus" not in bench.read_training(running)
    bench.clock.sleep(5)
    assert bench.read_training(running)["metricsStatus"] == "PUBLISH_SUCCEEDED"


def test_logs_are_published_to_the_accounts_that_the_association_names(bench: Bench) -> None:
    bench.emulator.seeds.ml_configuration(MEMBERSHIP)
    channel = bench.ready_channel(retentionInDays=30)
    for name, accounts, status in (
        ("own", ["000000000000"], "PUBLISH_SUCCEEDED"),
        ("both", ["000000000000", "444455556666"], "PUBLISH_FAILED"),
    ):
        algorithm = bench.client.create_configured_model_algorithm(**bench.algorithm(name))
        policies = {"trainedModels": {"containerLogs": [{"allowedAccountIds": accounts}]}}
        bench.association = bench.client.create_configured_model_algorithm_association(
            name=name,
            configuredModelAlgorithmArn=algorithm["configuredModelAlgorithmArn"],
            privacyConfiguration={"policies": policies},
            **OURS,
        )["configuredModelAlgorithmAssociationArn"]
        assert bench.read_training(bench.ready_training(channel, name))["logsStatus"] == status


# -- quotas ------------------------------------------------------------------------------------------------------------


def test_most_instance_types_have_a_quota_of_nothing(bench: Bench) -> None:
    config = {"instanceType": "ml.m5.xlarge", "volumeSizeInGB": 1}
    with pytest.raises(ClientError) as caught:
        bench.created_training(bench.ready_channel(), resourceConfig=config)
    assert error_of(caught)[:2] == ("ServiceQuotaExceededException", 402)
    assert caught.value.response["quotaName"] == quotas.training_instances("ml.m5.xlarge")
    bench.emulator.set_quota(quotas.training_instances("ml.m5.xlarge"), 1)
    assert bench.created_training(bench.ready_channel("x"), resourceConfig=config)


def test_instances_of_a_type_and_of_all_types_are_limited(bench: Bench) -> None:
    channel = bench.ready_channel(retentionInDays=30)

    def train(name: str, instance_type: str, count: int) -> None:
        config = {"instanceType": instance_type, "instanceCount": count, "volumeSizeInGB": 1}
        bench.created_training(channel, name, resourceConfig=config)

    train("a", "ml.m5.2xlarge", 3)
    with pytest.raises(ClientError) as caught:
        train("b", "ml.m5.2xlarge", 1)
    assert caught.value.response["quotaName"] == quotas.training_instances("ml.m5.2xlarge")
    bench.emulator.set_quota(quotas.TRAINING_INSTANCES, 5)
    train("b", "ml.m5.4xlarge", 2)
    with pytest.raises(ClientError) as caught:
        train("c", "ml.m5.12xlarge", 1)
    assert caught.value.response["quotaName"] == quotas.TRAINING_INSTANCES
    bench.clock.sleep(5)
    train("c", "ml.m5.2xlarge", 3)


def test_five_trainings_run_at_a_time_in_a_membership(bench: Bench) -> None:
    channel = bench.ready_channel(retentionInDays=30)
    bench.emulator.set_quota(quotas.training_instances("ml.m5.2xlarge"), 10)
    for number in range(5):
        bench.created_training(channel, f"model-{number}")
    with pytest.raises(ClientError) as caught:
        bench.created_training(channel, "more")
    assert caught.value.response["quotaName"] == quotas.PENDING_TRAINING_JOBS_OF_MEMBERSHIP
    bench.client.cancel_trained_model(
        trainedModelArn=bench.client.list_trained_models(**OURS)["trainedModels"][0]["trainedModelArn"], **OURS
    )
    assert bench.created_training(channel, "more")
