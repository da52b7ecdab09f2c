"""AWS CDK constructs for AWS Clean Rooms ML."""

from __future__ import annotations

from ._provider import CleanRoomsMLProvider
from .analysis_rule import AnalysisRule, AssociationAnalysisRule
from .analysis_template import AnalysisParameter, AnalysisTemplate, IAnalysisTemplate, ParameterType
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
from .collaboration import (
    AnalyticsEngine,
    AutoApprovedChangeType,
    Collaboration,
    CustomMLMemberAbility,
    DataEncryptionMetadata,
    ICollaboration,
    MemberAbility,
    MemberSpecification,
)
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
from .configured_model_algorithm import (
    ConfiguredModelAlgorithm,
    ContainerConfig,
    IConfiguredModelAlgorithm,
    InferenceContainerConfig,
    MetricDefinition,
)
from .configured_model_algorithm_association import (
    ConfiguredModelAlgorithmAssociation,
    ConfiguredModelAlgorithmAssociationOptions,
    IConfiguredModelAlgorithmAssociation,
)
from .configured_table import ConfiguredTable, IConfiguredTable
from .configured_table_association import ConfiguredTableAssociation
from .instance_type import InferenceInstanceType, TrainingInstanceType
from .membership import IMembership, Membership
from .ml_configuration import MLConfiguration
from .ml_input_channel import IMLInputChannel, MLInputChannel, MLInputChannelGrants
from .payment_configuration import PaymentConfiguration
from .privacy_budget_template import PrivacyBudget, PrivacyBudgetTemplate
from .privacy_configuration import (
    ContainerLogs,
    EntityToRedact,
    LogType,
    NoiseLevel,
    PrivacyConfiguration,
    TrainedModelExportFileType,
    TrainedModelExportsPolicy,
    TrainedModelInferenceJobsPolicy,
    TrainedModelsPolicy,
)
from .protected_query import ProtectedQuery, WorkerCompute, WorkerType
from .result_configuration import JobResultConfiguration, QueryResultConfiguration
from .result_format import ResultFormat
from .seed_audience import SeedAudience
from .synthetic_data import SyntheticData, SyntheticDataColumn, SyntheticDataColumnType
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
    "AnalysisParameter",
    "AnalysisRule",
    "AnalysisTemplate",
    "AnalyticsEngine",
    "AssociationAnalysisRule",
    "AudienceExportJob",
    "AudienceExportJobOptions",
    "AudienceGenerationJob",
    "AudienceGenerationJobGrants",
    "AudienceGenerationJobOptions",
    "AudienceModel",
    "AudienceModelGrants",
    "AudienceSize",
    "AudienceSizes",
    "AutoApprovedChangeType",
    "CleanRoomsMLChecks",
    "CleanRoomsMLProvider",
    "Collaboration",
    "ColumnSchema",
    "ColumnType",
    "ConfiguredAudienceModel",
    "ConfiguredAudienceModelAssociation",
    "ConfiguredAudienceModelGrants",
    "ConfiguredAudienceModelOptions",
    "ConfiguredAudienceModelPolicy",
    "ConfiguredModelAlgorithm",
    "ConfiguredModelAlgorithmAssociation",
    "ConfiguredModelAlgorithmAssociationOptions",
    "ConfiguredTable",
    "ConfiguredTableAssociation",
    "ContainerConfig",
    "ContainerLogs",
    "CustomMLMemberAbility",
    "DataEncryptionMetadata",
    "EntityToRedact",
    "IAnalysisTemplate",
    "IAudienceGenerationJob",
    "IAudienceModel",
    "ICollaboration",
    "IConfiguredAudienceModel",
    "IConfiguredAudienceModelAssociation",
    "IConfiguredModelAlgorithm",
    "IConfiguredModelAlgorithmAssociation",
    "IConfiguredTable",
    "IMLInputChannel",
    "IMembership",
    "ITrainedModel",
    "ITrainedModelInferenceJob",
    "ITrainingDataset",
    "IncrementalTrainingDataChannel",
    "InferenceContainerConfig",
    "InferenceInstanceType",
    "JobResultConfiguration",
    "LogType",
    "MLConfiguration",
    "MLInputChannel",
    "MLInputChannelGrants",
    "MemberAbility",
    "MemberSpecification",
    "Membership",
    "MetricDefinition",
    "ModelTrainingDataChannel",
    "NoiseLevel",
    "ParameterType",
    "PaymentConfiguration",
    "PrivacyBudget",
    "PrivacyBudgetTemplate",
    "PrivacyConfiguration",
    "ProtectedQuery",
    "QueryResultConfiguration",
    "ResultFormat",
    "S3DataDistributionType",
    "SeedAudience",
    "SharedAudienceMetrics",
    "SyntheticData",
    "SyntheticDataColumn",
    "SyntheticDataColumnType",
    "TagOnCreatePolicy",
    "TrainedModel",
    "TrainedModelExportFileType",
    "TrainedModelExportJob",
    "TrainedModelExportJobOptions",
    "TrainedModelExportsPolicy",
    "TrainedModelGrants",
    "TrainedModelInferenceJob",
    "TrainedModelInferenceJobGrants",
    "TrainedModelInferenceJobsPolicy",
    "TrainedModelsPolicy",
    "TrainingDataset",
    "TrainingInputMode",
    "TrainingInstanceType",
    "Wait",
    "WorkerCompute",
    "WorkerType",
]
