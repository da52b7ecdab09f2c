"""What the synth tests share: synthesizing costs most of their time."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from tests.synth.stacks import Template, full_stack, template_of


@pytest.fixture(scope="session")
def stack() -> cdk.Stack:
    """A stack with three kinds; nothing is added to it."""
    return full_stack()


@pytest.fixture(scope="session")
def template(stack: cdk.Stack) -> Template:
    """Its template."""
    return template_of(stack)
