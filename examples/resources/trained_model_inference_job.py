"""A trained model inference job: applies a trained model to the data of a channel."""

from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithmAssociation,
    InferenceInstanceType,
    Membership,
    MLInputChannel,
    TrainedModel,
    TrainedModelInferenceJob,
    Wait,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

model = TrainedModel.from_trained_model_arn(
    stack,
    "Model",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/11111111-2222-4333-8444-555555555555"
    "/trained-model/33333333-2222-4333-8444-555555555555",
)
channel = MLInputChannel.from_ml_input_channel_arn(
    stack,
    "Channel",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/11111111-2222-4333-8444-555555555555"
    "/ml-input-channel/33333333-2222-4333-8444-555555555555",
)
algorithm = ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
    stack,
    "Algorithm",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/11111111-2222-4333-8444-555555555555"
    "/configured-model-algorithm-association/22222222-2222-4333-8444-555555555555",
)
inference = TrainedModelInferenceJob(
    stack,
    "Inference",
    membership=Membership.from_membership_id(stack, "Membership", "11111111-2222-4333-8444-555555555555"),
    trained_model=model,
    channel=channel,
    algorithm_association=algorithm,
    instance_type=InferenceInstanceType.ML_M5_XLARGE,
    max_payload=cdk.Size.mebibytes(6),
    # Another value runs again.
    run_id="2026-11",
    wait=Wait.until_active(cdk.Duration.hours(3)),
)

cdk.CfnOutput(stack, "Status", value=inference.status)
app.synth()
