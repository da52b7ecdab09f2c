"""What is usual for a run: how long it takes, what AWS bills it in, and who pays for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_handlers.rules import DEFAULT_MAX_RUNTIME_SECONDS
from cleanrooms_ml_handlers.rules.durations import (
    LONGEST_QUERIED_GENERATION_SECONDS,
    LONGEST_RUN_SECONDS,
    SHORTEST_RUN_SECONDS,
)

from .handlers import values

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Cost:
    """What a run is billed in.

    Attributes:
        unit: What AWS counts.
        payment: The cost in a member's payment configuration, as a path in it; empty where no collaboration decides.
        payer_field: The path in the create request that names the payer, where the request can.
        owner_pays: Who pays where no collaboration decides.
    """

    unit: str
    payment: str = ""
    payer_field: str = ""
    owner_pays: str = "this account"


@dataclass(frozen=True)
class Usual:
    """What is usual for a kind of run.

    Attributes:
        shortest_seconds, longest_seconds: How long it takes.
        duration: The same for readers.
        cost: What it is billed in; None for a run that AWS does not bill.
        also: What is billed in addition if the data is synthetic.
        query_field: The path in the request of a query, where one runs first.
        longest_with_query_seconds: How long it takes with one.
        limit_field: The path in the request of the seconds after which the service ends the run, where it has one.
        source: Where AWS says so.
    """

    shortest_seconds: int
    longest_seconds: int
    duration: str
    cost: Cost | None
    source: str
    also: Cost | None = None
    query_field: str = ""
    longest_with_query_seconds: int = 0
    limit_field: str = ""

    def limit_seconds(self, request: Mapping[str, Any]) -> float:
        """After how long the run is late: what the request says, or what is usual."""
        stated = values(request, self.limit_field) if self.limit_field else []
        if stated and isinstance(stated[0], int | float):
            return float(stated[0])
        is_queried = bool(self.query_field and values(request, self.query_field))
        return self.longest_with_query_seconds if is_queried else self.longest_seconds

    def duration_of(self, request: Mapping[str, Any]) -> str:
        """How long the run takes, for readers."""
        limit = self.limit_seconds(request)
        return self.duration if limit == self.longest_seconds else f"{self.duration}; at most {span(limit)}"


_QUOTAS = "User guide, Quotas for Clean Rooms ML"

# The units: https://aws.amazon.com/clean-rooms/pricing/
USUAL: Mapping[str, Usual] = {
    "AudienceModel": Usual(
        SHORTEST_RUN_SECONDS["AudienceModel"],
        48 * HOUR,
        "several hours, up to 2 days",
        Cost("profiles in the training data"),
        _QUOTAS,
    ),
    "AudienceGenerationJob": Usual(
        SHORTEST_RUN_SECONDS["AudienceGenerationJob"],
        LONGEST_RUN_SECONDS["AudienceGenerationJob"],
        "up to 10 hours, or 35 with a seed from a query",
        Cost("profiles in the segment", owner_pays="the owner of the configured audience model"),
        _QUOTAS,
        query_field="seedAudience.sqlParameters",
        longest_with_query_seconds=LONGEST_QUERIED_GENERATION_SECONDS,
    ),
    "AudienceExportJob": Usual(MINUTE, LONGEST_RUN_SECONDS["AudienceExportJob"], "up to 1 hour", None, _QUOTAS),
    "MLInputChannel": Usual(
        2 * MINUTE,
        24 * HOUR,
        "a few minutes, up to 24 hours; with synthetic data a few hours",
        Cost("CRPU-hours of the query", "queryCompute", "payerConfiguration.computePayerAccountId"),
        "User guide, Creating an ML input channel",
        Cost(
            "synthetic data generation units",
            "machineLearning.syntheticDataGeneration",
            "payerConfiguration.syntheticDataPayerAccountId",
        ),
    ),
    "TrainedModel": Usual(
        10 * MINUTE,
        DEFAULT_MAX_RUNTIME_SECONDS,
        "minutes to hours",
        Cost("records trained on", "machineLearning.modelTraining", "mlModelTrainingPayerAccountId"),
        "API reference, CreateTrainedModel: 24 hours unless stoppingCondition says otherwise",
        limit_field="stoppingCondition.maxRuntimeInSeconds",
    ),
    "TrainedModelExportJob": Usual(MINUTE, HOUR, "minutes", None, "not documented; seen in samples"),
    "TrainedModelInferenceJob": Usual(
        10 * MINUTE,
        LONGEST_RUN_SECONDS["TrainedModelInferenceJob"],
        "minutes to hours, up to 25 hours",
        Cost("records inferred on", "machineLearning.modelInference", "mlModelInferencePayerAccountId"),
        _QUOTAS,
    ),
}


def span(seconds: float) -> str:
    """A duration for readers: 45s, 12m, 3h 20m, 2d 4h."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m"
    hours, minutes = divmod(whole // MINUTE, 60)
    if hours < 48:
        return f"{hours}h {minutes}m" if minutes else f"{hours}h"
    return f"{hours // 24}d {hours % 24}h"
