"""The example of a new resource, which is the beginning of its page in the documentation too."""

from __future__ import annotations

from .resource import MEMBERSHIP, Resource
from .samples import UUID, sample
from .writing import NOT_SAID, indented, longer_lines, snake


def example(one: Resource) -> str:
    """The example's file: one page that can be deployed."""
    arguments = {snake(name): sample(one.model, one.members[name]) for name in one.needed if name != MEMBERSHIP}
    if one.in_membership:
        arguments = {"membership": f'Membership.from_membership_id(stack, "Membership", "{UUID}")', **arguments}
    return f'''"""{one.kind}: {NOT_SAID}"""
{longer_lines(arguments.values())}
from __future__ import annotations

import aws_cdk as cdk

from cdk_cleanrooms_ml import {one.kind}{", Membership" if one.in_membership else ""}

app = cdk.App()
stack = cdk.Stack(app, "Example")

{one.stem} = {one.kind}(
    stack,
    "{one.kind}",
{indented((f"{name}={value}," for name, value in arguments.items()), 4)})

cdk.CfnOutput(stack, "{one.kind}Arn", value={one.stem}.{one.stem}_arn)
app.synth()
'''
