"""What synth refuses of custom models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml import (
    ConfiguredAudienceModelAssociation,
    IncrementalTrainingDataChannel,
    ModelTrainingDataChannel,
    TrainedModelExportJob,
    TrainingInstanceType,
    Wait,
)
from tests.synth.stacks import errors_of, resources_of, template_of
from tests.synth.stories import NUMBER, Story


def test_limits_are_told_at_synth() -> None:
    story = Story()
    story.model(
        instance_count=6,
        instance_type=TrainingInstanceType("ml.m5.tiny"),
        volume=cdk.Size.gibibytes(9000),
        max_runtime=cdk.Duration.days(29),
        hyperparameters={"depth": "x" * 2501},
    )
    story.inference(instance_count=11, output_account="1")
    errors = "\n".join(errors_of(story.stack))
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


def export(model: Any, story: Story) -> TrainedModelExportJob:
    """An export of some model."""
    return TrainedModelExportJob(story.stack, "Export", membership=story.member, trained_model=model)


def association(model: Any, story: Story) -> ConfiguredAudienceModelAssociation:
    """An association of some model."""
    return ConfiguredAudienceModelAssociation(
        story.stack, "Association", membership=story.member, configured_audience_model=model
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda story: story.model(data_channels=["arn"]), "data_channels is a str"),
        (lambda story: story.model(incremental_training_data_channels=["arn"]), "incremental_training_data_channels"),
        (lambda story: story.model(instance_type="ml.m5.large"), "instance_type is a str"),
        (lambda story: story.model(volume=50), "volume is a int; allowed is Size"),
        (lambda story: story.model(volume=cdk.Size.mebibytes(1500)), "volume is 1.46484 GiB; allowed are whole GiB"),
        (lambda story: story.model(volume=cdk.Size.gibibytes(NUMBER)), "volume is a token"),
        (lambda story: story.model(max_runtime=60), "max_runtime is a int; allowed is Duration"),
        (lambda story: story.model(max_runtime=cdk.Duration.hours(NUMBER)), "max_runtime is a token"),
        (lambda story: story.inference(max_payload=cdk.Size.mebibytes(NUMBER)), "max_payload is a token"),
        (lambda story: story.inference(trained_model="arn"), "trained_model is a str; allowed is a model"),
        (lambda story: story.inference(channel="arn"), "channel is a str; allowed is a channel"),
        (lambda story: data_channel("arn"), "channel is a str; allowed is a channel"),
        (lambda story: later_version("arn"), "trained_model is a str; allowed is a model"),
        (lambda story: export("arn", story), "trained_model is a str; allowed is a model"),
        (lambda story: association("arn", story), "configured_audience_model is a str"),
    ],
)
def test_a_wrong_form_is_refused_where_it_is_written(make: Callable[[Story], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(Story())


@pytest.mark.parametrize(
    ("max_runtime", "seconds"),
    [
        (None, 55 * 60),
        (cdk.Duration.hours(2), 3 * 3600),
        (cdk.Duration.days(20), 36 * 3600),
    ],
)
def test_a_deployment_waits_an_hour_longer_than_a_training_may_take(
    max_runtime: cdk.Duration | None, seconds: int
) -> None:
    story = Story()
    story.model(max_runtime=max_runtime)
    waits = resources_of(template_of(story.stack), "Custom::CleanRoomsML-Wait")
    assert len(waits) == -(-seconds // (55 * 60))


def test_what_a_training_that_nobody_waits_for_makes_cannot_be_used() -> None:
    story = Story()
    model = story.model(wait=Wait.none())
    story.inference(trained_model=model)
    (error,) = errors_of(story.stack)
    assert "needs Stack/Model to be ACTIVE, for which this deployment does not wait" in error
