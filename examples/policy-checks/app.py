#!/usr/bin/env python3
"""An example: one input channel under an organization's policy and two packs of cdk-nag.

``cdk synth`` needs no account. It fails as soon as the channel breaks the policy: try ``retention=Duration.days(30)``.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks
from constructs import Construct

from cdk_cleanrooms_ml import (
    CleanRoomsMLChecks,
    CleanRoomsMLProvider,
    ConfiguredModelAlgorithmAssociation,
    Membership,
    MLInputChannel,
    ProtectedQuery,
    WorkerCompute,
    WorkerType,
)

REGION, ACCOUNT = "us-east-1", "111122223333"
MEMBERSHIP = "78402c74-292f-5def-8ff9-64821c3e523a"
MEMBERSHIP_ARN = f"arn:aws:cleanrooms:{REGION}:{ACCOUNT}:membership/{MEMBERSHIP}"
TEMPLATE_ARN = f"{MEMBERSHIP_ARN}/analysistemplate/28472b04-de3a-5c7b-a9c2-cda796f06be5"
ALGORITHM_ARN = (
    f"arn:aws:cleanrooms-ml:{REGION}:{ACCOUNT}:membership/{MEMBERSHIP}/"
    "configured-model-algorithm-association/28472b04-de3a-5c7b-a9c2-cda796f06be5"
)


class TrainingData(cdk.Stack):
    """Data for a model: kept for two weeks, encrypted with a customer managed key, by an approved template."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        key = kms.Key(self, "Key", enable_key_rotation=True)
        network = ec2.Vpc.from_vpc_attributes(
            self,
            "Network",
            vpc_id="vpc-0a1b2c3d",
            availability_zones=[f"{REGION}a", f"{REGION}b"],
            private_subnet_ids=["subnet-0a", "subnet-0b"],
        )
        # Created before the first construct, to configure it.
        provider = CleanRoomsMLProvider(
            self,
            "Provider",
            vpc=network,
            environment_encryption=key,
            log_encryption=key,
            reserved_concurrent_executions=20,
            dead_letter_queue=sqs.Queue(self, "Failures", encryption_master_key=key, enforce_ssl=True),
        )
        role = iam.Role(self, "QueryRole", assumed_by=iam.ServicePrincipal("cleanrooms-ml.amazonaws.com"))
        role.add_managed_policy(iam.ManagedPolicy.from_managed_policy_arn(self, "Queries", query_policy_arn()))
        self.channel = MLInputChannel(
            self,
            "Channel",
            membership=Membership.from_membership_id(self, "Membership", MEMBERSHIP),
            algorithm_association=ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
                self, "Algorithm", ALGORITHM_ARN
            ),
            query=ProtectedQuery.analysis_template(TEMPLATE_ARN),
            compute=WorkerCompute(type=WorkerType.CR_1X, number=16),
            retention=cdk.Duration.days(14),
            encryption_key=key,
            role=role,
        )
        acknowledge(provider)


def query_policy_arn() -> str:
    """A policy of another team: the permissions to run queries of the membership."""
    return f"arn:aws:iam::{ACCOUNT}:policy/clean-rooms-queries"


ACCEPTED = {
    "NIST.800.53.R5::NIST.800.53.R5-IAMNoInlinePolicy": "The policy is created and deleted with its role.",
}
_OURS = "<AWS::Region>:<AWS::AccountId>"
WILDCARDS = {
    "*": "Lists, log delivery and X-Ray: AWS knows no resource for these actions.",
    f"arn:<AWS::Partition>:cleanrooms:{_OURS}:membership/*": "One function serves all memberships of the account.",
    f"arn:<AWS::Partition>:cleanrooms:{_OURS}:membership/*/configuredaudiencemodelassociation/*": (
        "Clean Rooms makes up these ids."
    ),
    "arn:<AWS::Partition>:cleanrooms:<AWS::Region>:*:collaboration/*": "Others' collaborations, which it is in.",
    "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/cleanrooms-ml/<AWS::StackName>/*": "The roles of this stack.",
    f"arn:<AWS::Partition>:states:{_OURS}:execution:<CleanRoomsMLMachine.Name>:*": "Its state machine's executions.",
    **{
        f"arn:<AWS::Partition>:cleanrooms-ml:{where}": "The service makes up these ids."
        for where in (
            f"{_OURS}:audience-generation-job/*",
            f"{_OURS}:audience-model/*",
            f"{_OURS}:configured-audience-model/*",
            f"{_OURS}:membership/*/ml-input-channel/*",
            f"{_OURS}:membership/*/trained-model/*",
            f"{_OURS}:membership/*/trained-model-inference-job/*",
            "<AWS::Region>:*:membership/*/configured-model-algorithm-association/*",
        )
    },
}


def acknowledge(provider: CleanRoomsMLProvider) -> None:
    """Acknowledges the accepted findings, each with its reason; the reasons stay in the report."""
    reasons = {
        **ACCEPTED,
        **{f"AwsSolutions::AwsSolutions-IAM5[Resource::{arn}]": reason for arn, reason in WILDCARDS.items()},
    }
    cdk.Validations.of(provider).acknowledge(
        *(cdk.Acknowledgment(id=id, reason=reason) for id, reason in reasons.items())
    )


app = cdk.App()
TrainingData(app, "PolicyChecks")
cdk.Tags.of(app).add("owner", "data-science")
cdk.Validations.of(app).add_plugins(
    CleanRoomsMLChecks(
        max_retention=cdk.Duration.days(14),
        required_tags=["owner"],
        require_encryption_key=True,
        require_analysis_template=True,
        max_workers=32,
    ),
    AwsSolutionsChecks(app),
    NIST80053R5Checks(app),
)
app.synth()
