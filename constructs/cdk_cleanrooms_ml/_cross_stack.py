"""Advice about runs whose values other stacks use: which a new run does not reach."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from aws_cdk import CfnOutput, CfnResource, Stack
from constructs import Construct

from cleanrooms_ml_handlers.problem import ID_PREFIX

from ._in_flight import Run

# Where the CDK keeps what other stacks import, and what they read when they are deployed.
_EXPORTS, _PUBLISHED = "Exports", "Publish"
CROSS_STACK = f"{ID_PREFIX}cross-stack"
# What the CDK names the construct that writes values for stacks in other Regions.
_EXPORT_WRITER = "ExportsWriter"
_OTHER_REGION = (
    "is used in a stack of another Region; its copy there does not follow: after what starts a new run, as run_id "
    "does, the other stack keeps the ARN of a deleted run, or the deployment fails. Pass the value on in an SSM "
    "parameter of your own"
)
_EXPORT_IN_USE = (
    "is used in another stack; CloudFormation refuses to change an export in use, so that what starts a new run, as "
    "run_id does, cannot be deployed. Pass the value on in an SSM parameter"
)
_READ_LATER = (
    "is read by another stack when that stack is deployed; after what starts a new run, as run_id does, the other "
    "stack keeps the ARN of a deleted run until its own next deployment. Deploy both together"
)
_NAMED_EXPORT = (
    "is in an output with an export_name; CloudFormation refuses to change an export in use, so that what starts a new "
    "run, as run_id does, cannot be deployed once another stack imports it. Pass the value on in an SSM parameter"
)


def used_elsewhere(stack: Stack, runs: Sequence[Run]) -> Iterator[tuple[Run, str]]:
    """The runs of a stack that other stacks use, each with a text for each way.

    Args:
        stack: The stack, for whose exports the CDK has created constructs.
        runs: Its runs.
    """
    exported = list(_exported(stack)) if runs else []
    for run in runs if exported else ():
        names = [str(stack.resolve(each.logical_id)) for each in run.resources]
        names += _outputs_with(stack, names)
        for way in sorted({way for way, text in exported if any(name in text for name in names)}):
            yield run, f"{way}  [{run.line}]"


def _exported(stack: Stack) -> Iterator[tuple[str, str]]:
    """What a stack, and those that it is nested in, pass to other stacks: the warning, and a text with its name."""
    node = stack.node
    for id, way in ((_EXPORTS, _EXPORT_IN_USE), (_PUBLISHED, _READ_LATER)):
        found = node.try_find_child(id)
        for child in found.node.children if found else ():
            yield way, child.node.id
    # The writer's class is not public: it is none but a construct.
    children = node.children
    for output in children:
        if isinstance(output, CfnOutput) and output.export_name is not None:
            yield _NAMED_EXPORT, json.dumps(stack.resolve(output.value), default=str)
    for child in [each for each in children if type(each) is Construct]:
        if child.node.id.startswith(_EXPORT_WRITER):
            for each in child.node.find_all():
                if isinstance(each, CfnResource):
                    yield _OTHER_REGION, json.dumps(stack.resolve(each._cfn_properties), default=str)
    parent = stack.nested_stack_parent
    if parent is not None:
        yield from _exported(parent)


def _outputs_with(stack: Stack, names: Sequence[str]) -> list[str]:
    """The outputs of a nested stack that hold a value of one of some resources."""
    if stack.nested_stack_parent is None:
        return []
    outputs = [each for each in stack.node.find_all() if isinstance(each, CfnOutput)]
    values: list[tuple[str, object]] = stack.resolve([[each.logical_id, each.value] for each in outputs])
    return [output for output, value in values if any(name in json.dumps(value) for name in names)]
