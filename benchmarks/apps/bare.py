"""The same resource as a bare custom resource, behind a function that exists already."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

MEMBERSHIP = "a1b2c3d4-0000-4000-8000-000000000001"
ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:123456789012:membership/{MEMBERSHIP}/configured-model-algorithm-association/one"
)

app = cdk.App()
stack = cdk.Stack(app, "Stack")
cdk.CustomResource(
    stack,
    "Channel",
    resource_type="Custom::Channel",
    service_token="arn:aws:lambda:us-east-1:123456789012:function:channels",  # noqa: S106
    properties={
        "membershipIdentifier": MEMBERSHIP,
        "configuredModelAlgorithmAssociations": [ASSOCIATION],
        "inputChannel": {
            "dataSource": {"protectedQueryInputParameters": {"sqlParameters": {"queryString": "SELECT a FROM b"}}},
            "roleArn": iam.Role.from_role_name(stack, "Role", "query").role_arn,
        },
        "retentionInDays": 30,
    },
)
app.synth()
