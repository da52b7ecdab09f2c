"""How long AWS documents that runs may take; a default wait is as long."""

from __future__ import annotations

from collections.abc import Mapping

from ..timing import DEFAULT_TIMEOUT_SECONDS
from .cross_request import LONGEST_WAIT_SECONDS
from .custom_model import DEFAULT_MAX_RUNTIME_SECONDS

HOUR_SECONDS = 60 * 60
# User guide, Quotas for Clean Rooms ML. Kinds that are not here have no documented end.
LONGEST_RUN_SECONDS: Mapping[str, int] = {
    "AudienceModel": 25 * HOUR_SECONDS,
    "AudienceGenerationJob": 10 * HOUR_SECONDS,
    "AudienceExportJob": HOUR_SECONDS,
    "TrainedModelInferenceJob": 25 * HOUR_SECONDS,
}
# With a query as seed, which runs first.
LONGEST_QUERIED_GENERATION_SECONDS = 35 * HOUR_SECONDS
# User guide, Creating an audience model: "several hours".
SHORTEST_RUN_SECONDS: Mapping[str, int] = {
    "AudienceModel": 2 * HOUR_SECONDS,
    "AudienceGenerationJob": HOUR_SECONDS,
}
# User guide, Synthetic data generation: "a few hours".
SHORTEST_SYNTHETIC_SECONDS = 2 * HOUR_SECONDS
# Preparing the instances and storing the model take additional time.
TRAINING_MARGIN_SECONDS = HOUR_SECONDS
# How long a deployment waits for a run unless the user says otherwise.
DEFAULT_WAIT_SECONDS: Mapping[str, int] = {
    **LONGEST_RUN_SECONDS,
    "MLInputChannel": DEFAULT_TIMEOUT_SECONDS,
    "TrainedModel": DEFAULT_MAX_RUNTIME_SECONDS + TRAINING_MARGIN_SECONDS,
    "TrainedModelExportJob": DEFAULT_TIMEOUT_SECONDS,
}


def training_wait_seconds(max_runtime_seconds: int | None) -> int:
    """How long a deployment waits for a training unless the user says otherwise.

    Args:
        max_runtime_seconds: The request's limit; None if it has none.
    """
    if max_runtime_seconds is None:
        return DEFAULT_WAIT_SECONDS["TrainedModel"]
    return min(max_runtime_seconds + TRAINING_MARGIN_SECONDS, LONGEST_WAIT_SECONDS)
