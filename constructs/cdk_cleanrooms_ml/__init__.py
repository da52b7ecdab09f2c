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
from .configured_audience_model_association import (
    ConfiguredAudienceModelAssociation,
    IConfiguredAudienceModelAssociation,
)
from .configured_audience_model_policy import ConfiguredAudienceModelPolicy
from .configured_model_algorithm_association import (
    ConfiguredModelAlgorithmAssociation,
    IConfiguredModelAlgorithmAssociation,
)
from .instance_type import InferenceInstanceType, TrainingInstanceType
from .membership import IMembership, Membership
from .ml_configuration import MLConfiguration
from .ml_input_channel import IMLInputChannel, MLInputChannel, MLInputChannelGrants
from .protected_query import ProtectedQuery, ResultFormat, WorkerCompute, WorkerType
from .seed_audience import SeedAudience
from .trained_model import ITrainedModel, TrainedModel, TrainedModelGrants
from .trained_model_export_job import TrainedModelExportJob, TrainedModelExportJobOptions
from .trained_model_inference_job import (
    ITrainedModelInferenceJob,
    TrainedModelInferenceJob,
    TrainedModelInferenceJobGrants,
)
from .trained_model_inputs import (
    IncrementalTrainingDataChannel,
    ModelTrainingDataChannel,
    S3DataDistributionType,
    TrainingInputMode,
)
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
    "ConfiguredAudienceModelAssociation",
    "ConfiguredAudienceModelGrants",
    "ConfiguredAudienceModelOptions",
    "ConfiguredAudienceModelPolicy",
    "ConfiguredModelAlgorithmAssociation",
    "IAudienceGenerationJob",
    "IAudienceModel",
    "IConfiguredAudienceModel",
    "IConfiguredAudienceModelAssociation",
    "IConfiguredModelAlgorithmAssociation",
    "IMLInputChannel",
    "IMembership",
    "ITrainedModel",
    "ITrainedModelInferenceJob",
    "ITrainingDataset",
    "IncrementalTrainingDataChannel",
    "InferenceInstanceType",
    "MLConfiguration",
    "MLInputChannel",
    "MLInputChannelGrants",
    "Membership",
    "ModelTrainingDataChannel",
    "ProtectedQuery",
    "ResultFormat",
    "S3DataDistributionType",
    "SeedAudience",
    "SharedAudienceMetrics",
    "TagOnCreatePolicy",
    "TrainedModel",
    "TrainedModelExportJob",
    "TrainedModelExportJobOptions",
    "TrainedModelGrants",
    "TrainedModelInferenceJob",
    "TrainedModelInferenceJobGrants",
    "TrainingDataset",
    "TrainingInputMode",
    "TrainingInstanceType",
    "Wait",
    "WorkerCompute",
    "WorkerType",
]
