"""The resources of a template, and how to follow what they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX, WAIT_RESOURCE_TYPE

from ..in_flight import needs
from ..kinds import KINDS
from ..template import Resource, is_unknown, target


@dataclass(frozen=True)
class Stack:
    """The resources of a template.

    Attributes:
        resources: All resources by logical id.
        requests: The create requests of this library's resources.
        entries: The `Resources` of the template.
    """

    resources: Mapping[str, Resource]
    requests: Mapping[str, Any]
    entries: Mapping[str, Any]

    def of_kind(self, *kinds: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The requests of some kinds, each with its logical id."""
        for name, request in self.requests.items():
            if self.kind(name) in kinds and isinstance(request, Mapping) and not is_unknown(request):
                yield name, request

    def kind(self, name: str) -> str:
        """The kind of a resource of this library; empty if it is another one."""
        kind = self.resources[name].type.removeprefix(RESOURCE_TYPE_PREFIX)
        return kind if kind in KINDS else ""

    def referred(self, value: object, *types: str) -> Resource | None:
        """The resource of one of some types that a value refers to; None if it is not in this template."""
        found = self.resources.get(target(value) or "")
        return found if found is not None and found.type in types and isinstance(found.properties, Mapping) else None

    @cached_property
    def ends(self) -> Mapping[str, Resource]:
        """The `Ready` of each run, by the logical id of what starts it."""
        return {
            target(each.properties.get("Arn")) or "": each
            for each in self.resources.values()
            if each.type == WAIT_RESOURCE_TYPE
            and isinstance(each.properties, Mapping)
            and not dig(each.properties, "Settings", "Link")
        }

    @cached_property
    def _needs(self) -> Mapping[str, set[str]]:
        return needs(self.entries)

    def comes_before(self, earlier: str, later: str) -> bool:
        """Whether CloudFormation creates one resource only when another one is there."""
        seen: set[str] = set()
        pending = [later]
        while pending:
            name = pending.pop()
            if name == earlier:
                return True
            if name not in seen:
                seen.add(name)
                pending += self._needs.get(name, ())
        return False


def dig(value: Any, *path: str) -> Any:
    """A member at a path, None if it is absent. The CDK's own classes begin names with a small letter."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name, value.get(name[:1].lower() + name[1:]))
    return value


def listed(value: Any) -> list[Any]:
    """The value as a list: IAM takes one item instead of a list."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
