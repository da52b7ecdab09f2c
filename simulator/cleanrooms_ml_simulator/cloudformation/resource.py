"""What a stack holds, and what its owner sees happen to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .conductor import Target

# Policies that keep a resource; the second one does not keep what a failed first deployment created.
KEPT = ("Retain", "RetainExceptOnCreate")


@dataclass(frozen=True)
class StackEvent:
    """A line of the stack's events; the stack itself has an empty logical id.

    Attributes:
        sent: How many requests the stack had sent before.
    """

    at: float
    logical_id: str
    status: str
    reason: str
    sent: int = 0


@dataclass
class Resource:
    """A resource as the stack knows it.

    Attributes:
        needs: The logical ids that have to outlive it.
    """

    logical_id: str
    type: str
    physical_id: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    status: str = ""
    request_id: str = ""

    @property
    def target(self) -> Target:
        return Target(self.logical_id, self.type, self.properties)

    def take_policies(self, entry: Mapping[str, Any]) -> None:
        """Take over what a template says of the end of this resource."""
        self.deletion_policy = entry.get("DeletionPolicy", "Delete")
        self.replace_policy = entry.get("UpdateReplacePolicy", "Delete")

    @property
    def key(self) -> tuple[str, str]:
        return self.logical_id, self.physical_id


def reversed_needs(resources: Mapping[str, Resource]) -> dict[str, set[str]]:
    """For each resource those that have to be deleted before it."""
    return {key: {other for other, resource in resources.items() if key in resource.needs} for key in resources}


def copied(resources: Mapping[str, Resource]) -> dict[str, Resource]:
    """Resources as they are now, untouched by what comes."""
    return {key: replace(resource) for key, resource in resources.items()}
