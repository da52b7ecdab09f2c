"""What has to be allowed on a customer managed key, as AWS documents it.

Sources: AWS Clean Rooms user guide, "Data protection", key policy (the service does not support conditions on
encryption context or source there); Step Functions guide, "Data at rest encryption".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from cleanrooms_ml_handlers.permissions import via_service
from cleanrooms_ml_handlers.problem import ID_PREFIX

from ._permissions import CLEAN_ROOMS_ML, Statement, allow, principal
from ._validation import user_line
from ._values import expect_key
from ._warnings import warn

_ALIAS = ":alias/"
IMPORTED_KEY = f"{ID_PREFIX}imported-key"
ACCOUNT_ROOT: Mapping[str, str] = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}

_DESCRIBE, _CREATE_GRANT = "kms:DescribeKey", "kms:CreateGrant"
# What the grants may be for that the service hands out.
_GRANTS: Mapping[str, Any] = {
    "ForAllValues:StringEquals": {
        "kms:GrantOperations": [
            "CreateGrant",
            "Decrypt",
            "DescribeKey",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
            "RetireGrant",
        ]
    }
}
_FOR_AWS: Mapping[str, Any] = {"BoolIfExists": {"kms:GrantIsForAWSResource": True}}


def caller_statements(
    actions: Sequence[str], resources: object, *, with_grants: bool, service: str = CLEAN_ROOMS_ML
) -> list[Statement]:
    """The permissions of the caller of the API, through the service only.

    Args:
        actions: What the kind of resource needs.
        resources: The keys; "*" in a key's own policy.
        with_grants: Whether the service hands out grants on the key, as it does for synthetic data.
        service: The service, by its name in IAM.
    """
    hosts = via_service("${AWS::Region}", service)
    via: Mapping[str, Any] = {"StringEquals": {key: {"Fn::Sub": host} for key, host in hosts.items()}}
    return _statements(actions, resources, via, {**via, **_GRANTS, **_FOR_AWS}, with_grants)


def service_statements(actions: Sequence[str], *, with_grants: bool, service: str = CLEAN_ROOMS_ML) -> list[Statement]:
    """What the service itself needs in a key's policy."""
    of_service = {"Principal": {"Service": principal(service)}}
    return [{**each, **of_service} for each in _statements(actions, "*", {}, _GRANTS, with_grants)]


def _statements(
    actions: Sequence[str],
    resources: object,
    conditions: Mapping[str, Any],
    grant_conditions: Mapping[str, Any],
    with_grants: bool,
) -> list[Statement]:
    if not with_grants:
        return [allow(actions, resources, conditions)]
    using = {*actions, _CREATE_GRANT} - {_DESCRIBE}
    return [allow([_DESCRIBE], resources, conditions), allow(using, resources, grant_conditions)]


def key_of(keyword: str, key: cdk.aws_kms.IKey) -> cdk.aws_kms.IKey:
    """The key itself, whose ARN APIs and policies need: that of an alias, if the alias knows it.

    Args:
        keyword: The argument, for the message.
        key: A key or an alias.

    Raises:
        ValueError: It is no key, or an alias whose key is not known.
    """
    expect_key(keyword, key)
    arn = key.key_arn
    # An alias is a key to the CDK. What comes back from a bucket shows it in the ARN only.
    if not hasattr(key, "alias_name") and _ALIAS not in arn:
        return key
    try:
        # One that is imported by its name raises.
        target: cdk.aws_kms.IKey = key.alias_target_key  # type: ignore[attr-defined]
    except (RuntimeError, AttributeError):
        name = f"alias/{arn.partition(_ALIAS)[2]}"
        raise ValueError(
            f"{keyword} is the KMS alias {name}; the ARN of a key is needed, which an alias does not know. Pass the "
            "key: kms.Key.from_key_arn(...), or kms.Key.from_lookup(..., alias_name=...)"
        ) from None
    return key_of(keyword, target)


def key_of_bucket(keyword: str, bucket: cdk.aws_s3.IBucket) -> cdk.aws_kms.IKey | None:
    """The key of a bucket, as ``key_of``; None if it has none that is known."""
    key = bucket.encryption_key
    return key_of(f"{keyword}: the key of the bucket", key) if key else None


def extend_policy(user: Construct, keyword: str, key: cdk.aws_kms.IKey, statements: Sequence[Statement]) -> None:
    """Adds statements to a key's policy; for an imported key, a warning lists them.

    Args:
        user: What uses the key.
        keyword: The argument that the key was passed as.
        key: The key.
        statements: What it has to allow.
    """
    added = [key.add_to_resource_policy(iam.PolicyStatement.from_json(each)) for each in statements]
    if all(result.statement_added for result in added):
        return
    # The role does not exist yet when the key's owner reads this: the account stands in for it.
    listed = [
        {**each, "Principal": {"AWS": ACCOUNT_ROOT}} if "AWS" in each["Principal"] else each for each in statements
    ]
    warn(
        user,
        IMPORTED_KEY,
        f"{keyword} is an imported key, whose policy cannot be changed from here. It needs these statements: "
        f"{json.dumps([_read(each) for each in listed])}  [{user_line()}]",
    )


def _read(value: Any) -> Any:
    """The value as text to copy, with the placeholders of CloudFormation."""
    if isinstance(value, Mapping):
        return value["Fn::Sub"] if "Fn::Sub" in value else {key: _read(item) for key, item in value.items()}
    return [_read(item) for item in value] if isinstance(value, list) else value


def execution_key_statement(key_arn: str) -> Statement:
    """What reading and writing executions encrypted with a key needs, for this account's state machines only."""
    state_machines = {"Fn::Sub": "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:*"}
    return allow(
        ["kms:Decrypt", "kms:GenerateDataKey"],
        key_arn,
        {"StringLike": {"kms:EncryptionContext:aws:states:stateMachineArn": state_machines}},
    )


def state_machine_key_statements(key_arn: str) -> list[Statement]:
    """What the state machine needs on its key: for executions, and for the delivery of logs."""
    sources = {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*"}
    return [
        execution_key_statement(key_arn),
        allow(["kms:GenerateDataKey"], key_arn, {"StringEquals": {"kms:EncryptionContext:SourceArn": sources}}),
    ]
