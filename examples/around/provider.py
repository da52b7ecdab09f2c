"""The provider of a stack: in a VPC, encrypted, and reporting what fails."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from cdk_cleanrooms_ml import CleanRoomsMLProvider, Membership, MLConfiguration

app = cdk.App()
stack = cdk.Stack(app, "Example")

key = kms.Key(stack, "Key", enable_key_rotation=True)
topic = sns.Topic(stack, "Failures", master_key=key)
# Before the first construct of the stack, which would otherwise create one with the defaults.
provider = CleanRoomsMLProvider(
    stack,
    "Provider",
    vpc=ec2.Vpc.from_vpc_attributes(
        stack,
        "Network",
        vpc_id="vpc-0a1b2c3d",
        availability_zones=["us-east-1a", "us-east-1b"],
        private_subnet_ids=["subnet-0a", "subnet-0b"],
    ),
    environment_encryption=key,
    log_encryption=key,
    log_retention=logs.RetentionDays.THREE_MONTHS,
    # Where a Region has no newer one.
    runtime=lambda_.Runtime.PYTHON_3_13,
)
provider.on_failure("Failed", target=targets.SnsTopic(topic))
provider.add_alarms(topic)
MLConfiguration(
    stack,
    "Configuration",
    membership=Membership.from_membership_id(stack, "Membership", "11111111-2222-4333-8444-555555555555"),
    output_bucket=s3.Bucket.from_bucket_name(stack, "Results", "clean-rooms-results"),
)
app.synth()
