#!/usr/bin/env python3
"""An example: the app that github.yml and gitlab.yml deploy, with cdk-nag and a policy at each synth."""

from __future__ import annotations

import aws_cdk as cdk
from accepted import accept_findings
from cdk_nag import AwsSolutionsChecks
from training import Platform, Training

from cdk_cleanrooms_ml import CleanRoomsMLChecks

app = cdk.App()
platform = Platform(app, "Platform")
training = Training(
    app,
    "Training",
    platform=platform,
    membership_id=app.node.get_context("membershipId"),
    algorithm_arn=app.node.get_context("algorithmArn"),
    run_id=app.node.get_context("runId"),
)
cdk.Tags.of(app).add("owner", "data-science")
cdk.Validations.of(app).add_plugins(
    CleanRoomsMLChecks(max_retention=cdk.Duration.days(14), required_tags=["owner"]), AwsSolutionsChecks(app)
)
accept_findings(app)
app.synth()
