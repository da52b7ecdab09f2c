"""The same resource behind `custom_resources.Provider`, with two functions of the user's own."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import custom_resources as cr

MEMBERSHIP = "a1b2c3d4-0000-4000-8000-000000000001"
ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:123456789012:membership/{MEMBERSHIP}/configured-model-algorithm-association/one"
)
# The handlers that the deployments of these benchmarks use.
HANDLERS = Path(__file__).parents[1] / "on_sandbox" / "handlers"

app = cdk.App()
stack = cdk.Stack(app, "Stack")
code = lambda_.Code.from_asset(str(HANDLERS), exclude=["__pycache__"])
on_event, is_complete = (
    lambda_.Function(stack, name, runtime=lambda_.Runtime.PYTHON_3_14, handler=f"index.{name}", code=code)
    for name in ("on_event", "is_complete")
)
on_event.add_to_role_policy(
    iam.PolicyStatement(
        actions=["cleanrooms-ml:CreateMLInputChannel", "cleanrooms-ml:DeleteMLInputChannelData"], resources=["*"]
    )
)
is_complete.add_to_role_policy(iam.PolicyStatement(actions=["cleanrooms-ml:GetMLInputChannel"], resources=["*"]))
provider = cr.Provider(stack, "Provider", on_event_handler=on_event, is_complete_handler=is_complete)
cdk.CustomResource(
    stack,
    "Channel",
    resource_type="Custom::Channel",
    service_token=provider.service_token,
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
