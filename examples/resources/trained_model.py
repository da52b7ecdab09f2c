"""A trained model: a custom model, trained on the data of channels."""

from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithmAssociation,
    Membership,
    MLInputChannel,
    ModelTrainingDataChannel,
    TrainedModel,
    TrainingInstanceType,
    Wait,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

algorithm = ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
    stack,
    "Algorithm",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/11111111-2222-4333-8444-555555555555"
    "/configured-model-algorithm-association/22222222-2222-4333-8444-555555555555",
)
channel = MLInputChannel.from_ml_input_channel_arn(
    stack,
    "Channel",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/11111111-2222-4333-8444-555555555555"
    "/ml-input-channel/33333333-2222-4333-8444-555555555555",
)
model = TrainedModel(
    stack,
    "Model",
    membership=Membership.from_membership_id(stack, "Membership", "11111111-2222-4333-8444-555555555555"),
    algorithm_association=algorithm,
    data_channels=[ModelTrainingDataChannel(channel_name="train", channel=channel)],
    instance_type=TrainingInstanceType.ML_M5_4XLARGE,
    volume=cdk.Size.gibibytes(30),
    max_runtime=cdk.Duration.hours(2),
    hyperparameters={"depth": "6"},
    # Another value trains again.
    run_id="2026-11",
    wait=Wait.until_active(cdk.Duration.hours(3)),
)

cdk.CfnOutput(stack, "Status", value=model.status)
app.synth()
