"""Options of the functions: keys for logs, and queues for failed events."""

from __future__ import annotations

import re

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from constructs import Construct

from ._keys import extend_policy, key_of
from ._permissions import Statement, allow
from ._validation import is_token

_OLDEST_PYTHON = (3, 11)


def reject_unusable(
    stack: Construct, runtime: cdk.aws_lambda.Runtime | None, reserved: float | None, queue: cdk.aws_sqs.IQueue | None
) -> None:
    """Stops at options with which the functions would not answer, or could not be created.

    Raises:
        ValueError: An option is one.
    """
    path = stack.node.path
    if runtime:
        version = re.fullmatch(r"python(\d+)\.(\d+)", runtime.name)
        if runtime.family != cdk.aws_lambda.RuntimeFamily.PYTHON:
            raise ValueError(f"{path}: runtime is {runtime.name}; the functions need a Python runtime")
        if version and (int(version[1]), int(version[2])) < _OLDEST_PYTHON:
            raise ValueError(f"{path}: runtime is {runtime.name}; the functions need Python 3.11 or later")
    if reserved is not None and not is_token(reserved) and reserved < 1:
        raise ValueError(
            f"{path}: reserved_concurrent_executions is {reserved}; allowed is 1 or more. With fewer the functions "
            "never run, and CloudFormation waits an hour for each answer"
        )
    if queue and queue.fifo:
        raise ValueError(f"{path}: dead_letter_queue is a FIFO queue; Lambda needs a standard one")


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


def send_statements(queue: cdk.aws_sqs.IQueue) -> list[Statement]:
    """What putting messages into a queue needs."""
    statements = [allow(["sqs:SendMessage"], queue.queue_arn)]
    key = queue.encryption_master_key
    if key:
        arn = key_of("dead_letter_queue: the key of the queue", key).key_arn
        statements.append(allow(["kms:Decrypt", "kms:GenerateDataKey"], arn))
    return statements
