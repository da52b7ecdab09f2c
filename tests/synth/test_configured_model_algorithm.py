"""Algorithms and their associations, which CloudFormation knows itself."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithm,
    ContainerConfig,
    InferenceContainerConfig,
    MetricDefinition,
)
from tests.synth.stacks import errors_of, new_stack, only, statements_of, template_of

ALGORITHM = "AWS::CleanRoomsML::ConfiguredModelAlgorithm"


def repository(stack: cdk.Stack, id: str = "Repository") -> ecr.IRepository:
    """Images of others."""
    return ecr.Repository.from_repository_name(stack, id, f"models/{id.lower()}")


def test_an_algorithm_is_its_images_and_a_role_that_pulls_them() -> None:
    stack = new_stack()
    key = kms.Key(stack, "Key")
    training, inference = repository(stack, "Training"), repository(stack, "Inference")
    algorithm = ConfiguredModelAlgorithm(
        stack,
        "Algorithm",
        training_container_config=ContainerConfig(
            repository=training,
            tag="1.2",
            entrypoint=["python", "train.py"],
            arguments=["--fast"],
            metric_definitions=[MetricDefinition(name="loss", regex="loss=([0-9.]+)")],
        ),
        inference_container_config=InferenceContainerConfig(repository=inference, tag="7"),
        encryption_key=key,
        description="churn",
        tags={"team": "own"},
    )
    template = template_of(stack)
    properties = dict(only(template, ALGORITHM)["Properties"])
    trains, applies = properties["TrainingContainerConfig"], properties["InferenceContainerConfig"]
    assert trains.pop("ImageUri")["Fn::Join"][1][-1] == "/models/training:1.2"
    assert trains == {
        "Entrypoint": ["python", "train.py"],
        "Arguments": ["--fast"],
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}],
    }
    assert applies["ImageUri"]["Fn::Join"][1][-1] == "/models/inference:7"
    assert properties["KmsKeyArn"] == stack.resolve(key.key_arn)
    assert properties["Tags"] == [{"Key": "team", "Value": "own"}]
    role = only(template, "AWS::IAM::Role")["Properties"]
    (pulling,) = statements_of(role["Policies"][0]["PolicyDocument"])
    assert pulling["Action"] == [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ]
    assert len(pulling["Resource"]) == 2
    assert algorithm.configured_model_algorithm_name == properties["Name"]


def test_another_image_is_another_algorithm() -> None:
    def name(tag: str, **changes: Any) -> str:
        stack = new_stack()
        config = ContainerConfig(repository=repository(stack), tag=tag)
        one = ConfiguredModelAlgorithm(stack, "Algorithm", training_container_config=config, **changes)
        return str(one.configured_model_algorithm_name)

    assert name("1") == name("1", tags={"a": "b"}) != name("2")
    assert name("1", configured_model_algorithm_name="churn") == "churn"


def test_an_algorithm_trains_or_infers() -> None:
    stack = new_stack()
    ConfiguredModelAlgorithm(stack, "Neither", role=iam.Role.from_role_name(stack, "Role", "own"), tags={"a": "b"})
    (error,) = errors_of(stack)
    assert "has neither trainingContainerConfig nor inferenceContainerConfig" in error


@pytest.mark.parametrize("config", [ContainerConfig, InferenceContainerConfig])
def test_a_digest_is_refused(config: type[ContainerConfig] | type[InferenceContainerConfig]) -> None:
    stack = new_stack()
    image = config(repository=repository(stack), tag=f"sha256:{'a' * 64}")
    with pytest.raises(ValueError, match=r"tag is 'sha256:a+', a digest; Clean Rooms ML takes tags alone"):
        image._render()
