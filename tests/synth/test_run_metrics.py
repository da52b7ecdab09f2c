"""Metrics of runs of custom models."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest

from cdk_cleanrooms_ml._run_metrics import MeteredRun
from tests.synth.custom_model import CustomModelStack


@pytest.mark.parametrize(
    ("make", "namespace"),
    [
        (CustomModelStack.model, "/aws/cleanroomsml/TrainedModels"),
        (CustomModelStack.inference, "/aws/cleanroomsml/TrainedModelInferenceJobs"),
    ],
    ids=["training", "inference"],
)
def test_a_metric_is_in_the_namespace_of_its_kind(
    make: Callable[[CustomModelStack], MeteredRun], namespace: str
) -> None:
    run = make(CustomModelStack())
    metric = run.metric("train:loss", statistic="Minimum", period=cdk.Duration.minutes(1), dimensions_map={"a": "b"})
    assert (metric.namespace, metric.metric_name, metric.statistic) == (namespace, "train:loss", "Minimum")
    assert metric.dimensions == {"a": "b"}
