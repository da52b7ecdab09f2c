"""The stack of a construct."""

from __future__ import annotations

from aws_cdk import Stack
from constructs import Construct

_STACK = "_cleanrooms_ml_stack"


def stack_of(scope: Construct) -> Stack:
    """The stack of a scope. Remembered on the scope: asking the CDK costs a call."""
    if isinstance(scope, Stack):
        return scope
    stack = getattr(scope, _STACK, None)
    if stack is None:
        stack = Stack.of(scope)
        setattr(scope, _STACK, stack)
    assert isinstance(stack, Stack)
    return stack
