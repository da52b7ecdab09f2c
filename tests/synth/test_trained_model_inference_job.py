"""TrainedModelInferenceJob: what is rendered and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from cdk_cleanrooms_ml import (
    TrainedModel,
    TrainedModelInferenceJob,
    Wait,
)
from tests.synth.custom_model import CHANNEL_ARN, MODEL_ARN, NUMBER, VERSION, CustomModelStack
from tests.synth.stacks import (
    ASSOCIATION_ARN,
    MEMBERSHIP,
    SERVICE,
    assert_token_of_run,
    errors_of,
    logical_id,
    resources_of,
    statements_of,
    template_of,
)


def test_an_inference_job_is_the_request_in_the_apis_words() -> None:
    custom = CustomModelStack()
    job = custom.inference(
        trained_model=TrainedModel.from_trained_model_arn(custom.stack, "V", MODEL_ARN, version_identifier=VERSION),
        instance_count=3,
        algorithm_association=custom.algorithm,
        output_account="444455556666",
        accept="text/csv",
        max_payload=cdk.Size.mebibytes(6),
        environment={"STAGE": "test"},
        model_inference_payer_account="111122223333",
        run_id="7",
    )
    assert custom.request("TrainedModelInferenceJob", job) == {
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


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("trained_model_inference_job_arn", "Arn"),
        ("trained_model_inference_job_name", "Name"),
        ("status", "Status"),
        ("metrics_status", "MetricsStatus"),
        ("logs_status", "LogsStatus"),
        ("inference_container_image_digest", "InferenceContainerImageDigest"),
    ],
)
def test_an_attribute_is_a_token_of_the_right_custom_resource(attribute: str, name: str) -> None:
    custom = CustomModelStack()
    assert_token_of_run(custom.stack, custom.inference(), attribute, name)


def test_grants_name_the_one_resource() -> None:
    custom = CustomModelStack()
    someone = iam.Role(custom.stack, "Someone", assumed_by=iam.AccountRootPrincipal())
    model, job = custom.model(), custom.inference()
    model.grants.read(someone)
    job.grants.read(someone)
    TrainedModelInferenceJob.from_trained_model_inference_job_arn(
        custom.stack, "TheirJob", f"{SERVICE}:membership/{MEMBERSHIP}/trained-model-inference-job/one"
    ).grants.read(someone)
    policies = resources_of(template_of(custom.stack), "AWS::IAM::Policy")
    (policy,) = (each for name, each in policies.items() if name.startswith("Someone"))
    allowed = [(each["Action"], each["Resource"]) for each in statements_of(policy["Properties"]["PolicyDocument"])]
    assert (["cleanrooms-ml:GetTrainedModel"], {"Fn::GetAtt": [logical_id(custom.stack, model), "Arn"]}) in allowed
    jobs = {"Fn::GetAtt": [logical_id(custom.stack, job), "Arn"]}
    assert (["cleanrooms-ml:GetTrainedModelInferenceJob"], jobs) in allowed


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda custom: custom.inference(max_payload=cdk.Size.mebibytes(NUMBER)), "max_payload is a token"),
        (lambda custom: custom.inference(trained_model="arn"), "trained_model is a str; allowed is a model"),
        (lambda custom: custom.inference(channel="arn"), "channel is a str; allowed is a channel"),
    ],
)
def test_a_wrong_form_is_refused_where_it_is_written(make: Callable[[CustomModelStack], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(CustomModelStack())


def test_a_model_without_a_wait_cannot_be_used() -> None:
    custom = CustomModelStack()
    model = custom.model(wait=Wait.none())
    custom.inference(trained_model=model)
    (error,) = errors_of(custom.stack)
    assert "needs Stack/Model to be ACTIVE, for which this deployment does not wait" in error
