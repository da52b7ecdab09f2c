"""A trained model export job: writes a trained model to the output of the ML configuration."""

from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml import (
    Membership,
    TrainedModel,
    TrainedModelExportJob,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

model = TrainedModel.from_trained_model_arn(
    stack,
    "Model",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/11111111-2222-4333-8444-555555555555"
    "/trained-model/33333333-2222-4333-8444-555555555555",
)
export = TrainedModelExportJob(
    stack,
    "Export",
    membership=Membership.from_membership_id(stack, "Membership", "11111111-2222-4333-8444-555555555555"),
    trained_model=model,
    # Another value exports again.
    run_id="2026-11",
)

cdk.CfnOutput(stack, "Status", value=export.status)
app.synth()
