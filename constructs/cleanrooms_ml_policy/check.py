"""Checks one template."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.problem import ID_PREFIX, Problem, shown
from cleanrooms_ml_handlers.rules.in_flight import IN_FLIGHT
from cleanrooms_ml_handlers.shared_names import NATIVE_PREFIX, RESOURCE_TYPE_PREFIX, WAIT_RESOURCE_TYPE
from cleanrooms_ml_handlers.spec import ResourceSpec

from . import in_flight, late, limits, organization_policy
from .catalog import NOT_CHECKED, UNKNOWN_KIND, fix_of
from .finding import PROPERTIES, Finding, Severity
from .kinds import KINDS, POLICY_PROPERTY, kind_of, request_of
from .organization_checks import ANALYSIS_TEMPLATE, Subject
from .policy import NO_POLICY, Policy
from .principals import UnreadablePolicy, document
from .template import LOOP, MAX_BRANCHES, Resource, decided, is_unknown, resources

_OURS = RESOURCE_TYPE_PREFIX
_ENUM = f"{ID_PREFIX}enum"
# CloudFormation refuses templates with more, and the time to compare their runs grows faster than their number.
RESOURCES_PER_STACK = 500


def check_template(template: Mapping[str, Any], policy: Policy = NO_POLICY, *, advice: bool = False) -> list[Finding]:
    """The findings in a template.

    Args:
        template: The template, read from JSON or YAML.
        policy: The organization's policy. Default: none.
        advice: Whether to report advice too, as warnings.
    """
    found = resources(template)
    kinds = {name: kind for name, one in found.items() if (kind := kind_of(one)) is not None}
    requests = {name: request_of(kind, found[name].properties) for name, kind in kinds.items()}
    cross_request: dict[str, list[Problem]] = {}
    for logical_id, problem in limits.of_template(found, requests):
        cross_request.setdefault(logical_id, []).append(problem)
    for logical_id, problem in late.of_stack(late.Stack(found, requests, template.get("Resources") or {})):
        cross_request.setdefault(logical_id, []).append(problem)
    findings = list(_loops(template))
    for logical_id, resource in found.items():
        kind = kinds.get(logical_id)
        if kind is not None:
            request = requests[logical_id]
            problems = limits.narrowest(
                kind,
                resource.properties,
                [*_of_request(kind, resource, request), *limits.of_properties(kind, resource.properties)],
            )
            findings += _errors(resource, [*problems, *cross_request.get(logical_id, ())], kind.create)
            findings += _organization(policy, Subject(resource, kind, request))
            if advice:
                findings += _advice(resource, kind, request)
        elif resource.type == WAIT_RESOURCE_TYPE:
            found_here = [*limits.of_wait(resource.properties), *cross_request.get(logical_id, ())]
            findings += _errors(resource, found_here)
        elif resource.type.startswith(_OURS):
            findings.append(_unknown_kind(resource))
        elif isinstance(resource.properties, Mapping):
            findings += _errors(resource, cross_request.get(logical_id, ()))
            findings += _organization(policy, Subject(resource, None, resource.properties))
    if advice:
        findings += _crowds(template, found, requests)
    return [each for each in findings if advice or each.severity is not Severity.WARNING]


def _of_request(kind: ResourceSpec, resource: Resource, request: Any) -> list[Problem]:
    """The problems of a request in every branch of its conditions; each path and rule once."""
    problems = list(limits.of_request(kind, request))
    reported = {(problem.path, problem.rule) for problem in problems}
    for count, properties in enumerate(decided(resource.properties)):
        if count == MAX_BRANCHES:
            message = f"has more than {MAX_BRANCHES} branches of conditions, so not all of them are checked"
            return [*problems, Problem("", message, NOT_CHECKED)]
        found = [
            problem
            for problem in limits.of_request(kind, request_of(kind, properties))
            if (problem.path, problem.rule) not in reported
        ]
        reported |= {(problem.path, problem.rule) for problem in found}
        problems += found
    return problems


def is_checked(resource_type: str) -> bool:
    """Whether resources of a type are checked."""
    return resource_type.startswith((_OURS, NATIVE_PREFIX)) or (resource_type == ANALYSIS_TEMPLATE)


def _finding(resource: Resource, rule: str, path: str, problem: str, **more: Any) -> Finding:
    step = "" if path.startswith("[") else "."
    return Finding(
        rule=rule,
        problem=problem,
        logical_id=resource.logical_id,
        construct_path=resource.construct_path,
        property_path=f"{PROPERTIES}{step}{path}" if path else PROPERTIES,
        **more,
    )


def _errors(resource: Resource, problems: Iterable[Problem], operation: str = "") -> Iterator[Finding]:
    for problem in problems:
        fix = fix_of(problem.rule)
        # Some messages already say what to do.
        text = str(problem).replace(f". {fix}", "") if fix else str(problem)
        text = f"{text} ({operation})" if operation else text
        is_newer = problem.rule == _ENUM and problem.path in resource.newer_values
        severity = (
            Severity.WARNING if is_newer or rules.is_advice(problem) or late.is_late_advice(problem) else Severity.ERROR
        )
        yield _finding(resource, problem.rule, problem.path, text, severity=severity, fix=fix)


def _organization(policy: Policy, subject: Subject) -> Iterator[Finding]:
    for rule, path, message in organization_policy.check(policy, subject):
        text = f"{path or PROPERTIES} {message} (organization policy)"
        yield _finding(subject.resource, rule.id, path, text, severity=Severity.ERROR, fix=rule.fix)


def _advice(resource: Resource, kind: ResourceSpec, request: Any) -> Iterator[Finding]:
    if not isinstance(request, Mapping) or is_unknown(request):
        return
    found = rules.advice(kind.service, kind.create, request, is_unknown)
    policy = request.get(POLICY_PROPERTY)
    if policy is not None and is_unknown(policy):
        with suppress(UnreadablePolicy):
            found += rules.policy_advice(document(policy), POLICY_PROPERTY, is_unknown)
    for one in found:
        yield _finding(resource, one.id, one.path, f"{one} ({kind.create})", severity=Severity.WARNING)


def _crowds(
    template: Mapping[str, Any], found: Mapping[str, Resource], requests: Mapping[str, Any]
) -> Iterator[Finding]:
    if len(found) > RESOURCES_PER_STACK:
        return
    for crowd in in_flight.of_template(template, found, requests):
        last = crowd.last.name
        text = crowd.message({run.name: run.name for run in crowd.runs}, how="name what waits for it in DependsOn")
        yield _finding(found[last], IN_FLIGHT.id, "", text, severity=Severity.WARNING)


def _unknown_kind(resource: Resource) -> Finding:
    name = resource.type.removeprefix(_OURS)
    near = difflib.get_close_matches(name, KINDS, n=1)
    hint = f"Did you mean {_OURS}{near[0]}?" if near else ""
    problem = f"type is {shown(resource.type)}; allowed are {', '.join(sorted(KINDS))} and Wait"
    return Finding(
        rule=UNKNOWN_KIND,
        severity=Severity.ERROR,
        problem=problem,
        fix=hint,
        logical_id=resource.logical_id,
        construct_path=resource.construct_path,
    )


def _loops(template: Mapping[str, Any]) -> Iterator[Finding]:
    entries = template.get("Resources")
    for key, entry in entries.items() if isinstance(entries, Mapping) else ():
        if str(key).startswith(LOOP) and _OURS in json.dumps(entry, default=str):
            yield Finding(
                rule=NOT_CHECKED,
                severity=Severity.ERROR,
                problem=f"{key} is a loop, which CloudFormation expands at deployment, so it cannot be checked",
                fix="Check the processed template: aws cloudformation get-template --template-stage Processed",
                logical_id=str(key),
            )
