"""One ML input channel."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from cdk_cleanrooms_ml import ConfiguredModelAlgorithmAssociation, Membership, MLInputChannel, ProtectedQuery

MEMBERSHIP = "a1b2c3d4-0000-4000-8000-000000000001"
ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:123456789012:membership/{MEMBERSHIP}/configured-model-algorithm-association/one"
)

app = cdk.App()
stack = cdk.Stack(app, "Stack")
MLInputChannel(
    stack,
    "Channel",
    membership=Membership.from_membership_id(stack, "Membership", MEMBERSHIP),
    algorithm_association=ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
        stack, "Algorithm", ASSOCIATION
    ),
    query=ProtectedQuery.sql("SELECT a FROM b"),
    retention=cdk.Duration.days(30),
    role=iam.Role.from_role_name(stack, "Role", "query"),
)
app.synth()
