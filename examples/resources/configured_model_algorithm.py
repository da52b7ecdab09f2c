"""A configured model algorithm: the containers of a custom model."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithm,
    ContainerConfig,
    InferenceContainerConfig,
    MetricDefinition,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

images = ecr.Repository.from_repository_name(stack, "Images", "churn-model")
algorithm = ConfiguredModelAlgorithm(
    stack,
    "Algorithm",
    training_container_config=ContainerConfig(
        repository=images,
        tag="train",
        metric_definitions=[MetricDefinition(name="train:loss", regex="loss=([0-9.]+)")],
    ),
    inference_container_config=InferenceContainerConfig(repository=images, tag="infer"),
)

cdk.CfnOutput(stack, "AlgorithmArn", value=algorithm.configured_model_algorithm_arn)
app.synth()
