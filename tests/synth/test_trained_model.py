"""TrainedModel: what is rendered and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms

from cdk_cleanrooms_ml import (
    IncrementalTrainingDataChannel,
    ModelTrainingDataChannel,
    S3DataDistributionType,
    TrainingInputMode,
    TrainingInstanceType,
)
from tests.synth.custom_model import CHANNEL_ARN, NUMBER, CustomModelStack
from tests.synth.stacks import (
    ASSOCIATION_ARN,
    MEMBERSHIP,
    assert_token_of_run,
    channel,
    errors_of,
    logical_id,
    only,
    resources_of,
    statements_of,
    template_of,
)


def test_a_trained_model_is_the_request_in_the_apis_words() -> None:
    custom = CustomModelStack()
    model = custom.model(
        instance_count=2,
        max_runtime=cdk.Duration.days(2),
        hyperparameters={"depth": "6"},
        environment={"STAGE": "test"},
        training_input_mode=TrainingInputMode.FAST_FILE,
        data_channels=[
            ModelTrainingDataChannel(
                channel_name="train",
                channel=custom.channel,
                s3_data_distribution_type=S3DataDistributionType.SHARDED_BY_S3_KEY,
            )
        ],
        model_training_payer_account="111122223333",
        run_id="7",
        description="churn",
        tags={"team": "growth"},
    )
    assert custom.request("TrainedModel", model) == {
        "membershipIdentifier": MEMBERSHIP,
        "description": "churn",
        "configuredModelAlgorithmAssociationArn": ASSOCIATION_ARN,
        "hyperparameters": {"depth": "6"},
        "environment": {"STAGE": "test"},
        "resourceConfig": {"instanceCount": 2, "instanceType": "ml.m5.4xlarge", "volumeSizeInGB": 50},
        "stoppingCondition": {"maxRuntimeInSeconds": 172800},
        "dataChannels": [
            {"mlInputChannelArn": CHANNEL_ARN, "channelName": "train", "s3DataDistributionType": "ShardedByS3Key"}
        ],
        "trainingInputMode": "FastFile",
        "mlModelTrainingPayerAccountId": "111122223333",
        "RunId": "7",
        "tags": {"team": "growth"},
    }
    assert model.version_identifier is None


def test_a_later_version_goes_on_from_an_earlier_one() -> None:
    custom = CustomModelStack()
    first = custom.model()
    earlier = IncrementalTrainingDataChannel(channel_name="checkpoint", trained_model=first)
    second = custom.model("Second", incremental_training_data_channels=[earlier])
    third = custom.model(
        "Third",
        incremental_training_data_channels=[
            IncrementalTrainingDataChannel(channel_name="checkpoint", trained_model=second)
        ],
    )
    resources = template_of(custom.stack)["Resources"]
    request = resources[logical_id(custom.stack, second)]
    arn = {"Fn::GetAtt": [logical_id(custom.stack, first), "Arn"]}
    assert request["Properties"]["incrementalTrainingDataChannels"] == [
        {"channelName": "checkpoint", "trainedModelArn": arn}
    ]
    assert logical_id(custom.stack, first, "Ready") in request["DependsOn"]
    version = resources[logical_id(custom.stack, third)]["Properties"]["incrementalTrainingDataChannels"][0]
    assert version["versionIdentifier"] == {
        "Fn::GetAtt": [logical_id(custom.stack, second, "Ready"), "VersionIdentifier"]
    }
    # The versions of a model share its ARN: its physical id distinguishes them.
    ready = resources[logical_id(custom.stack, second, "Ready")]["Properties"]
    assert ready["Arn"] == {"Ref": logical_id(custom.stack, second)}


def test_training_uses_the_data_of_a_channel_of_the_stack() -> None:
    custom = CustomModelStack()
    source = channel(custom.stack)
    model = custom.model(data_channels=[ModelTrainingDataChannel(channel_name="train", channel=source)])
    resource = template_of(custom.stack)["Resources"][logical_id(custom.stack, model)]
    assert logical_id(custom.stack, source, "Ready") in resource["DependsOn"]
    assert resource["Properties"]["dataChannels"][0]["mlInputChannelArn"] == {
        "Fn::GetAtt": [logical_id(custom.stack, source), "Arn"]
    }


def test_keys_of_models_and_jobs_allow_grants() -> None:
    custom = CustomModelStack()
    key = kms.Key(custom.stack, "Key")
    custom.model(encryption_key=key)
    custom.inference(encryption_key=key)
    template = template_of(custom.stack)
    statements = statements_of(only(template, "AWS::KMS::Key")["Properties"]["KeyPolicy"])[1:]
    granting = [each for each in statements if "kms:CreateGrant" in each["Action"]]
    assert len(granting) == 2
    assert all("ForAllValues:StringEquals" in each["Condition"] for each in granting)


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("trained_model_arn", "Arn"),
        ("trained_model_name", "Name"),
        ("status", "Status"),
        ("metrics_status", "MetricsStatus"),
        ("logs_status", "LogsStatus"),
        ("training_container_image_digest", "TrainingContainerImageDigest"),
    ],
)
def test_an_attribute_is_a_token_of_the_right_custom_resource(attribute: str, name: str) -> None:
    custom = CustomModelStack()
    assert_token_of_run(custom.stack, custom.model(), attribute, name)


def test_limits_are_reported_at_synth() -> None:
    custom = CustomModelStack()
    custom.model(
        instance_count=6,
        instance_type=TrainingInstanceType("ml.m5.tiny"),
        volume=cdk.Size.gibibytes(9000),
        max_runtime=cdk.Duration.days(29),
        hyperparameters={"depth": "x" * 2501},
    )
    custom.inference(instance_count=11, output_account="1")
    errors = "\n".join(errors_of(custom.stack))
    assert "resourceConfig.instanceCount is 6; allowed 1 to 5 (CreateTrainedModel)" in errors
    assert 'resourceConfig.instanceType is "ml.m5.tiny"; allowed are' in errors
    assert "resourceConfig.volumeSizeInGB is 9000; allowed 1 to 8192" in errors
    assert "stoppingCondition.maxRuntimeInSeconds is 2505600; allowed 1 to 2419200" in errors
    assert "resourceConfig.instanceCount is 11; allowed 1 to 10 (StartTrainedModelInferenceJob)" in errors
    assert "outputConfiguration.members[0].accountId has 1 characters; allowed 12" in errors


def data_channel(channel: Any) -> ModelTrainingDataChannel:
    """Data of some channel."""
    return ModelTrainingDataChannel(channel_name="a", channel=channel)


def later_version(model: Any) -> IncrementalTrainingDataChannel:
    """What goes on from some model."""
    return IncrementalTrainingDataChannel(channel_name="a", trained_model=model)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda custom: custom.model(data_channels=["arn"]), "data_channels is a str"),
        (lambda custom: custom.model(incremental_training_data_channels=["arn"]), "incremental_training_data_channels"),
        (lambda custom: custom.model(instance_type="ml.m5.large"), "instance_type is a str"),
        (lambda custom: custom.model(volume=50), "volume is an int; allowed is Size"),
        (lambda custom: custom.model(volume=cdk.Size.mebibytes(1500)), "volume is 1.46484 GiB; allowed are whole GiB"),
        (lambda custom: custom.model(volume=cdk.Size.gibibytes(NUMBER)), "volume is a token"),
        (lambda custom: custom.model(max_runtime=60), "max_runtime is an int; allowed is Duration"),
        (lambda custom: custom.model(max_runtime=cdk.Duration.hours(NUMBER)), "max_runtime is a token"),
        (lambda custom: data_channel("arn"), "channel is a str; allowed is a channel"),
        (lambda custom: later_version("arn"), "trained_model is a str; allowed is a model"),
    ],
)
def test_a_wrong_form_is_refused_where_it_is_written(make: Callable[[CustomModelStack], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(CustomModelStack())


@pytest.mark.parametrize(
    ("max_runtime", "seconds"),
    [
        (None, 25 * 3600),
        (cdk.Duration.hours(2), 3 * 3600),
        (cdk.Duration.days(20), 36 * 3600),
    ],
)
def test_a_deployment_waits_an_hour_longer_than_a_training_may_take(
    max_runtime: cdk.Duration | None, seconds: int
) -> None:
    custom = CustomModelStack()
    custom.model(max_runtime=max_runtime)
    waits = resources_of(template_of(custom.stack), "Custom::CleanRoomsML-Wait")
    assert len(waits) == -(-seconds // (55 * 60))
