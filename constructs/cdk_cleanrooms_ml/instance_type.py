"""The machines that train custom models and apply them."""

from __future__ import annotations

from typing import ClassVar

from ._values import OneOf


class TrainingInstanceType(OneOf):
    """A type of machine for training; ``of`` takes every other one.

    The default quota of an account is 0 for most of them, and 3 for ``ml.m5.2xlarge``, ``ml.m5.4xlarge`` and
    ``ml.m5.12xlarge``.
    """

    ML_M5_2XLARGE: ClassVar[TrainingInstanceType]
    ML_M5_4XLARGE: ClassVar[TrainingInstanceType]
    ML_M5_12XLARGE: ClassVar[TrainingInstanceType]
    ML_M5_24XLARGE: ClassVar[TrainingInstanceType]
    ML_C5_4XLARGE: ClassVar[TrainingInstanceType]
    ML_C5_18XLARGE: ClassVar[TrainingInstanceType]
    ML_R5_4XLARGE: ClassVar[TrainingInstanceType]
    ML_G5_2XLARGE: ClassVar[TrainingInstanceType]
    ML_G5_12XLARGE: ClassVar[TrainingInstanceType]
    ML_G5_48XLARGE: ClassVar[TrainingInstanceType]
    ML_P4D_24XLARGE: ClassVar[TrainingInstanceType]
    ML_P5_48XLARGE: ClassVar[TrainingInstanceType]


TrainingInstanceType.ML_M5_2XLARGE = TrainingInstanceType("ml.m5.2xlarge")
TrainingInstanceType.ML_M5_4XLARGE = TrainingInstanceType("ml.m5.4xlarge")
TrainingInstanceType.ML_M5_12XLARGE = TrainingInstanceType("ml.m5.12xlarge")
TrainingInstanceType.ML_M5_24XLARGE = TrainingInstanceType("ml.m5.24xlarge")
TrainingInstanceType.ML_C5_4XLARGE = TrainingInstanceType("ml.c5.4xlarge")
TrainingInstanceType.ML_C5_18XLARGE = TrainingInstanceType("ml.c5.18xlarge")
TrainingInstanceType.ML_R5_4XLARGE = TrainingInstanceType("ml.r5.4xlarge")
TrainingInstanceType.ML_G5_2XLARGE = TrainingInstanceType("ml.g5.2xlarge")
TrainingInstanceType.ML_G5_12XLARGE = TrainingInstanceType("ml.g5.12xlarge")
TrainingInstanceType.ML_G5_48XLARGE = TrainingInstanceType("ml.g5.48xlarge")
TrainingInstanceType.ML_P4D_24XLARGE = TrainingInstanceType("ml.p4d.24xlarge")
TrainingInstanceType.ML_P5_48XLARGE = TrainingInstanceType("ml.p5.48xlarge")


class InferenceInstanceType(OneOf):
    """A type of machine for inference; ``of`` takes every other one."""

    ML_M5_XLARGE: ClassVar[InferenceInstanceType]
    ML_M5_2XLARGE: ClassVar[InferenceInstanceType]
    ML_M5_4XLARGE: ClassVar[InferenceInstanceType]
    ML_M5_12XLARGE: ClassVar[InferenceInstanceType]
    ML_C5_4XLARGE: ClassVar[InferenceInstanceType]
    ML_G4DN_XLARGE: ClassVar[InferenceInstanceType]
    ML_G5_2XLARGE: ClassVar[InferenceInstanceType]
    ML_G5_12XLARGE: ClassVar[InferenceInstanceType]


InferenceInstanceType.ML_M5_XLARGE = InferenceInstanceType("ml.m5.xlarge")
InferenceInstanceType.ML_M5_2XLARGE = InferenceInstanceType("ml.m5.2xlarge")
InferenceInstanceType.ML_M5_4XLARGE = InferenceInstanceType("ml.m5.4xlarge")
InferenceInstanceType.ML_M5_12XLARGE = InferenceInstanceType("ml.m5.12xlarge")
InferenceInstanceType.ML_C5_4XLARGE = InferenceInstanceType("ml.c5.4xlarge")
InferenceInstanceType.ML_G4DN_XLARGE = InferenceInstanceType("ml.g4dn.xlarge")
InferenceInstanceType.ML_G5_2XLARGE = InferenceInstanceType("ml.g5.2xlarge")
InferenceInstanceType.ML_G5_12XLARGE = InferenceInstanceType("ml.g5.12xlarge")
