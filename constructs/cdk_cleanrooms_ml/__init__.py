"""AWS CDK constructs for AWS Clean Rooms ML."""

from __future__ import annotations

from ._provider import CleanRoomsMLProvider
from .audience_export_job import AudienceExportJob, AudienceExportJobOptions
from .audience_generation_job import (
    AudienceGenerationJob,
    AudienceGenerationJobGrants,
    AudienceGenerationJobOptions,
    IAudienceGenerationJob,
)
from .audience_model import AudienceModel, AudienceModelGrants, IAudienceModel
from .audience_sizes import AudienceSize, AudienceSizes
from .checks import CleanRoomsMLChecks
from .configured_audience_model import (
    ConfiguredAudienceModel,
    ConfiguredAudienceModelGrants,
    ConfiguredAudienceModelOptions,
    IConfiguredAudienceModel,
    SharedAudienceMetrics,
    TagOnCreatePolicy,
)
from .configured_audience_model_policy import ConfiguredAudienceModelPolicy
from .configured_model_algorithm_association import (
    ConfiguredModelAlgorithmAssociation,
    IConfiguredModelAlgorithmAssociation,
)
from .membership import IMembership, Membership
from .ml_input_channel import IMLInputChannel, MLInputChannel, MLInputChannelGrants
from .protected_query import ProtectedQuery, ResultFormat, WorkerCompute, WorkerType
from .seed_audience import SeedAudience
from .training_dataset import ColumnSchema, ColumnType, ITrainingDataset, TrainingDataset
from .wait import Wait

__all__ = [
    "AudienceExportJob",
    "AudienceExportJobOptions",
    "AudienceGenerationJob",
    "AudienceGenerationJobGrants",
    "AudienceGenerationJobOptions",
    "AudienceModel",
    "AudienceModelGrants",
    "AudienceSize",
    "AudienceSizes",
    "CleanRoomsMLChecks",
    "CleanRoomsMLProvider",
    "ColumnSchema",
    "ColumnType",
    "ConfiguredAudienceModel",
    "ConfiguredAudienceModelGrants",
    "ConfiguredAudienceModelOptions",
    "ConfiguredAudienceModelPolicy",
    "ConfiguredModelAlgorithmAssociation",
    "IAudienceGenerationJob",
    "IAudienceModel",
    "IConfiguredAudienceModel",
    "IConfiguredModelAlgorithmAssociation",
    "IMLInputChannel",
    "IMembership",
    "ITrainingDataset",
    "MLInputChannel",
    "MLInputChannelGrants",
    "Membership",
    "ProtectedQuery",
    "ResultFormat",
    "SeedAudience",
    "SharedAudienceMetrics",
    "TagOnCreatePolicy",
    "TrainingDataset",
    "Wait",
    "WorkerCompute",
    "WorkerType",
]
