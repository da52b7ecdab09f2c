"""An audience export job: writes an audience of one size to the output of its model."""

from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml import (
    AudienceExportJob,
    AudienceGenerationJob,
    AudienceSize,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

job = AudienceGenerationJob.from_audience_generation_job_arn(
    stack,
    "Job",
    "arn:aws:cleanrooms-ml:us-east-1:111122223333:audience-generation-job/11111111-2222-4333-8444-555555555555",
)
export = AudienceExportJob(
    stack,
    "Export",
    audience_generation_job=job,
    audience_size=AudienceSize.percentage(5),
    # Another value exports again.
    run_id="2026-11",
)

cdk.CfnOutput(stack, "Status", value=export.status)
app.synth()
