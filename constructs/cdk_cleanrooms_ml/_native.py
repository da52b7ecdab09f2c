"""Resources that CloudFormation knows itself, with this library's checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import CfnResource, CfnTag, Names, RemovalPolicy, Resource, TagManager
from aws_cdk import aws_iam as iam
from constructs import Construct

from ._stack import stack_of
from ._validation import as_far_as_known, is_unchecked, spelled_out, user_line, without_none
from ._values import expect, expect_tags

if TYPE_CHECKING:
    from ._entry import Notice
    from ._permissions import Statement

_NAME_HASH_CHARS = 8


@dataclass
class NativeEntry:
    """One construct to check.

    Attributes:
        construct: The construct.
        service: The service's name in boto3.
        operation: The API operation with which CloudFormation creates it.
        request: Its request, without tags.
        tags: Its tags, final only after aspects; None if what the operation creates has none.
        line: The user's file and line.
        also: Further problems, which only this kind knows.
    """

    construct: Construct
    service: str
    operation: str
    request: Mapping[str, Any]
    tags: TagManager | None
    line: str
    also: Callable[[], Iterable[object]] | None = None

    def warnings(self) -> list[Notice]:
        """Warnings, each acknowledged by its id."""
        from cleanrooms_ml_handlers import rules  # here: expensive to import

        from ._entry import NEWER_VALUE, VOUCHED, notices, unknown_to_model

        found = rules.advice(self.service, self.operation, spelled_out(self.request), is_unchecked)
        newer = unknown_to_model(self.service, self.operation, spelled_out(self.request))
        advice = [(each.id, each.path, str(each)) for each in found]
        vouched = [(NEWER_VALUE, each.path, f"{each}{VOUCHED}") for each in newer]
        further = [(each.rule, each.path, str(each)) for each in self._also() if rules.is_advice(each)]
        return list(notices([*vouched, *advice, *further], f"({self.operation})  [{self.line}]"))

    def messages(self) -> list[str]:
        """Every problem, in the words that the user reads."""
        from cleanrooms_ml_handlers import rules  # here: expensive to import
        from cleanrooms_ml_handlers.model import service_model

        tags = self.tags.tag_values() if self.tags is not None else {}
        request = {**spelled_out(self.request), **({"tags": tags} if tags else {})}
        problems = [
            *service_model(self.service).check(self.operation, as_far_as_known(request), is_unchecked),
            *rules.problems(self.service, self.operation, request, is_unchecked),
            *(each for each in self._also() if not rules.is_advice(each)),
        ]
        if not problems:
            return []
        path = self.construct.node.path
        return [f"{path}: {problem} ({self.operation})  [{self.line}]" for problem in problems]

    def _also(self) -> Iterable[object]:
        return self.also() if self.also else ()


class NativeResource(Resource):
    """What every resource that CloudFormation knows itself has in common.

    A subclass creates its request, then its L1 as the child ``Resource``, and then calls ``_check`` once.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self._line = user_line()

    def _create_role(self, *, description: str, statements: Sequence[Statement], source: str | None = None) -> iam.Role:
        """A role for the service, as the child ``Role``."""
        from ._roles import roles_of  # here: an imported resource needs none

        return roles_of(stack_of(self)).create(self, description=description, statements=statements, source=source)

    def _name(self, request: Mapping[str, Any], longest: int) -> str:
        """A name that changes with the request: a replacement is created before the old resource is deleted."""
        digest = hash_of(self, request)
        return f"{Names.unique_resource_name(self, max_length=longest - _NAME_HASH_CHARS - 1)}-{digest}"

    def _check(
        self,
        resource: CfnResource,
        tags: TagManager,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        *,
        removal_policy: RemovalPolicy | None,
        also: Callable[[], Iterable[object]] | None = None,
        has_own_role: bool = False,
    ) -> None:
        # Here: an imported resource needs none.
        from ._checks import checks_of
        from ._late import Subject

        expect("removal_policy", removal_policy, RemovalPolicy, "RemovalPolicy")
        self._resource = resource
        entry = NativeEntry(self, service, operation, without_none(request), tags, self._line, also)
        checks = checks_of(stack_of(self))
        checks.add(entry)
        checks.add_subject(Subject(self, [resource], self._line, entry.request, lambda: has_own_role))
        if removal_policy is not None:
            self.apply_removal_policy(removal_policy)

    def _check_part(
        self,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        also: Callable[[], Iterable[object]] | None = None,
    ) -> None:
        """Checks a part of the resource that the API creates with an operation of its own."""
        from ._checks import checks_of  # here: an imported resource needs none

        entry = NativeEntry(self, service, operation, without_none(request), None, self._line, also)
        checks_of(stack_of(self)).add(entry)


def hash_of(scope: Construct, value: object) -> str:
    """A hash that is the same whenever the rendered value is."""
    from hashlib import sha256  # here: it loads OpenSSL

    resolved = stack_of(scope).resolve(without_none(value))
    return sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()[:_NAME_HASH_CHARS]


def cfn_tags(tags: Mapping[str, str] | None) -> list[CfnTag] | None:
    """Tags as L1 constructs take them."""
    expect_tags(tags)
    return [CfnTag(key=key, value=value) for key, value in tags.items()] if tags else None
