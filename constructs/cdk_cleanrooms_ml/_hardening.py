"""Options of the functions: keys for logs, and queues for failed events."""

from __future__ import annotations

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ._keys import extend_policy
from ._permissions import Statement, allow


def use_for_logs(user: Construct, key: kms.IKey) -> None:
    """Lets CloudWatch Logs use a key for log groups of the account.

    Source: CloudWatch Logs guide, "Encrypt log data using KMS".
    """
    groups = {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"}
    statement = allow(
        ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        "*",
        {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    )
    service = {"Service": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}}
    extend_policy(user, "log_encryption", key, [{**statement, "Principal": service}])


def send_statements(queue: sqs.IQueue) -> list[Statement]:
    """What putting messages into a queue needs."""
    statements = [allow(["sqs:SendMessage"], queue.queue_arn)]
    key = queue.encryption_master_key
    if key:
        statements.append(allow(["kms:Decrypt", "kms:GenerateDataKey"], key.key_arn))
    return statements
