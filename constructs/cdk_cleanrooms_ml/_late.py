"""Settings that do not fit together, which otherwise only a deployment of hours shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aws_cdk import CfnResource, Stack
from constructs import Construct

from cleanrooms_ml_handlers.problem import Problem
from cleanrooms_ml_handlers.spec import ResourceSpec

from ._stack import same

# ARNs of services that a request names by ARN, as far as the Region.
_REGIONAL = re.compile(r"arn:[a-z-]+:(?:cleanrooms|cleanrooms-ml|kms):([a-z]{2,}(?:-[a-z]+)+-\d+):")
# Members of requests whose algorithm, or place of results, may be in the same stack.
_OF_CUSTOM_MODELS = frozenset({"configuredModelAlgorithmAssociationArn", "trainedModelArn"})


@dataclass(frozen=True)
class Subject:
    """A construct to check.

    Attributes:
        construct: The construct.
        resources: Its resources.
        line: The user's file and line.
        request: Its create request.
        is_concerned: Returns whether it has anything that may fail late; the stack is asked only if one has.
        keywords: Of its thresholds, the arguments, by the spec's names.
    """

    construct: Construct
    resources: Sequence[CfnResource]
    line: str
    request: Mapping[str, Any]
    is_concerned: Callable[[], bool]
    keywords: Mapping[str, str] = field(default_factory=dict)


class Found(NamedTuple):
    """Settings that do not fit: a warning's id, the text, and whether it is one."""

    subject: Subject
    rule: str
    text: str
    is_advice: bool


def late_failures(stack: Stack, subjects: Sequence[Subject]) -> list[Found]:
    """What can only fail late in a stack. The CDK has created the dependencies by now.

    Args:
        stack: The stack.
        subjects: The constructs of this library in it.
    """
    if not any(each.is_concerned() for each in subjects):
        return []
    # Here: expensive to import.
    from cleanrooms_ml_policy import late
    from cleanrooms_ml_policy.kinds import kind_of, request_of
    from cleanrooms_ml_policy.template import resources

    try:
        owners, entries = _rendered(stack, subjects)
    except RuntimeError:
        # The CDK cannot render some resource, perhaps of someone else: it says so itself when it writes the template.
        return []
    found = resources({"Resources": entries})
    requests = {name: request_of(kind, one.properties) for name, one in found.items() if (kind := kind_of(one))}
    return [
        Found(owners[name], problem.rule, _text(owners[name], problem), _is_advice(problem))
        for name, problem in late.of_stack(late.Stack(found, requests, entries))
        if name in owners
    ]


def may_fail_late(
    spec: ResourceSpec,
    request: Mapping[str, Any],
    *,
    waited_seconds: int | None,
    has_thresholds: bool,
    has_own_role_or_key: bool,
    is_synthetic: bool,
) -> bool:
    """Whether anything about a resource may fail late.

    Args:
        spec: Its kind.
        request: Its create request.
        waited_seconds: How long the deployment waits; None if it does not.
        has_thresholds: Whether it has quality gates.
        has_own_role_or_key: Whether it uses a role or key that the user passed.
        is_synthetic: Whether its result is synthetic data.
    """
    # Here: expensive to import.
    from cleanrooms_ml_handlers.rules.durations import SHORTEST_RUN_SECONDS, SHORTEST_SYNTHETIC_SECONDS

    shortest = SHORTEST_SYNTHETIC_SECONDS if is_synthetic else SHORTEST_RUN_SECONDS.get(spec.kind, 0)
    return (
        has_own_role_or_key
        or has_thresholds
        or not _OF_CUSTOM_MODELS.isdisjoint(request)
        or (spec.long_running and waited_seconds is not None and waited_seconds < shortest)
        or "sqlParameters" in request.get("seedAudience", {})
    )


def of_another_region(region: str, request: object, path: str = "") -> Iterator[str]:
    """What a request names that is in another Region than its stack, where both are known.

    Args:
        region: The stack's.
        request: The create request, or a part of it.
        path: The path of the part.
    """
    if isinstance(request, Mapping):
        for name, value in request.items():
            yield from of_another_region(region, value, f"{path}.{name}" if path else str(name))
    elif isinstance(request, list | tuple):
        for index, value in enumerate(request):
            yield from of_another_region(region, value, f"{path}[{index}]")
    elif isinstance(request, str) and (found := _REGIONAL.match(request)) and found[1] != region:
        yield (
            f"{path} is in {found[1]}, and the stack in {region}; the service uses nothing of another Region. Pass one "
            f"in {region}"
        )


def _is_advice(problem: Problem) -> bool:
    from cleanrooms_ml_policy import late  # here: expensive to import

    # Escape hatches on the user's own roles and keys are not seen here; checks of the template see them.
    return late.is_late_advice(problem) or problem.rule in (late.ROLE_TRUST.id, late.KEY_STATE.id)


def _rendered(stack: Stack, subjects: Sequence[Subject]) -> tuple[dict[str, Subject], dict[str, Any]]:
    """The constructs by the logical ids of their resources, and the resources of the stack."""
    by_resource = {id(resource): each for each in subjects for resource in each.resources}
    found = [each for each in stack.node.find_all() if isinstance(each, CfnResource) and same(each.stack, stack)]
    rendered: list[tuple[str, str, str, Any, list[str]]] = stack.resolve(
        [
            [
                each.logical_id,
                each.cfn_resource_type,
                each.node.path,
                each._cfn_properties,
                [need.logical_id for need in each.obtain_dependencies() if isinstance(need, CfnResource)],
            ]
            for each in found
        ]
    )
    owners, entries = {}, {}
    for each, (name, kind, path, properties, after) in zip(found, rendered, strict=True):
        entries[name] = {"Type": kind, "Properties": properties, "DependsOn": after, "Metadata": {"aws:cdk:path": path}}
        if id(each) in by_resource:
            owners[name] = by_resource[id(each)]
    return owners, entries


def _text(subject: Subject, problem: Problem) -> str:
    """A problem with the argument that it is about, and what to do."""
    from cleanrooms_ml_policy.late import LATE_RULES  # here: expensive to import

    (fix,) = (rule.fix.removesuffix(".") for rule in LATE_RULES if rule.id == problem.rule)
    name = problem.path.removeprefix("Settings.Gates.")
    path = "wait" if problem.path == "Settings.TimeoutSeconds" else subject.keywords.get(name, problem.path)
    return f"{path} {problem.message}. {fix}  [{subject.line}]"
