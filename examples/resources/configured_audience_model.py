"""A configured audience model: which audiences are generated, and where they are written."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    AudienceModel,
    AudienceSizes,
    ConfiguredAudienceModel,
    SharedAudienceMetrics,
    TagOnCreatePolicy,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

model = AudienceModel.from_audience_model_arn(
    stack,
    "Model",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:audience-model/11111111-2222-4333-8444-555555555555",
)
configured = ConfiguredAudienceModel(
    stack,
    "Configured",
    audience_model=model,
    output_bucket=s3.Bucket(stack, "Audiences", enforce_ssl=True),
    output_prefix="audiences/",
    audience_sizes=AudienceSizes.percentage(1, 5, 10),
    shared_audience_metrics=SharedAudienceMetrics.ALL,
    min_matching_seed_size=500,
    child_resource_tag_on_create_policy=TagOnCreatePolicy.FROM_PARENT_RESOURCE,
    tags={"purpose": "prospecting"},
)

cdk.CfnOutput(stack, "ConfiguredArn", value=configured.configured_audience_model_arn)
app.synth()
