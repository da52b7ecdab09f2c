"""The findings of cdk-nag that the example accepts, each with its reason, which stays in the report."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct

_HERE = "<AWS::Region>:<AWS::AccountId>"
_ALGORITHMS = "membership/*/configured-model-algorithm-association/*"
_GENERATED = "The service generates the ids; the worker touches only resources with this stack's ownership tag."
# Resources of permissions with a wildcard.
_WILDCARDS = {
    "*": "Lists, log delivery, X-Ray and network interfaces have no narrower resource.",
    f"arn:<AWS::Partition>:states:{_HERE}:execution:<CleanRoomsMLMachine.Name>:*": "Its own executions.",
    "arn:<AWS::Partition>:iam::<AWS::AccountId>:role/cleanrooms-ml/<AWS::StackName>/*": "Roles of its own stack.",
    "arn:<AWS::Partition>:cleanrooms:<AWS::Region>:*:collaboration/*": "Collaborations of others, which it is in.",
    f"arn:<AWS::Partition>:cleanrooms-ml:<AWS::Region>:*:{_ALGORITHMS}": _GENERATED,
    f"arn:<AWS::Partition>:cleanrooms:{_HERE}:membership/*": _GENERATED,
    f"arn:<AWS::Partition>:cleanrooms:{_HERE}:membership/*/configuredaudiencemodelassociation/*": _GENERATED,
    **{
        f"arn:<AWS::Partition>:cleanrooms-ml:{_HERE}:{kind}/*": _GENERATED
        for kind in (
            "audience-generation-job",
            "audience-model",
            "configured-audience-model",
            "membership/*/ml-input-channel",
            "membership/*/trained-model",
            "membership/*/trained-model-inference-job",
        )
    },
}
_OTHERS = {"VPC7": "The platform team keeps flow logs for the whole account."}


def accept_findings(scope: IConstruct) -> None:
    """Acknowledges the findings below a construct."""
    reasons = {**_OTHERS, **{f"IAM5[Resource::{arn}]": reason for arn, reason in _WILDCARDS.items()}}
    cdk.Validations.of(scope).acknowledge(
        *(
            cdk.Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason)
            for rule, reason in reasons.items()
        )
    )
