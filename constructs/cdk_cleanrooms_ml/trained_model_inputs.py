"""What a custom model is trained with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from aws_cdk import Duration, Size, SizeRoundingBehavior

from ._validation import is_token
from ._values import OneOf, expect, form_of
from .ml_input_channel import IMLInputChannel

if TYPE_CHECKING:
    from .trained_model import ITrainedModel


class S3DataDistributionType(OneOf):
    """Which part of a channel each instance gets."""

    FULLY_REPLICATED: ClassVar[S3DataDistributionType]
    SHARDED_BY_S3_KEY: ClassVar[S3DataDistributionType]


S3DataDistributionType.FULLY_REPLICATED = S3DataDistributionType("FullyReplicated")
S3DataDistributionType.SHARDED_BY_S3_KEY = S3DataDistributionType("ShardedByS3Key")


class TrainingInputMode(OneOf):
    """How the data reaches the container."""

    FILE: ClassVar[TrainingInputMode]
    FAST_FILE: ClassVar[TrainingInputMode]
    PIPE: ClassVar[TrainingInputMode]


TrainingInputMode.FILE = TrainingInputMode("File")
TrainingInputMode.FAST_FILE = TrainingInputMode("FastFile")
TrainingInputMode.PIPE = TrainingInputMode("Pipe")


@dataclass(frozen=True, kw_only=True)
class ModelTrainingDataChannel:
    """Data for a training, under the name by which the algorithm knows it.

    Attributes:
        channel_name: The name, 1 to 64 letters, digits, dots, hyphens and underscores.
        channel: The ML input channel.
        s3_data_distribution_type: Which part of it each instance gets. Default: the service's, all of it.
    """

    channel_name: str
    channel: IMLInputChannel
    s3_data_distribution_type: S3DataDistributionType | None = None

    def __post_init__(self) -> None:
        what = "a channel. Pass MLInputChannel.from_ml_input_channel_arn(...)"
        expect("ModelTrainingDataChannel: channel", self.channel, IMLInputChannel, what)
        kind = self.s3_data_distribution_type
        expect("ModelTrainingDataChannel: s3_data_distribution_type", kind, S3DataDistributionType, "its own kind")

    def _render(self) -> dict[str, Any]:
        kind = self.s3_data_distribution_type
        return {
            "mlInputChannelArn": self.channel.ml_input_channel_arn,
            "channelName": self.channel_name,
            "s3DataDistributionType": kind.value if kind else None,
        }


@dataclass(frozen=True, kw_only=True)
class IncrementalTrainingDataChannel:
    """An earlier version of a model, from which a training goes on.

    Attributes:
        channel_name: The name by which the algorithm knows it.
        trained_model: The version. One without a version means the latest version when the training is created; the
            request to the service names it.
    """

    channel_name: str
    trained_model: ITrainedModel

    def __post_init__(self) -> None:
        if not hasattr(self.trained_model, "trained_model_arn"):
            raise ValueError(
                f"IncrementalTrainingDataChannel: trained_model is {form_of(self.trained_model)}; allowed is "
                "a model. Pass TrainedModel.from_trained_model_arn(...)"
            )

    def _render(self) -> dict[str, Any]:
        return {
            "trainedModelArn": self.trained_model.trained_model_arn,
            "versionIdentifier": self.trained_model.version_identifier,
            "channelName": self.channel_name,
        }


def whole_seconds(keyword: str, duration: Duration | None) -> int | None:
    """A duration in seconds.

    Raises:
        ValueError: It is a token, or not a whole number of seconds.
    """
    expect(keyword, duration, Duration, "Duration. Pass Duration.hours(...)")
    if duration is None:
        return None
    if duration.is_unresolved():
        raise ValueError(f"{keyword} is a token; it has to be known at synth. Pass Duration.hours(...)")
    return _whole(keyword, duration.to_seconds(integral=False), "seconds")


def whole_gigabytes(keyword: str, size: Size) -> int:
    """A size in gigabytes, as machines have them: of 1,024 megabytes.

    Raises:
        ValueError: It is a token, or not a whole number of gigabytes.
    """
    expect(keyword, size, Size, "Size. Pass Size.gibibytes(...)")
    if size.is_unresolved():
        raise ValueError(f"{keyword} is a token; it has to be known at synth. Pass Size.gibibytes(...)")
    return _whole(keyword, size.to_gibibytes(rounding=SizeRoundingBehavior.NONE), "GiB")


def whole_megabytes(keyword: str, size: Size) -> int:
    """A size in megabytes.

    Raises:
        ValueError: It is a token, or not a whole number of megabytes.
    """
    expect(keyword, size, Size, "Size. Pass Size.mebibytes(...)")
    if size.is_unresolved():
        raise ValueError(f"{keyword} is a token; it has to be known at synth. Pass Size.mebibytes(...)")
    return _whole(keyword, size.to_mebibytes(rounding=SizeRoundingBehavior.NONE), "MiB")


def _whole(keyword: str, number: float, unit: str) -> int:
    if is_token(number) or int(number) != number:
        raise ValueError(f"{keyword} is {number:g} {unit}; allowed are whole {unit}")
    return int(number)
