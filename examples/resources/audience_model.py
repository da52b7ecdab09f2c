"""An audience model, trained for up to a day on a training dataset."""

from __future__ import annotations

from datetime import UTC, datetime

import aws_cdk as cdk
from aws_cdk import aws_kms as kms

from cdk_cleanrooms_ml import (
    AudienceModel,
    TrainingDataset,
    Wait,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

dataset = TrainingDataset.from_training_dataset_arn(
    stack,
    "Dataset",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:training-dataset/11111111-2222-4333-8444-555555555555",
)
model = AudienceModel(
    stack,
    "Model",
    training_dataset=dataset,
    training_data_start=datetime(2026, 1, 1, tzinfo=UTC),
    training_data_end=datetime(2026, 6, 30, tzinfo=UTC),
    encryption_key=kms.Key(stack, "Key", enable_key_rotation=True),
    # Another value trains a new model.
    run_id="2026-07",
    wait=Wait.until_active(cdk.Duration.hours(25)),
)

cdk.CfnOutput(stack, "Status", value=model.status)
app.synth()
