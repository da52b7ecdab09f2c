"""Service quotas and request rates.

Values and names: user guide of AWS Clean Rooms, quotas of AWS Clean Rooms and of Clean Rooms ML. That the service
writes these names into quotaName is our reading; the guide's second table has no such names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..calls import CLEAN_ROOMS_ML
from ..models import service_model
from ..state.lifecycle import CREATING, Record
from ..state.world import World
from .queries import is_synthetic

PENDING_AUDIENCE_MODELS = "Pending/In-progress audience models per customer"
PENDING_AUDIENCE_GENERATION_JOBS = "Pending/In-progress audience generation jobs per customer"
PENDING_AUDIENCE_EXPORT_JOBS = "Pending/In-progress audience export jobs per customer"
ACTIVE_AUDIENCE_EXPORT_JOBS = "Active audience export jobs per audience generation job"
PENDING_SYNTHETIC_ML_INPUT_CHANNELS = "Pending/In-progress synthetic MLIC generation jobs per account"
ACTIVE_ML_INPUT_CHANNELS = "Active custom model input channels per membership"
TRAINING_DATASETS = "Total number of active training datasets"
AUDIENCE_MODELS = "Total number of active lookalike models (audience models)"
CONFIGURED_AUDIENCE_MODELS = "Total number of active configured lookalike models (audience models)"
CONFIGURED_MODEL_ALGORITHMS = "Active configured model algorithms per membership"
CONFIGURED_MODEL_ALGORITHM_ASSOCIATIONS = "Active configured model algorithm associations per membership"
PENDING_TRAINING_JOBS_OF_ACCOUNT = "Pending/In-progress custom model training jobs per account"
PENDING_TRAINING_JOBS_OF_MEMBERSHIP = "Pending/In-progress custom model training jobs per membership"
PENDING_INFERENCE_JOBS_OF_ACCOUNT = "Pending/In-progress custom model inference jobs per account"
PENDING_INFERENCE_JOBS_OF_MEMBERSHIP = "Pending/In-progress custom model inference jobs per membership"
TRAINED_MODEL_VERSIONS = "Maximum number of active/pending/in progress trained model versions per trained model"
TRAINING_INSTANCES = "Maximum number of active training instances per account"
CONFIGURED_AUDIENCE_MODEL_ASSOCIATIONS = "Configured audience model associations per membership"
ANALYSIS_TEMPLATES = "Analysis templates per membership"
COLLABORATIONS = "Collaborations created per account"
MEMBERSHIPS = "Memberships per account"
CONFIGURED_TABLES = "Configured tables per account"
ID_MAPPING_TABLES = "ID mapping tables per membership"
ID_NAMESPACE_ASSOCIATIONS = "ID namespace associations per membership"
CONCURRENT_QUERIES = "Concurrent ongoing queries per membership"
CONCURRENT_JOBS = "Concurrent ongoing job per membership"

# All other instance types have a default of 0.
_TRAINING_INSTANCES_OF_TYPE = {"ml.m5.2xlarge": 3, "ml.m5.4xlarge": 3, "ml.m5.12xlarge": 3}

_MEMBERSHIP = "membershipIdentifier"


def training_instances(instance_type: str) -> str:
    """The quota for training instances of a type."""
    return f"Maximum number of {instance_type} training instances per account"


def _one(record: Record) -> float:
    return 1


def _instances(record: Record) -> float:
    return float(record.data["resourceConfig"].get("instanceCount", 1))


def _instances_of(instance_type: str) -> Callable[[Record], float]:
    return lambda record: _instances(record) if record.data["resourceConfig"]["instanceType"] == instance_type else 0


@dataclass(frozen=True)
class Quota:
    """How many records of a kind there may be at the same time.

    Args:
        name: Its name.
        kind: The kind that it counts.
        value: The default.
        per: The member by whose value records are counted separately. Default: by account.
        in_flight: Whether it counts only runs that are pending or in progress.
        weigh: What each record counts.
    """

    name: str
    kind: str
    value: float
    per: str = ""
    in_flight: bool = False
    weigh: Callable[[Record], float] = _one


QUOTAS = (
    Quota(PENDING_AUDIENCE_MODELS, "AudienceModel", 2, in_flight=True),
    Quota(AUDIENCE_MODELS, "AudienceModel", 500),
    Quota(TRAINING_DATASETS, "TrainingDataset", 500),
    Quota(CONFIGURED_AUDIENCE_MODELS, "ConfiguredAudienceModel", 10_000),
    Quota(CONFIGURED_AUDIENCE_MODEL_ASSOCIATIONS, "ConfiguredAudienceModelAssociation", 5, _MEMBERSHIP),
    Quota(PENDING_AUDIENCE_GENERATION_JOBS, "AudienceGenerationJob", 10, in_flight=True),
    Quota(PENDING_AUDIENCE_EXPORT_JOBS, "AudienceExportJob", 20, in_flight=True),
    Quota(ACTIVE_AUDIENCE_EXPORT_JOBS, "AudienceExportJob", 25, "audienceGenerationJobArn"),
    # An algorithm is of no membership, whatever the name says.
    Quota(CONFIGURED_MODEL_ALGORITHMS, "ConfiguredModelAlgorithm", 1000),
    Quota(CONFIGURED_MODEL_ALGORITHM_ASSOCIATIONS, "ConfiguredModelAlgorithmAssociation", 1000, _MEMBERSHIP),
    Quota(
        PENDING_SYNTHETIC_ML_INPUT_CHANNELS,
        "MLInputChannel",
        2,
        in_flight=True,
        weigh=lambda record: float(is_synthetic(record)),
    ),
    Quota(ACTIVE_ML_INPUT_CHANNELS, "MLInputChannel", 100, _MEMBERSHIP),
    Quota(PENDING_TRAINING_JOBS_OF_MEMBERSHIP, "TrainedModel", 5, _MEMBERSHIP, in_flight=True),
    Quota(PENDING_TRAINING_JOBS_OF_ACCOUNT, "TrainedModel", 10, in_flight=True),
    Quota(TRAINED_MODEL_VERSIONS, "TrainedModel", 100, "trainedModelArn"),
    Quota(TRAINING_INSTANCES, "TrainedModel", 10, in_flight=True, weigh=_instances),
    *(
        Quota(
            training_instances(name),
            "TrainedModel",
            _TRAINING_INSTANCES_OF_TYPE.get(name, 0),
            in_flight=True,
            weigh=_instances_of(name),
        )
        for name in service_model(CLEAN_ROOMS_ML).enum("InstanceType")
    ),
    Quota(PENDING_INFERENCE_JOBS_OF_MEMBERSHIP, "TrainedModelInferenceJob", 5, _MEMBERSHIP, in_flight=True),
    Quota(PENDING_INFERENCE_JOBS_OF_ACCOUNT, "TrainedModelInferenceJob", 10, in_flight=True),
    Quota(ANALYSIS_TEMPLATES, "AnalysisTemplate", 25, _MEMBERSHIP),
    Quota(COLLABORATIONS, "Collaboration", 10),
    Quota(MEMBERSHIPS, "Membership", 100),
    Quota(CONFIGURED_TABLES, "ConfiguredTable", 250),
    Quota(ID_MAPPING_TABLES, "IdMappingTable", 5, _MEMBERSHIP),
    Quota(ID_NAMESPACE_ASSOCIATIONS, "IdNamespaceAssociation", 10, _MEMBERSHIP),
    Quota(CONCURRENT_QUERIES, "ProtectedQuery", 5, _MEMBERSHIP, in_flight=True),
    Quota(CONCURRENT_JOBS, "ProtectedJob", 1, _MEMBERSHIP, in_flight=True),
)


def exceeded(world: World, new: Record) -> tuple[Quota, float] | None:
    """The quota, with its value, that a new record would exceed. The record is not in the world yet."""
    others = list(world.of_kind(new.kind))
    for quota in QUOTAS:
        weight = quota.weigh(new) if quota.kind == new.kind else 0
        if not weight:
            continue
        value = world.options.quotas.get(quota.name, quota.value)
        if weight + sum(quota.weigh(other) for other in others if _counts(world, quota, other, new)) > value:
            return quota, value
    return None


def _counts(world: World, quota: Quota, record: Record, new: Record) -> bool:
    status = record.status(world.now())
    # What failed or expired holds nothing.
    if status not in CREATING if quota.in_flight else status in {"INACTIVE", "CREATE_FAILED"}:
        return False
    if quota.per:
        return bool(record.data.get(quota.per) == new.data.get(quota.per))
    # A job on another account's model is in both accounts, and counts for the one that started it.
    started_by = record.data.get("startedBy", record.account)
    return record.account == new.account and bool(record.account == started_by)
