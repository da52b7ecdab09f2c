"""AWS CDK constructs for AWS Clean Rooms ML.

A public name loads its module when it is first used: `import cdk_cleanrooms_ml` itself loads nothing of the CDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __all__: list[str]
    from ._provider import CleanRoomsMLProvider as CleanRoomsMLProvider
    from .analysis_rule import AnalysisRule as AnalysisRule
    from .analysis_rule import AssociationAnalysisRule as AssociationAnalysisRule
    from .analysis_rule_controls import AdditionalAnalyses as AdditionalAnalyses
    from .analysis_rule_controls import AggregateColumn as AggregateColumn
    from .analysis_rule_controls import AggregateExpressionType as AggregateExpressionType
    from .analysis_rule_controls import AggregateFunction as AggregateFunction
    from .analysis_rule_controls import AggregationConstraint as AggregationConstraint
    from .analysis_rule_controls import AggregationThreshold as AggregationThreshold
    from .analysis_rule_controls import ComparisonControls as ComparisonControls
    from .analysis_rule_controls import JoinOperator as JoinOperator
    from .analysis_rule_controls import ScalarFunction as ScalarFunction
    from .analysis_template import AnalysisParameter as AnalysisParameter
    from .analysis_template import AnalysisTemplate as AnalysisTemplate
    from .analysis_template import IAnalysisTemplate as IAnalysisTemplate
    from .analysis_template import ParameterType as ParameterType
    from .audience_export_job import AudienceExportJob as AudienceExportJob
    from .audience_export_job import AudienceExportJobOptions as AudienceExportJobOptions
    from .audience_generation_job import AudienceGenerationJob as AudienceGenerationJob
    from .audience_generation_job import AudienceGenerationJobGrants as AudienceGenerationJobGrants
    from .audience_generation_job import AudienceGenerationJobOptions as AudienceGenerationJobOptions
    from .audience_generation_job import IAudienceGenerationJob as IAudienceGenerationJob
    from .audience_model import AudienceModel as AudienceModel
    from .audience_model import AudienceModelGrants as AudienceModelGrants
    from .audience_model import IAudienceModel as IAudienceModel
    from .audience_settings import SharedAudienceMetrics as SharedAudienceMetrics
    from .audience_settings import TagOnCreatePolicy as TagOnCreatePolicy
    from .audience_sizes import AudienceSize as AudienceSize
    from .audience_sizes import AudienceSizes as AudienceSizes
    from .checks import CleanRoomsMLChecks as CleanRoomsMLChecks
    from .collaboration import Collaboration as Collaboration
    from .collaboration import ICollaboration as ICollaboration
    from .collaboration_members import CustomMLMemberAbility as CustomMLMemberAbility
    from .collaboration_members import MemberAbility as MemberAbility
    from .collaboration_members import MemberSpecification as MemberSpecification
    from .collaboration_settings import AnalyticsEngine as AnalyticsEngine
    from .collaboration_settings import AutoApprovedChangeType as AutoApprovedChangeType
    from .collaboration_settings import DataEncryptionMetadata as DataEncryptionMetadata
    from .configured_audience_model import ConfiguredAudienceModel as ConfiguredAudienceModel
    from .configured_audience_model import ConfiguredAudienceModelGrants as ConfiguredAudienceModelGrants
    from .configured_audience_model import ConfiguredAudienceModelOptions as ConfiguredAudienceModelOptions
    from .configured_audience_model import IConfiguredAudienceModel as IConfiguredAudienceModel
    from .configured_audience_model_association import (
        ConfiguredAudienceModelAssociation as ConfiguredAudienceModelAssociation,
    )
    from .configured_audience_model_association import (
        IConfiguredAudienceModelAssociation as IConfiguredAudienceModelAssociation,
    )
    from .configured_audience_model_policy import ConfiguredAudienceModelPolicy as ConfiguredAudienceModelPolicy
    from .configured_model_algorithm import ConfiguredModelAlgorithm as ConfiguredModelAlgorithm
    from .configured_model_algorithm import ContainerConfig as ContainerConfig
    from .configured_model_algorithm import IConfiguredModelAlgorithm as IConfiguredModelAlgorithm
    from .configured_model_algorithm import InferenceContainerConfig as InferenceContainerConfig
    from .configured_model_algorithm import MetricDefinition as MetricDefinition
    from .configured_model_algorithm_association import (
        ConfiguredModelAlgorithmAssociation as ConfiguredModelAlgorithmAssociation,
    )
    from .configured_model_algorithm_association import (
        ConfiguredModelAlgorithmAssociationOptions as ConfiguredModelAlgorithmAssociationOptions,
    )
    from .configured_model_algorithm_association import (
        IConfiguredModelAlgorithmAssociation as IConfiguredModelAlgorithmAssociation,
    )
    from .configured_table import AnalysisMethod as AnalysisMethod
    from .configured_table import ConfiguredTable as ConfiguredTable
    from .configured_table import IConfiguredTable as IConfiguredTable
    from .configured_table_association import ConfiguredTableAssociation as ConfiguredTableAssociation
    from .instance_type import InferenceInstanceType as InferenceInstanceType
    from .instance_type import TrainingInstanceType as TrainingInstanceType
    from .membership import IMembership as IMembership
    from .membership import Membership as Membership
    from .ml_configuration import MLConfiguration as MLConfiguration
    from .ml_input_channel import IMLInputChannel as IMLInputChannel
    from .ml_input_channel import MLInputChannel as MLInputChannel
    from .ml_input_channel import MLInputChannelGrants as MLInputChannelGrants
    from .payment_configuration import PaymentConfiguration as PaymentConfiguration
    from .privacy_budget_template import PrivacyBudget as PrivacyBudget
    from .privacy_budget_template import PrivacyBudgetTemplate as PrivacyBudgetTemplate
    from .privacy_configuration import ContainerLogs as ContainerLogs
    from .privacy_configuration import EntityToRedact as EntityToRedact
    from .privacy_configuration import LogType as LogType
    from .privacy_configuration import NoiseLevel as NoiseLevel
    from .privacy_configuration import PrivacyConfiguration as PrivacyConfiguration
    from .privacy_configuration import TrainedModelExportFileType as TrainedModelExportFileType
    from .privacy_configuration import TrainedModelExportsPolicy as TrainedModelExportsPolicy
    from .privacy_configuration import TrainedModelInferenceJobsPolicy as TrainedModelInferenceJobsPolicy
    from .privacy_configuration import TrainedModelsPolicy as TrainedModelsPolicy
    from .protected_query import ProtectedQuery as ProtectedQuery
    from .protected_query import WorkerCompute as WorkerCompute
    from .protected_query import WorkerType as WorkerType
    from .result_configuration import JobResultConfiguration as JobResultConfiguration
    from .result_configuration import QueryResultConfiguration as QueryResultConfiguration
    from .result_format import ResultFormat as ResultFormat
    from .seed_audience import SeedAudience as SeedAudience
    from .synthetic_data import SyntheticData as SyntheticData
    from .synthetic_data import SyntheticDataColumn as SyntheticDataColumn
    from .synthetic_data import SyntheticDataColumnType as SyntheticDataColumnType
    from .table_reference import TableReference as TableReference
    from .trained_model import ITrainedModel as ITrainedModel
    from .trained_model import TrainedModel as TrainedModel
    from .trained_model import TrainedModelGrants as TrainedModelGrants
    from .trained_model_export_job import TrainedModelExportJob as TrainedModelExportJob
    from .trained_model_export_job import TrainedModelExportJobOptions as TrainedModelExportJobOptions
    from .trained_model_inference_job import ITrainedModelInferenceJob as ITrainedModelInferenceJob
    from .trained_model_inference_job import TrainedModelInferenceJob as TrainedModelInferenceJob
    from .trained_model_inference_job import TrainedModelInferenceJobGrants as TrainedModelInferenceJobGrants
    from .trained_model_inputs import IncrementalTrainingDataChannel as IncrementalTrainingDataChannel
    from .trained_model_inputs import ModelTrainingDataChannel as ModelTrainingDataChannel
    from .trained_model_inputs import S3DataDistributionType as S3DataDistributionType
    from .trained_model_inputs import TrainingInputMode as TrainingInputMode
    from .training_dataset import ColumnSchema as ColumnSchema
    from .training_dataset import ColumnType as ColumnType
    from .training_dataset import ITrainingDataset as ITrainingDataset
    from .training_dataset import TrainingDataset as TrainingDataset
    from .wait import Wait as Wait
else:
    _MODULES = {
        "CleanRoomsMLProvider": "_provider",
        "AnalysisRule": "analysis_rule",
        "AssociationAnalysisRule": "analysis_rule",
        "AdditionalAnalyses": "analysis_rule_controls",
        "AggregateColumn": "analysis_rule_controls",
        "AggregateExpressionType": "analysis_rule_controls",
        "AggregateFunction": "analysis_rule_controls",
        "AggregationConstraint": "analysis_rule_controls",
        "AggregationThreshold": "analysis_rule_controls",
        "ComparisonControls": "analysis_rule_controls",
        "JoinOperator": "analysis_rule_controls",
        "ScalarFunction": "analysis_rule_controls",
        "AnalysisParameter": "analysis_template",
        "AnalysisTemplate": "analysis_template",
        "IAnalysisTemplate": "analysis_template",
        "ParameterType": "analysis_template",
        "AudienceExportJob": "audience_export_job",
        "AudienceExportJobOptions": "audience_export_job",
        "AudienceGenerationJob": "audience_generation_job",
        "AudienceGenerationJobGrants": "audience_generation_job",
        "AudienceGenerationJobOptions": "audience_generation_job",
        "IAudienceGenerationJob": "audience_generation_job",
        "AudienceModel": "audience_model",
        "AudienceModelGrants": "audience_model",
        "IAudienceModel": "audience_model",
        "AudienceSize": "audience_sizes",
        "AudienceSizes": "audience_sizes",
        "CleanRoomsMLChecks": "checks",
        "AnalyticsEngine": "collaboration_settings",
        "AutoApprovedChangeType": "collaboration_settings",
        "Collaboration": "collaboration",
        "CustomMLMemberAbility": "collaboration_members",
        "DataEncryptionMetadata": "collaboration_settings",
        "ICollaboration": "collaboration",
        "MemberAbility": "collaboration_members",
        "MemberSpecification": "collaboration_members",
        "ConfiguredAudienceModel": "configured_audience_model",
        "ConfiguredAudienceModelGrants": "configured_audience_model",
        "ConfiguredAudienceModelOptions": "configured_audience_model",
        "IConfiguredAudienceModel": "configured_audience_model",
        "SharedAudienceMetrics": "audience_settings",
        "TagOnCreatePolicy": "audience_settings",
        "ConfiguredAudienceModelAssociation": "configured_audience_model_association",
        "IConfiguredAudienceModelAssociation": "configured_audience_model_association",
        "ConfiguredAudienceModelPolicy": "configured_audience_model_policy",
        "ConfiguredModelAlgorithm": "configured_model_algorithm",
        "ContainerConfig": "configured_model_algorithm",
        "IConfiguredModelAlgorithm": "configured_model_algorithm",
        "InferenceContainerConfig": "configured_model_algorithm",
        "MetricDefinition": "configured_model_algorithm",
        "ConfiguredModelAlgorithmAssociation": "configured_model_algorithm_association",
        "ConfiguredModelAlgorithmAssociationOptions": "configured_model_algorithm_association",
        "IConfiguredModelAlgorithmAssociation": "configured_model_algorithm_association",
        "AnalysisMethod": "configured_table",
        "ConfiguredTable": "configured_table",
        "IConfiguredTable": "configured_table",
        "ConfiguredTableAssociation": "configured_table_association",
        "InferenceInstanceType": "instance_type",
        "TrainingInstanceType": "instance_type",
        "IMembership": "membership",
        "Membership": "membership",
        "MLConfiguration": "ml_configuration",
        "IMLInputChannel": "ml_input_channel",
        "MLInputChannel": "ml_input_channel",
        "MLInputChannelGrants": "ml_input_channel",
        "PaymentConfiguration": "payment_configuration",
        "PrivacyBudget": "privacy_budget_template",
        "PrivacyBudgetTemplate": "privacy_budget_template",
        "ContainerLogs": "privacy_configuration",
        "EntityToRedact": "privacy_configuration",
        "LogType": "privacy_configuration",
        "NoiseLevel": "privacy_configuration",
        "PrivacyConfiguration": "privacy_configuration",
        "TrainedModelExportFileType": "privacy_configuration",
        "TrainedModelExportsPolicy": "privacy_configuration",
        "TrainedModelInferenceJobsPolicy": "privacy_configuration",
        "TrainedModelsPolicy": "privacy_configuration",
        "ProtectedQuery": "protected_query",
        "WorkerCompute": "protected_query",
        "WorkerType": "protected_query",
        "JobResultConfiguration": "result_configuration",
        "QueryResultConfiguration": "result_configuration",
        "ResultFormat": "result_format",
        "SeedAudience": "seed_audience",
        "SyntheticData": "synthetic_data",
        "SyntheticDataColumn": "synthetic_data",
        "SyntheticDataColumnType": "synthetic_data",
        "TableReference": "table_reference",
        "ITrainedModel": "trained_model",
        "TrainedModel": "trained_model",
        "TrainedModelGrants": "trained_model",
        "TrainedModelExportJob": "trained_model_export_job",
        "TrainedModelExportJobOptions": "trained_model_export_job",
        "ITrainedModelInferenceJob": "trained_model_inference_job",
        "TrainedModelInferenceJob": "trained_model_inference_job",
        "TrainedModelInferenceJobGrants": "trained_model_inference_job",
        "IncrementalTrainingDataChannel": "trained_model_inputs",
        "ModelTrainingDataChannel": "trained_model_inputs",
        "S3DataDistributionType": "trained_model_inputs",
        "TrainingInputMode": "trained_model_inputs",
        "ColumnSchema": "training_dataset",
        "ColumnType": "training_dataset",
        "ITrainingDataset": "training_dataset",
        "TrainingDataset": "training_dataset",
        "Wait": "wait",
    }
    __all__ = sorted(_MODULES)

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
