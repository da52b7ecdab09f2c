"""What of a custom model's work may leave the collaboration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ._values import OneOf, expect


class NoiseLevel(OneOf):
    """How much noise metrics get. With any noise they are published at the end of a job only."""

    HIGH: ClassVar[NoiseLevel]
    MEDIUM: ClassVar[NoiseLevel]
    LOW: ClassVar[NoiseLevel]
    NONE: ClassVar[NoiseLevel]


NoiseLevel.HIGH = NoiseLevel("HIGH")
NoiseLevel.MEDIUM = NoiseLevel("MEDIUM")
NoiseLevel.LOW = NoiseLevel("LOW")
NoiseLevel.NONE = NoiseLevel("NONE")


class LogType(OneOf):
    """Which logs a member gets."""

    ALL: ClassVar[LogType]
    ERROR_SUMMARY: ClassVar[LogType]


LogType.ALL = LogType("ALL")
LogType.ERROR_SUMMARY = LogType("ERROR_SUMMARY")


class EntityToRedact(OneOf):
    """What is taken out of logs."""

    ALL_PERSONALLY_IDENTIFIABLE_INFORMATION: ClassVar[EntityToRedact]
    NUMBERS: ClassVar[EntityToRedact]
    CUSTOM: ClassVar[EntityToRedact]


EntityToRedact.ALL_PERSONALLY_IDENTIFIABLE_INFORMATION = EntityToRedact("ALL_PERSONALLY_IDENTIFIABLE_INFORMATION")
EntityToRedact.NUMBERS = EntityToRedact("NUMBERS")
EntityToRedact.CUSTOM = EntityToRedact("CUSTOM")


class TrainedModelExportFileType(OneOf):
    """Which files of a trained model may be exported."""

    MODEL: ClassVar[TrainedModelExportFileType]
    OUTPUT: ClassVar[TrainedModelExportFileType]


TrainedModelExportFileType.MODEL = TrainedModelExportFileType("MODEL")
TrainedModelExportFileType.OUTPUT = TrainedModelExportFileType("OUTPUT")


@dataclass(frozen=True, kw_only=True)
class ContainerLogs:
    """Logs that go to some members.

    Attributes:
        allowed_accounts: The members, 1 to 5.
        filter_pattern: Which lines, as CloudWatch Logs writes patterns. Default: all.
        log_type: All of the logs, or a summary of errors. Default: the service's.
        entities_to_redact: What is taken out of them. Default: nothing.
        custom_data_identifiers: Expressions for what is taken out with ``CUSTOM``, 1 to 10. Default: none.
    """

    allowed_accounts: Sequence[str]
    filter_pattern: str | None = None
    log_type: LogType | None = None
    entities_to_redact: Sequence[EntityToRedact] = ()
    custom_data_identifiers: Sequence[str] = ()

    def _render(self) -> dict[str, Any]:
        own = {"customDataIdentifiers": list(self.custom_data_identifiers)} if self.custom_data_identifiers else None
        redacted = [each.value for each in self.entities_to_redact]
        return {
            "allowedAccountIds": list(self.allowed_accounts),
            "filterPattern": self.filter_pattern,
            "logType": self.log_type.value if self.log_type else None,
            "logRedactionConfiguration": {"entitiesToRedact": redacted, "customEntityConfig": own}
            if redacted or own
            else None,
        }


@dataclass(frozen=True, kw_only=True)
class TrainedModelsPolicy:
    """What of a training may leave the collaboration.

    Attributes:
        container_logs: Logs, for up to 5 groups of members. Default: none.
        noise_level: The noise of metrics. Default: no metrics.
        max_artifact_size_gb: The most that a model may hold, 0.01 to 10 GB: CloudFormation's limit; the API's is
            100. Default: the service's.
    """

    container_logs: Sequence[ContainerLogs] = ()
    noise_level: NoiseLevel | None = None
    max_artifact_size_gb: float | None = None

    def _render(self) -> dict[str, Any]:
        return {
            "containerLogs": [each._render() for each in self.container_logs] or None,
            "containerMetrics": {"noiseLevel": self.noise_level.value} if self.noise_level else None,
            "maxArtifactSize": _gigabytes(self.max_artifact_size_gb),
        }


@dataclass(frozen=True, kw_only=True)
class TrainedModelExportsPolicy:
    """What of a trained model may be exported.

    Attributes:
        max_size_gb: The most that an export may hold, 0.01 to 10 GB: CloudFormation's limit; the API's is 50.
        files_to_export: Which files.
    """

    max_size_gb: float
    files_to_export: Sequence[TrainedModelExportFileType]

    def _render(self) -> dict[str, Any]:
        return {
            "maxSize": _gigabytes(self.max_size_gb),
            "filesToExport": [each.value for each in self.files_to_export],
        }


@dataclass(frozen=True, kw_only=True)
class TrainedModelInferenceJobsPolicy:
    """What of an inference job may leave the collaboration.

    Attributes:
        container_logs: Logs, for up to 5 groups of members. Default: none.
        max_output_size_gb: The most that a job may write, 0.01 to 50 GB: CloudFormation's limit; the API's is
            100. Default: the service's.
    """

    container_logs: Sequence[ContainerLogs] = ()
    max_output_size_gb: float | None = None

    def _render(self) -> dict[str, Any]:
        return {
            "containerLogs": [each._render() for each in self.container_logs] or None,
            "maxOutputSize": _gigabytes(self.max_output_size_gb),
        }


@dataclass(frozen=True, kw_only=True)
class PrivacyConfiguration:
    """What of a custom model's work may leave the collaboration. What is not said may not.

    Attributes:
        trained_models: Of trainings. Default: neither logs nor metrics.
        trained_model_exports: Of trained models. Default: no exports.
        trained_model_inference_jobs: Of inference jobs. Default: no logs.
    """

    trained_models: TrainedModelsPolicy | None = None
    trained_model_exports: TrainedModelExportsPolicy | None = None
    trained_model_inference_jobs: TrainedModelInferenceJobsPolicy | None = None

    def __post_init__(self) -> None:
        expect("trained_models", self.trained_models, TrainedModelsPolicy, "TrainedModelsPolicy")
        expect("trained_model_exports", self.trained_model_exports, TrainedModelExportsPolicy, "its own kind")
        jobs = self.trained_model_inference_jobs
        expect("trained_model_inference_jobs", jobs, TrainedModelInferenceJobsPolicy, "its own kind")

    def _render(self) -> dict[str, Any]:
        parts = {
            "trainedModels": self.trained_models,
            "trainedModelExports": self.trained_model_exports,
            "trainedModelInferenceJobs": self.trained_model_inference_jobs,
        }
        return {"policies": {name: part._render() for name, part in parts.items() if part is not None}}


def _gigabytes(size: float | None) -> dict[str, Any] | None:
    return None if size is None else {"unit": "GB", "value": size}
