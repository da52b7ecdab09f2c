"""The worker's policies for roles and keys of the user's own, which grow with their number."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from ._keys import caller_statements
from ._narrow import create_unchecked
from ._permissions import CLEAN_ROOMS_ML, Statement, document, passing

WORKER_OWN_POLICY = "CleanRoomsMLWorkerOwnPolicy"

# IAM's quota of characters in a managed policy, white space apart.
MANAGED_POLICY_CHARS = 6144
# What tokens may turn out to be: a whole ARN, a partition, account or Region in one, another part of one.
_ARN_TOKEN, _PSEUDO_TOKEN, _OTHER_TOKEN = (
    (re.compile(r'"\$\{Token\[[^]]+\]\}"'), 130),
    (re.compile(r"\$\{Token\[AWS\.[^]]+\]\}"), 16),
    (re.compile(r"\$\{Token\[[^]]+\]\}"), 64),
)


@dataclass(frozen=True)
class _Key:
    """A key that the worker may use: for what, whether with grants, and through which service."""

    arn: str
    actions: tuple[str, ...]
    with_grants: bool
    service: str

    def covers(self, other: _Key) -> bool:
        """Whether permission to use this includes that of the other one."""
        return (
            self.arn == other.arn
            and self.service == other.service
            and (self.with_grants or not other.with_grants)
            and set(self.actions) >= set(other.actions)
        )


@dataclass
class _Part:
    """One policy; a role is here with the service that it may be passed to."""

    roles: list[tuple[str, str]] = field(default_factory=list)
    keys: list[_Key] = field(default_factory=list)
    policy: iam.CfnManagedPolicy | None = None

    def document(self) -> dict[str, Any]:
        """What it allows; equal permissions on several keys are one statement."""
        statements: list[Statement] = []
        for service in dict.fromkeys(service for _, service in self.roles):
            statements.append(passing([arn for arn, its in self.roles if its == service], [service]))
        for each in dict.fromkeys((key.actions, key.with_grants, key.service) for key in self.keys):
            arns = [key.arn for key in self.keys if (key.actions, key.with_grants, key.service) == each]
            statements += caller_statements(each[0], arns, with_grants=each[1], service=each[2])
        return document(statements)


class OwnPolicies:
    """Managed policies of the worker, one more whenever the last one is full.

    Args:
        scope: Scope of the policies.
        role: The worker's role.
    """

    def __init__(self, scope: Construct, role: iam.CfnRole) -> None:
        self._scope = scope
        self._role = role
        self._parts: list[_Part] = []
        self._roles: set[tuple[str, str]] = set()
        self._keys: list[_Key] = []

    @property
    def logical_ids(self) -> list[str]:
        """Their logical ids so far: all that is allowed until now is in them."""
        return [_id(WORKER_OWN_POLICY, number) for number in range(len(self._parts))]

    def pass_role(self, arn: str, service: str = CLEAN_ROOMS_ML) -> None:
        """Lets the worker hand a role to a service."""
        if (arn, service) not in self._roles:
            self._roles.add((arn, service))
            self._add(_Part(roles=[(arn, service)]))

    def use_key(self, arn: str, actions: Sequence[str], *, with_grants: bool, service: str = CLEAN_ROOMS_ML) -> bool:
        """Lets the worker use a key through a service; whether that is new."""
        key = _Key(arn, tuple(actions), with_grants, service)
        if any(held.covers(key) for held in self._keys):
            return False
        self._keys.append(key)
        self._add(_Part(keys=[key]))
        return True

    def _add(self, more: _Part) -> None:
        part = self._parts[-1] if self._parts else None
        if part is None or _chars(_Part(part.roles + more.roles, part.keys + more.keys)) > MANAGED_POLICY_CHARS:
            part = _Part()
            self._parts.append(part)
        part.roles += more.roles
        part.keys += more.keys
        if part.policy is not None:
            part.policy.policy_document = part.document()
            return
        number = len(self._parts) - 1
        properties = {
            "description": "The roles and keys of the stack's own that Clean Rooms ML resources use",
            "roles": [self._role.ref],
            "policyDocument": part.document(),
        }
        part.policy = create_unchecked(iam.CfnManagedPolicy, self._scope, _id("WorkerOwnPolicy", number), properties)
        part.policy.override_logical_id(_id(WORKER_OWN_POLICY, number))


def _id(name: str, number: int) -> str:
    """The first has no number: it was there before there could be more."""
    return f"{name}{number + 1}" if number else name


def _chars(part: _Part) -> int:
    """How long a policy is at most."""
    text = json.dumps(part.document(), separators=(",", ":"))
    for token, longest in (_ARN_TOKEN, _PSEUDO_TOKEN, _OTHER_TOKEN):
        text = token.sub("x" * longest, text)
    return len(text)
