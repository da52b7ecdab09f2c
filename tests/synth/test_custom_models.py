"""Trained models, inference and exports: what is rendered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from cdk_cleanrooms_ml import (
    IncrementalTrainingDataChannel,
    ModelTrainingDataChannel,
    S3DataDistributionType,
    TrainedModel,
    TrainedModelInferenceJob,
    TrainingInputMode,
)
from tests.synth.stacks import (
    ASSOCIATION_ARN,
    MEMBERSHIP,
    SERVICE,
    channel,
    logical_id,
    only,
    resources_of,
    statements_of,
    template_of,
)
from tests.synth.stories import CHANNEL_ARN, MODEL_ARN, VERSION, Story


def test_a_trained_model_is_the_request_in_the_apis_words() -> None:
    story = Story()
    model = story.model(
        instance_count=2,
        max_runtime=cdk.Duration.days(2),
        hyperparameters={"depth": "6"},
        environment={"STAGE": "test"},
        training_input_mode=TrainingInputMode.FAST_FILE,
        data_channels=[
            ModelTrainingDataChannel(
                channel_name="train",
                channel=story.channel,
                s3_data_distribution_type=S3DataDistributionType.SHARDED_BY_S3_KEY,
            )
        ],
        model_training_payer_account="111122223333",
        run_id="7",
        description="churn",
        tags={"team": "growth"},
    )
    assert story.request("TrainedModel", model) == {
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
    story = Story()
    first = story.model()
    earlier = IncrementalTrainingDataChannel(channel_name="checkpoint", trained_model=first)
    second = story.model("Second", incremental_training_data_channels=[earlier])
    third = story.model(
        "Third",
        incremental_training_data_channels=[
            IncrementalTrainingDataChannel(channel_name="checkpoint", trained_model=second)
        ],
    )
    resources = template_of(story.stack)["Resources"]
    request = resources[logical_id(story.stack, second)]
    arn = {"Fn::GetAtt": [logical_id(story.stack, first), "Arn"]}
    assert request["Properties"]["incrementalTrainingDataChannels"] == [
        {"channelName": "checkpoint", "trainedModelArn": arn}
    ]
    assert logical_id(story.stack, first, "Ready") in request["DependsOn"]
    version = resources[logical_id(story.stack, third)]["Properties"]["incrementalTrainingDataChannels"][0]
    assert version["versionIdentifier"] == {
        "Fn::GetAtt": [logical_id(story.stack, second, "Ready"), "VersionIdentifier"]
    }
    # The versions of a model share its ARN: its physical id tells them apart.
    ready = resources[logical_id(story.stack, second, "Ready")]["Properties"]
    assert ready["Arn"] == {"Ref": logical_id(story.stack, second)}


def test_an_inference_job_is_the_request_in_the_apis_words() -> None:
    story = Story()
    job = story.inference(
        trained_model=TrainedModel.from_trained_model_arn(story.stack, "V", MODEL_ARN, version_identifier=VERSION),
        instance_count=3,
        algorithm_association=story.algorithm,
        output_account="444455556666",
        accept="text/csv",
        max_payload=cdk.Size.mebibytes(6),
        environment={"STAGE": "test"},
        model_inference_payer_account="111122223333",
        run_id="7",
    )
    assert story.request("TrainedModelInferenceJob", job) == {
        "membershipIdentifier": MEMBERSHIP,
        "trainedModelArn": MODEL_ARN,
        "trainedModelVersionIdentifier": VERSION,
        "configuredModelAlgorithmAssociationArn": ASSOCIATION_ARN,
        "resourceConfig": {"instanceType": "ml.m5.xlarge", "instanceCount": 3},
        "outputConfiguration": {"accept": "text/csv", "members": [{"accountId": "444455556666"}]},
        "dataSource": {"mlInputChannelArn": CHANNEL_ARN},
        "containerExecutionParameters": {"maxPayloadInMB": 6},
        "environment": {"STAGE": "test"},
        "mlModelInferencePayerAccountId": "111122223333",
        "RunId": "7",
    }


def test_jobs_wait_for_the_model_and_results_go_to_the_own_account() -> None:
    story = Story()
    model = story.model()
    job = story.inference(trained_model=model)
    export = model.add_export("Export", membership=story.member)
    resources = template_of(story.stack)["Resources"]
    for one in (job, export):
        resource = resources[logical_id(story.stack, one)]
        assert logical_id(story.stack, model, "Ready") in resource["DependsOn"]
        members = resource["Properties"]["outputConfiguration"]["members"]
        assert members == [{"accountId": {"Ref": "AWS::AccountId"}}]
    assert "tags" not in resources[logical_id(story.stack, export)]["Properties"]
    assert resources[logical_id(story.stack, export, "Ready")]["Properties"]["Arn"] == {
        "Ref": logical_id(story.stack, export)
    }


def test_an_export_of_a_version_names_it() -> None:
    story = Story()
    version = TrainedModel.from_trained_model_arn(story.stack, "V", MODEL_ARN, version_identifier=VERSION)
    export = version.add_export("Export", membership=story.member, output_account="444455556666", description="v2")
    assert story.request("TrainedModelExportJob", export) == {
        "membershipIdentifier": MEMBERSHIP,
        "trainedModelArn": MODEL_ARN,
        "trainedModelVersionIdentifier": VERSION,
        "outputConfiguration": {"members": [{"accountId": "444455556666"}]},
        "description": "v2",
    }


def test_keys_of_models_and_jobs_allow_grants() -> None:
    story = Story()
    key = kms.Key(story.stack, "Key")
    story.model(encryption_key=key)
    story.inference(encryption_key=key)
    template = template_of(story.stack)
    statements = statements_of(only(template, "AWS::KMS::Key")["Properties"]["KeyPolicy"])[1:]
    granting = [each for each in statements if "kms:CreateGrant" in each["Action"]]
    assert len(granting) == 2
    assert all("ForAllValues:StringEquals" in each["Condition"] for each in granting)


@pytest.mark.parametrize(
    ("make", "attribute", "name"),
    [
        (Story.model, "trained_model_arn", "Arn"),
        (Story.model, "trained_model_name", "Name"),
        (Story.model, "status", "Status"),
        (Story.model, "metrics_status", "MetricsStatus"),
        (Story.model, "logs_status", "LogsStatus"),
        (Story.model, "training_container_image_digest", "TrainingContainerImageDigest"),
        (Story.inference, "trained_model_inference_job_arn", "Arn"),
        (Story.inference, "trained_model_inference_job_name", "Name"),
        (Story.inference, "status", "Status"),
        (Story.inference, "metrics_status", "MetricsStatus"),
        (Story.inference, "logs_status", "LogsStatus"),
        (Story.inference, "inference_container_image_digest", "InferenceContainerImageDigest"),
    ],
)
def test_an_attribute_is_a_token_of_the_right_custom_resource(
    make: Callable[[Story], Any], attribute: str, name: str
) -> None:
    story = Story()
    construct = make(story)
    child = "Resource" if name in ("Arn", "Name") else "Ready"
    expected = {"Fn::GetAtt": [logical_id(story.stack, construct, child), name]}
    assert story.stack.resolve(getattr(construct, attribute)) == expected


def test_grants_name_the_one_resource() -> None:
    story = Story()
    someone = iam.Role(story.stack, "Someone", assumed_by=iam.AccountRootPrincipal())
    model, job = story.model(), story.inference()
    model.grants.read(someone)
    job.grants.read(someone)
    TrainedModelInferenceJob.from_trained_model_inference_job_arn(
        story.stack, "TheirJob", f"{SERVICE}:membership/{MEMBERSHIP}/trained-model-inference-job/one"
    ).grants.read(someone)
    policies = resources_of(template_of(story.stack), "AWS::IAM::Policy")
    (policy,) = (each for name, each in policies.items() if name.startswith("Someone"))
    allowed = [(each["Action"], each["Resource"]) for each in statements_of(policy["Properties"]["PolicyDocument"])]
    assert (["cleanrooms-ml:GetTrainedModel"], {"Fn::GetAtt": [logical_id(story.stack, model), "Arn"]}) in allowed
    jobs = {"Fn::GetAtt": [logical_id(story.stack, job), "Arn"]}
    assert (["cleanrooms-ml:GetTrainedModelInferenceJob"], jobs) in allowed


def test_training_uses_what_a_channel_of_the_stack_gives() -> None:
    story = Story()
    source = channel(story.stack)
    model = story.model(data_channels=[ModelTrainingDataChannel(channel_name="train", channel=source)])
    resource = template_of(story.stack)["Resources"][logical_id(story.stack, model)]
    assert logical_id(story.stack, source, "Ready") in resource["DependsOn"]
    assert resource["Properties"]["dataChannels"][0]["mlInputChannelArn"] == {
        "Fn::GetAtt": [logical_id(story.stack, source), "Arn"]
    }
