"""A statement in the resource policy of a configured audience model: another account may start jobs with it."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from cdk_cleanrooms_ml import (
    ConfiguredAudienceModel,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

model = ConfiguredAudienceModel.from_configured_audience_model_arn(
    stack,
    "Model",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:configured-audience-model/11111111-2222-4333-8444-555555555555",
)
# Beside the statements of others; a ConfiguredAudienceModelPolicy is created for it.
model.add_to_resource_policy(
    iam.PolicyStatement(
        actions=["cleanrooms-ml:StartAudienceGenerationJob"],
        principals=[iam.AccountPrincipal("444455556666")],
        # Jobs of one collaboration only.
        conditions={"StringEquals": {"cleanrooms-ml:CollaborationId": "11111111-2222-4333-8444-555555555555"}},
    )
)

app.synth()
