"""Service quotas and request rates.

Values: user guide of AWS Clean Rooms, quotas of Clean Rooms ML. The names are ours: the ones that the service
writes into quotaName are not documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .kinds import KIND_OF_OPERATION
from .lifecycle import CREATING, Record
from .queries import is_synthetic
from .world import World

PENDING_AUDIENCE_MODELS = "Number of pending/in-progress audience models"
PENDING_AUDIENCE_GENERATION_JOBS = "Number of pending/in-progress audience generation jobs"
PENDING_SYNTHETIC_ML_INPUT_CHANNELS = "Number of pending/in-progress synthetic ML input channels"
ACTIVE_ML_INPUT_CHANNELS = "Number of active ML input channels per membership"
AUDIENCE_MODELS = "Number of audience models"
CONFIGURED_AUDIENCE_MODELS = "Number of configured audience models"


@dataclass(frozen=True)
class Quota:
    """How many records of a kind there may be at the same time."""

    name: str
    kind: str
    value: float
    only_creating: bool = False
    only_synthetic: bool = False


QUOTAS = (
    Quota(PENDING_AUDIENCE_MODELS, "AudienceModel", 2, only_creating=True),
    Quota(AUDIENCE_MODELS, "AudienceModel", 500),
    Quota(CONFIGURED_AUDIENCE_MODELS, "ConfiguredAudienceModel", 10_000),
    Quota(PENDING_AUDIENCE_GENERATION_JOBS, "AudienceGenerationJob", 10, only_creating=True),
    Quota(PENDING_SYNTHETIC_ML_INPUT_CHANNELS, "MLInputChannel", 2, only_creating=True, only_synthetic=True),
    Quota(ACTIVE_ML_INPUT_CHANNELS, "MLInputChannel", 100),
)


def exceeded(world: World, new: Record) -> tuple[Quota, float] | None:
    """The quota, with its value, that a new record would exceed. The record is not in the world yet."""
    for quota in QUOTAS:
        if quota.kind != new.kind or (quota.only_synthetic and not is_synthetic(new)):
            continue
        value = world.options.quotas.get(quota.name, quota.value)
        if sum(_counts(world, quota, other, new) for other in world.of_kind(quota.kind)) >= value:
            return quota, value
    return None


def _counts(world: World, quota: Quota, record: Record, new: Record) -> bool:
    status = record.status(world.now())
    if quota.only_creating:
        return status in CREATING and (not quota.only_synthetic or is_synthetic(record))
    # What failed or expired holds nothing; a membership's channels are counted apart from another's.
    holds = status not in {"INACTIVE", "CREATE_FAILED"}
    return holds and record.data.get("membershipIdentifier") == new.data.get("membershipIdentifier")


@dataclass(frozen=True)
class Rate:
    """Calls per second, and how many at once after a pause."""

    per_second: float
    burst: float


_OF_OPERATION: Mapping[str, Rate] = {
    "CreateAudienceModel": Rate(1, 3),
    "StartAudienceGenerationJob": Rate(1, 5),
    "StartAudienceExportJob": Rate(1, 3),
    "CreateTrainedModel": Rate(1, 3),
    "StartTrainedModelInferenceJob": Rate(1, 3),
    "CreateConfiguredAudienceModel": Rate(10, 10),
    "UpdateConfiguredAudienceModel": Rate(10, 10),
    "CreateTrainingDataset": Rate(10, 10),
    "CreateConfiguredModelAlgorithm": Rate(10, 10),
    "CreateConfiguredModelAlgorithmAssociation": Rate(10, 10),
    "PutMLConfiguration": Rate(10, 10),
    "TagResource": Rate(10, 10),
    "StartTrainedModelExportJob": Rate(10, 10),
    "PutConfiguredAudienceModelPolicy": Rate(25, 25),
    "DeleteConfiguredAudienceModelPolicy": Rate(25, 25),
    "DeleteAudienceModel": Rate(2, 10),
    "DeleteAudienceGenerationJob": Rate(2, 10),
    "DeleteConfiguredModelAlgorithm": Rate(2, 10),
    "DeleteConfiguredModelAlgorithmAssociation": Rate(2, 10),
    "DeleteMLConfiguration": Rate(2, 10),
    "DeleteTrainedModelOutput": Rate(2, 10),
    "DeleteConfiguredAudienceModel": Rate(10, 10),
    "DeleteTrainingDataset": Rate(10, 10),
    "UntagResource": Rate(50, 50),
}
_READING = Rate(50, 50)


def rate(operation: str) -> Rate | None:
    """The documented rate of an operation; those of ML input channels are not documented."""
    kind = KIND_OF_OPERATION.get(operation)
    if kind is not None and kind.name == "MLInputChannel":
        return None
    if operation.startswith(("Get", "List")):
        return _READING
    return _OF_OPERATION.get(operation)


class Throttle:
    """A token bucket for each operation."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def allows(self, operation: str, now: float) -> bool:
        """Whether one more call may pass now; takes a token if so."""
        limit = rate(operation)
        if limit is None:
            return True
        tokens, since = self._buckets.get(operation, (limit.burst, now))
        tokens = min(limit.burst, tokens + max(0.0, now - since) * limit.per_second)
        allowed = tokens >= 1
        self._buckets[operation] = (tokens - 1 if allowed else tokens, now)
        return allowed
