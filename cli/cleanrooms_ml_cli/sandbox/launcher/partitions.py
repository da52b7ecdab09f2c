"""The partitions of China and of GovCloud, of which MiniStack knows nothing.

Templates get the partition and the suffix of URLs of their Region, and the Clean Rooms services have ARNs of it. What
MiniStack itself creates keeps ARNs of the partition "aws": policies, roles and state machines are compared without the
partition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..emulator.state.state import partition_of
from .pinned import module

_OF_ANOTHER = re.compile(r"^arn:aws-[a-z-]+:")
_URL_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}


def install() -> None:
    """Hook it into the imported MiniStack."""
    engine = module("services.cloudformation.engine")
    stacks = module("services.cloudformation.stacks")
    changesets = module("services.cloudformation.changesets")
    handlers = module("services.cloudformation.handlers")
    evaluator = module("core.iam_evaluator")
    resolve = _with_partition(engine._resolve_refs)
    # Each has imported the name; the first calls itself by it.
    engine._resolve_refs = resolve
    stacks._resolve_refs = resolve
    changesets._resolve_refs = resolve
    handlers._resolve_refs = resolve
    evaluator.fnmatch_iam_cs = _regardless(evaluator.fnmatch_iam_cs)
    states = module("services.stepfunctions")
    for operation in ("_list_executions", "_start_execution", "_describe_state_machine"):
        setattr(states, operation, _of_state_machine(getattr(states, operation)))


def in_aws(arn: str) -> str:
    """An ARN, or a pattern of one, as it is in the partition "aws"."""
    return _OF_ANOTHER.sub("arn:aws:", arn)


def _regardless(matches: Callable[[str, str], bool]) -> Callable[[str, str], bool]:
    def fnmatch_iam_cs(value: str, pattern: str) -> bool:
        return matches(in_aws(value), in_aws(pattern))

    return fnmatch_iam_cs


def _of_state_machine(operation: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    def operate(request: dict[str, Any]) -> Any:
        arn = request.get("stateMachineArn")
        return operation({**request, "stateMachineArn": in_aws(arn)} if isinstance(arn, str) else request)

    return operate


def _with_partition(resolve: Callable[..., Any]) -> Callable[..., Any]:
    def resolve_refs(value: Any, *args: Any) -> Any:
        if isinstance(value, Mapping) and (pseudo := _pseudo_parameters()):
            if value.get("Ref") in pseudo:
                return pseudo[value["Ref"]]
            if "Fn::Sub" in value:
                value = {**value, "Fn::Sub": _substituted(value["Fn::Sub"], pseudo)}
        resolved = resolve(value, *args)
        # MiniStack finds the policies that AWS manages by their ARNs.
        return in_aws(resolved) if isinstance(resolved, str) and ":iam::aws:policy/" in resolved else resolved

    return resolve_refs


def _substituted(given: Any, pseudo: Mapping[str, str]) -> Any:
    text, *variables = given if isinstance(given, list) else [given]
    for name, value in pseudo.items():
        text = text.replace(f"${{{name}}}", value)
    return [text, *variables] if isinstance(given, list) else text


def _pseudo_parameters() -> dict[str, str]:
    """Those that differ from MiniStack's in the Region of the request."""
    partition = partition_of(module("core.responses").get_region())
    if partition == "aws":
        return {}
    return {"AWS::Partition": partition, "AWS::URLSuffix": _URL_SUFFIXES.get(partition, "amazonaws.com")}
