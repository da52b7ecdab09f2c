"""A membership with an algorithm and a channel of others, on which custom models are trained."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithmAssociation,
    InferenceInstanceType,
    Membership,
    MLInputChannel,
    ModelTrainingDataChannel,
    TrainedModel,
    TrainedModelInferenceJob,
    TrainingInstanceType,
)
from tests.synth.stacks import (
    ASSOCIATION_ARN,
    MEMBERSHIP,
    SERVICE,
    logical_id,
    new_stack,
    template_of,
)

CHANNEL_ARN = f"{SERVICE}:membership/{MEMBERSHIP}/ml-input-channel/one"
MODEL_ARN = f"{SERVICE}:membership/{MEMBERSHIP}/trained-model/one"
VERSION = "99999999-2222-4333-8444-555555555555"
NUMBER: Any = cdk.Token.as_number({"Ref": "Parameter"})


class CustomModelStack:
    """A membership with an algorithm and a channel of others."""

    def __init__(self, stack: cdk.Stack | None = None) -> None:
        self.stack = stack or new_stack()
        self.member = Membership.from_membership_id(self.stack, "Member", MEMBERSHIP)
        self.algorithm = ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
            self.stack, "Algorithm", ASSOCIATION_ARN
        )
        self.channel = MLInputChannel.from_ml_input_channel_arn(self.stack, "Theirs", CHANNEL_ARN)
        self.data = ModelTrainingDataChannel(channel_name="train", channel=self.channel)

    def model(self, id: str = "Model", **changes: Any) -> TrainedModel:
        """A trained model with only the required arguments."""
        given: dict[str, Any] = {
            "membership": self.member,
            "algorithm_association": self.algorithm,
            "data_channels": [self.data],
            "instance_type": TrainingInstanceType.ML_M5_4XLARGE,
            "volume": cdk.Size.gibibytes(50),
            **changes,
        }
        return TrainedModel(self.stack, id, **given)

    def inference(self, **changes: Any) -> TrainedModelInferenceJob:
        """An inference job with only the required arguments."""
        given: dict[str, Any] = {
            "membership": self.member,
            "trained_model": changes.pop("trained_model", None)
            or TrainedModel.from_trained_model_arn(self.stack, "TheirModel", MODEL_ARN),
            "channel": self.channel,
            "instance_type": InferenceInstanceType.ML_M5_XLARGE,
            **changes,
        }
        return TrainedModelInferenceJob(self.stack, "Inference", **given)

    def request(self, kind: str, construct: cdk.Resource) -> dict[str, Any]:
        """What was asked for."""
        properties = dict(template_of(self.stack)["Resources"][logical_id(self.stack, construct)]["Properties"])
        assert properties.pop("ServiceTimeout") == 3600
        del properties["ServiceToken"]
        return properties
