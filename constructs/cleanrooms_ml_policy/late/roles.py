"""Roles of the user's own: whether the service may assume them, and what they may do."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cleanrooms_ml_handlers.problem import ID_PREFIX, Problem
from cleanrooms_ml_handlers.rules.rule import CrossRequestRule, Source

from ..kinds import KINDS
from ..template import Resource, has_unknown, is_unknown, target
from .stack import Stack, dig, listed

_ROLE = "AWS::IAM::Role"
_TABLE = "AWS::CleanRooms::ConfiguredTable"
_TABLE_ASSOCIATION = "AWS::CleanRooms::ConfiguredTableAssociation"
_QUERY = ("cleanrooms:StartProtectedQuery",)
_READ, _WRITE = ("s3:GetObject",), ("s3:PutObject",)
# User guide, "Setting up service roles": what a role cannot do without. Buckets of the account may allow nothing more.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "MLInputChannel": _QUERY,
    "ConfiguredAudienceModel": _WRITE,
    "MLConfiguration": _WRITE,
}

ROLE_TRUST = CrossRequestRule(
    f"{ID_PREFIX}role-trust",
    "a role of the stack",
    "trusts the service that assumes it",
    "The service cannot assume the role.",
    'Let the role be assumed by iam.ServicePrincipal("cleanrooms-ml.amazonaws.com").',
    Source.guide("ml-roles", "Setting up service roles"),
)
ROLE_PERMISSIONS = CrossRequestRule(
    f"{ID_PREFIX}role-permissions",
    "a role of the stack",
    "usually may do what the resource does with it: run the query, read the seed or the table, write the output",
    "The run starts, and fails at the first thing that the role may not do.",
    "Add the permission to the role; roles that constructs create have them.",
    Source.guide("ml-roles", "Setting up service roles"),
    is_advice=True,
)
RULES = (ROLE_TRUST, ROLE_PERMISSIONS)


class Use(NamedTuple):
    """A role that a resource of a template uses.

    Attributes:
        name: The logical id of the resource.
        path: The path of the role in it.
        role: The role.
        service: The signing name of the service that assumes the role.
        needed: The actions that the role cannot do without.
    """

    name: str
    path: str
    role: Resource
    service: str
    needed: tuple[str, ...]


def check(stack: Stack) -> Iterator[tuple[str, Problem]]:
    """Yields each role that cannot do its work."""
    for use in used(stack):
        yield from _of_role(stack, use)


def used(stack: Stack) -> Iterator[Use]:
    """The roles of the template that its resources use."""
    for name, request in stack.of_kind(*(kind for kind, spec in KINDS.items() if spec.role_fields)):
        spec = KINDS[stack.kind(name)]
        for path in spec.role_fields:
            role = stack.referred(dig(request, *path.split(".")), _ROLE)
            if role is not None:
                yield Use(name, path, role, spec.signing_name, _needed(spec.kind, request))
    for name, each in stack.resources.items():
        table = None
        if each.type == _TABLE_ASSOCIATION:
            table = stack.referred(dig(each.properties, "ConfiguredTableIdentifier"), _TABLE)
        role = stack.referred(dig(each.properties, "RoleArn"), _ROLE) if table else None
        if role is not None and table is not None and dig(table.properties, "TableReference", "Glue") is not None:
            yield Use(name, "RoleArn", role, "cleanrooms", ("glue:GetTable", *_READ))


def _needed(kind: str, request: Mapping[str, Any]) -> tuple[str, ...]:
    if kind == "AudienceGenerationJob":
        return _QUERY if dig(request, "seedAudience", "sqlParameters") is not None else _READ
    return _NEEDED.get(kind, ())


def _of_role(stack: Stack, use: Use) -> Iterator[tuple[str, Problem]]:
    principal = f"{use.service}.amazonaws.com"
    trust = dig(use.role.properties, "AssumeRolePolicyDocument")
    shown = use.role.shown
    if not _trusts(trust, principal):
        yield use.name, Problem(use.path, f"is {shown}, which does not trust {principal}", ROLE_TRUST.id)
    documents = policies_of(stack, use.role)
    missing = [] if documents is None else [action for action in use.needed if not _allows(documents, action)]
    if missing:
        message = f"is {shown}, whose policies do not allow {' and '.join(missing)}"
        yield use.name, Problem(use.path, message, ROLE_PERMISSIONS.id)


def _trusts(trust: object, principal: str) -> bool:
    """Whether a service may assume a role, as far as that is known."""
    if not isinstance(trust, Mapping) or is_unknown(trust):
        return True
    for statement in listed(dig(trust, "Statement")):
        principals = dig(statement, "Principal")
        services = listed(principals if isinstance(principals, str) else dig(principals, "Service"))
        if has_unknown(principals) or has_unknown(dig(statement, "Effect")):
            return True
        if dig(statement, "Effect") == "Allow" and any(each in ("*", principal) for each in services):
            return True
    return False


def policies_of(stack: Stack, role: Resource) -> list[Any] | None:
    """The documents of a role's policies; None if there are some that are not in this template."""
    managed = listed(dig(role.properties, "ManagedPolicyArns"))
    found = [dig(each, "PolicyDocument") for each in listed(dig(role.properties, "Policies"))]
    own_name = dig(role.properties, "RoleName")
    for each in managed:
        policy = stack.referred(each, "AWS::IAM::ManagedPolicy")
        if policy is None:
            return None
        found.append(dig(policy.properties, "PolicyDocument"))
    for each in stack.resources.values():
        if each.type in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            roles = listed(dig(each.properties, "Roles"))
        elif each.type == "AWS::IAM::RolePolicy":
            roles = [dig(each.properties, "RoleName")]
        else:
            continue
        if any(target(one) == role.logical_id or (one == own_name and own_name is not None) for one in roles):
            found.append(dig(each.properties, "PolicyDocument"))
    return found


def _allows(documents: Iterable[Any], action: str) -> bool:
    """Whether policies allow an action on anything, as far as that is known."""
    for document in documents:
        if not isinstance(document, Mapping) or is_unknown(document):
            return True
        for statement in listed(dig(document, "Statement")):
            patterns = listed(dig(statement, "Action"))
            if has_unknown(statement.get("Effect") if isinstance(statement, Mapping) else None) or has_unknown(
                patterns
            ):
                return True
            is_allow = dig(statement, "Effect") == "Allow"
            if is_allow and dig(statement, "NotAction") is not None:
                return True
            if is_allow and any(fnmatch.fnmatchcase(action.lower(), str(each).lower()) for each in patterns):
                return True
    return False
