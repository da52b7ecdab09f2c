"""A membership's ML configuration: where results, metrics and logs of custom models go."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    Membership,
    MLConfiguration,
)

app = cdk.App()
stack = cdk.Stack(app, "Example")

MLConfiguration(
    stack,
    "Configuration",
    membership=Membership.from_membership_id(stack, "Membership", "11111111-2222-4333-8444-555555555555"),
    output_bucket=s3.Bucket(stack, "Results", enforce_ssl=True),
    output_prefix="results/",
)

app.synth()
