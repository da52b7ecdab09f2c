"""Options of the functions: keys for logs, and queues for failed events."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import aws_cdk as cdk
from constructs import Construct

from ._keys import extend_policy, key_of
from ._permissions import Statement, allow
from ._validation import is_token
from ._values import expect, expect_reference

_OLDEST_PYTHON = (3, 11)


_ROLE = ("role_arn", "a role. Pass iam.Role.from_role_arn(...)")
# Of the options that are constructs: a member by which one is known, and what is allowed.
_REFERENCES = {
    "vpc": ("select_subnets", "a VPC. Pass ec2.Vpc.from_lookup(...)"),
    "permissions_boundary": ("managed_policy_arn", "a policy. Pass iam.ManagedPolicy.from_managed_policy_arn(...)"),
    "dead_letter_queue": ("queue_arn", "a queue. Pass sqs.Queue.from_queue_arn(...)"),
    "front_role": _ROLE,
    "worker_role": _ROLE,
    "state_machine_role": _ROLE,
}
_SECURITY_GROUP = ("security_group_id", "a list of security groups. Pass ec2.SecurityGroup.from_security_group_id(...)")


def expect_forms(
    *,
    references: Mapping[str, object],
    security_groups: Sequence[object] | None,
    values: Mapping[str, tuple[object, Callable[[], type]]],
) -> None:
    """Rejects options of another form. The CDK would not see them: it gets what is read from them.

    Args:
        references: Constructs by their keywords.
        security_groups: Those of the functions.
        values: Other options by their keywords, each with a function that returns its type: loading a type is
            expensive, and most options are absent.

    Raises:
        ValueError: An option is of another form.
    """
    for keyword, reference in references.items():
        if reference is not None:
            expect_reference(keyword, reference, *_REFERENCES[keyword])
    groups = [security_groups] if isinstance(security_groups, str) else security_groups
    for group in groups or ():
        expect_reference("security_groups", group, *_SECURITY_GROUP)
    for keyword, (value, type_of) in values.items():
        if value is not None:
            kind = type_of()
            expect(keyword, value, kind, "text" if kind is str else kind.__name__)


def reject_unusable(
    stack: Construct, runtime: cdk.aws_lambda.Runtime | None, reserved: float | None, queue: cdk.aws_sqs.IQueue | None
) -> None:
    """Stops at options with which the functions would not answer, or could not be created.

    Raises:
        ValueError: An option is one.
    """
    # Most providers have none of them, and asking for the path costs a call.
    if not (runtime or reserved is not None or queue):
        return
    path = stack.node.path
    if runtime:
        version = re.fullmatch(r"python(\d+)\.(\d+)", runtime.name)
        if runtime.family != cdk.aws_lambda.RuntimeFamily.PYTHON:
            raise ValueError(f"{path}: runtime is {runtime.name}; the functions need a Python runtime")
        if version and (int(version[1]), int(version[2])) < _OLDEST_PYTHON:
            raise ValueError(f"{path}: runtime is {runtime.name}; the functions need Python 3.11 or later")
    is_known = reserved is not None and not is_token(reserved)
    if is_known and (not isinstance(reserved, int) or reserved < 1):
        raise ValueError(
            f"{path}: reserved_concurrent_executions is {reserved}; allowed is a whole number, 1 or more. With "
            "fewer the functions never run, and CloudFormation waits an hour for each answer"
        )
    if queue and queue.fifo:
        raise ValueError(f"{path}: dead_letter_queue is a FIFO queue; Lambda needs a standard one")


def use_for_logs(user: Construct, key: cdk.aws_kms.IKey) -> None:
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
