"""What an organisation may want of the functions besides: keys for logs, and queues for what failed."""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs

from ._permissions import Statement, allow


def use_for_logs(key: kms.IKey) -> None:
    """Lets CloudWatch Logs use a key for log groups of the account."""
    key.add_to_resource_policy(
        iam.PolicyStatement(
            # CloudWatch Logs guide, "Encrypt log data using KMS".
            actions=["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            resources=["*"],
            principals=[iam.ServicePrincipal(f"logs.{Aws.REGION}.amazonaws.com")],
            conditions={
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": (
                        f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:*"
                    )
                }
            },
        )
    )


def send_statements(queue: sqs.IQueue) -> list[Statement]:
    """What putting messages into a queue needs."""
    statements = [allow(["sqs:SendMessage"], queue.queue_arn)]
    key = queue.encryption_master_key
    if key:
        statements.append(allow(["kms:Decrypt", "kms:GenerateDataKey"], key.key_arn))
    return statements
