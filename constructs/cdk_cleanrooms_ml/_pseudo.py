"""CloudFormation's pseudo parameters as tokens, each asked for once: asking the CDK costs a call."""

from __future__ import annotations

from functools import cache

from aws_cdk import Aws


@cache
def partition() -> str:
    """The partition of the stack."""
    return Aws.PARTITION


@cache
def region() -> str:
    """The Region of the stack."""
    return Aws.REGION


@cache
def account_id() -> str:
    """The account of the stack."""
    return Aws.ACCOUNT_ID


@cache
def stack_id() -> str:
    """The ID of the stack."""
    return Aws.STACK_ID
