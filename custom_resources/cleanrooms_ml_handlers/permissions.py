"""The IAM permissions that a call needs, as the specs state them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .tags import TAG_CHANGES, TAG_READS


@dataclass(frozen=True)
class Permission:
    """IAM actions that a call needs and the ARN on which AWS authorizes them.

    Attributes:
        actions: The IAM actions.
        resource: "*" for actions without resource-level permissions, else "<service>:<own or any>:<resource>",
            where "own" means the account of the stack and "any" every account.
        source: Where AWS says so.

    Raises:
        ValueError: The resource has another form: a slip there would allow the actions in every account.
    """

    actions: tuple[str, ...]
    resource: str
    source: str = "Service Authorization Reference, AWS Clean Rooms ML"

    def __post_init__(self) -> None:
        service, account, name = (*self.resource.split(":", 2), "", "")[:3]
        if self.resource != "*" and not (service and account in ("own", "any") and name):
            raise ValueError(
                f"{', '.join(self.actions)}: the resource is {self.resource!r}; allowed are '*' and "
                "'<service>:<own or any>:<resource>'. Correct it in the permissions of the spec"
            )


# The sources of what a service authorizes, by its name in IAM.
REFERENCES: Mapping[str, str] = {
    "cleanrooms-ml": "Service Authorization Reference, AWS Clean Rooms ML",
    "cleanrooms": "Service Authorization Reference, AWS Clean Rooms",
}


def via_service(region: str, service: str = "cleanrooms-ml") -> dict[str, str]:
    """The condition key and value of calls of KMS that a service makes for its caller."""
    return {"kms:ViaService": f"{service}.{region}.amazonaws.com"}


_BEHAVIORS = "User guide, IAM behaviors for custom ML"
PASS_MEMBERSHIP = Permission(("cleanrooms:PassMembership",), "cleanrooms:own:membership/*", _BEHAVIORS)
PASS_COLLABORATION = Permission(("cleanrooms:PassCollaboration",), "cleanrooms:any:collaboration/*", _BEHAVIORS)


def authorized(
    on: Mapping[str, str], *also: Permission, service: str = "cleanrooms-ml"
) -> dict[str, tuple[Permission, ...]]:
    """The permissions of operations that AWS authorizes under their own names.

    Args:
        on: For each operation the resource on which AWS authorizes it.
        also: Permissions that all of them need in addition.
        service: The prefix of the actions: "cleanrooms-ml" or "cleanrooms".

    Raises:
        ValueError: No source is known for the actions of the service.
    """
    if service not in REFERENCES:
        raise ValueError(
            f"{', '.join(on)}: service={service!r}; REFERENCES in cleanrooms_ml_handlers/permissions.py has "
            f"{', '.join(REFERENCES)}. Write one of these, or add the service there"
        )
    return {
        name: (Permission((f"{service}:{name}",), resource, REFERENCES[service]), *also)
        for name, resource in on.items()
    }


def tag_on_create(resource: str, service: str = "cleanrooms-ml") -> Permission:
    """The permission that a create with tags needs in addition to the create itself."""
    return Permission((f"{service}:TagResource",), resource, "CloudFormation handlers tag on create")


def tagging(resource: str, service: str = "cleanrooms-ml", *, reads: bool = False) -> dict[str, tuple[Permission, ...]]:
    """The permissions to change tags.

    Args:
        resource: The resources that have the tags.
        service: The prefix of the actions.
        reads: Whether tags are read by an operation of their own, because the get operation does not return them.
    """
    names = (*TAG_CHANGES, *(TAG_READS if reads else ()))
    return authorized(dict.fromkeys(names, resource), service=service)
