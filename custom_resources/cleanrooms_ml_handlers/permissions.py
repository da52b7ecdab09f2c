"""What a call needs of IAM, in the words of the specs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Permission:
    """IAM actions that a call needs and the ARN on which AWS authorizes them.

    Attributes:
        actions: The IAM actions.
        resource: "*" for actions without resource-level permissions, else "<service>:<own or any>:<resource>",
            where "own" and "any" say whose account the ARN lies in.
        source: Where AWS says so.
    """

    actions: tuple[str, ...]
    resource: str
    source: str = "Service Authorization Reference, AWS Clean Rooms ML"


_BEHAVIORS = "User guide, IAM behaviors for custom ML"
PASS_MEMBERSHIP = Permission(("cleanrooms:PassMembership",), "cleanrooms:own:membership/*", _BEHAVIORS)
PASS_COLLABORATION = Permission(("cleanrooms:PassCollaboration",), "cleanrooms:any:collaboration/*", _BEHAVIORS)


def authorized(on: Mapping[str, str], *also: Permission) -> dict[str, tuple[Permission, ...]]:
    """What operations need that AWS authorizes under their own names.

    Args:
        on: For each operation the resource on which AWS authorizes it.
        also: What all of them need besides.
    """
    return {name: (Permission((f"cleanrooms-ml:{name}",), resource), *also) for name, resource in on.items()}


def tag_on_create(resource: str) -> Permission:
    """What a create with tags needs besides the create itself."""
    return Permission(("cleanrooms-ml:TagResource",), resource, "CloudFormation handlers tag on create")


def tagging(resource: str) -> dict[str, tuple[Permission, ...]]:
    """What changing tags needs."""
    return authorized({"TagResource": resource, "UntagResource": resource})
