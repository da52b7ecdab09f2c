"""An audience generation job: people who are like those of a seed."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    AudienceGenerationJob,
    AudienceModel,
    ConfiguredAudienceModel,
    SeedAudience,
    SharedAudienceMetrics,
    Wait,
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
    # Without it, there is no recall to look at.
    shared_audience_metrics=SharedAudienceMetrics.ALL,
)
seeds = s3.Bucket.from_bucket_name(stack, "Seeds", "shop-seeds")
job = AudienceGenerationJob(
    stack,
    "Job",
    configured_audience_model=configured,
    seed_audience=SeedAudience.from_bucket(seeds, "november/seed.jsonl"),
    # Another value starts a new job.
    run_id="2026-11",
    minimum_recall=0.2,
    wait=Wait.until_active(cdk.Duration.hours(10)),
)

cdk.CfnOutput(stack, "Recall", value=cdk.Token.as_string(job.recall))
app.synth()
