"""What the emulator knows of a kind of resource. A kind is data; the special behavior is in `behaviors`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Verb(Enum):
    """What an operation does with records of a kind."""

    CREATE = "create"
    PUT = "put"
    GET = "get"
    LIST = "list"
    VERSIONS = "list the versions of one"
    UPDATE = "update"
    DELETE = "delete"
    CANCEL = "cancel"


class Ending(Enum):
    """What is left of a record after its delete operation."""

    AT_ONCE = "the record is gone with the reply"
    GONE = "the record passes DELETE_PENDING and DELETE_IN_PROGRESS and is gone"
    INACTIVE = "the record passes DELETE_PENDING and DELETE_IN_PROGRESS and stays as INACTIVE"


class Unique(Enum):
    """Within what a name is unique."""

    ACCOUNT = "account"
    MEMBERSHIP = "membershipIdentifier"
    COLLABORATION = "collaborationIdentifier"


class Needed(Enum):
    """How long a record needs the one that it was built on, which cannot be deleted so long."""

    ALWAYS = "as long as it is there"
    RUNNING = "as long as its run is in progress"
    NEVER = "not at all: the deletion goes on"


@dataclass(frozen=True)
class Parent:
    """A record that another one is built on, which must exist and be ACTIVE.

    Args:
        kind: Name of its kind.
        member: The member that names it, by ARN or identifier; a list names several.
        within: Where that member is: a structure, or a list of them ("dataChannels[]"). Default: the request.
        needed: How long it is needed.
        authorizes: Whether IAM authorizes the create on it.
        version: The member beside it that names its version.
        latest: Whether without a version the latest one is meant; otherwise the base version.
        foreign: Whether it may belong to another account: only its resource policy says so.
    """

    kind: str
    member: str
    within: str = ""
    needed: Needed = Needed.ALWAYS
    authorizes: bool = True
    version: str = ""
    latest: bool = False
    foreign: bool = False


@dataclass(frozen=True)
class Use:
    """One use of a parent by a request: what it is named by."""

    parent: Parent
    name: str
    version: str | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    Args:
        name: The service's own word, in the form of a CloudFormation type.
        label: The words of an error message.
        operations: The operations of this kind. Those whose names have "Collaboration" serve every member of one.
        arn_field: Member that carries the ARN in requests and replies; empty for a kind without.
        arn_path: What stands before the identifier in the ARN; empty for a kind without.
        arn_service: The service in the ARN.
        id_field: Member by which requests name it, for a kind that they do not name by ARN.
        key: By what a record without an ARN is known, from its members.
        version_field: Member that tells the versions of one ARN apart.
        wrapped: Member of the replies that holds it; empty if the reply is the resource.
        name_field: Member of the create request with the name.
        runs: Whether creating it is a run that takes time and can fail.
        ending: What a delete leaves.
        any_member_deletes: Whether every member of the collaboration may delete it.
        parents: What it is built on.
        lives_with: Member with the ARN of the record with which it disappears.
        unique: Within what the documentation calls the name unique.
        defaults: Values that the service shows for members that the request left out.
        keys: What the caller needs on the customer's key, through the service.
        sensitive: Members that AWS marks as not to be logged, for a kind whose operations our model lacks.
    """

    name: str
    label: str
    operations: Mapping[str, Verb]
    arn_field: str = ""
    arn_path: str = ""
    arn_service: str = "cleanrooms-ml"
    id_field: str = ""
    key: str = ""
    version_field: str = ""
    wrapped: str = ""
    name_field: str = "name"
    runs: bool = False
    ending: Ending = Ending.AT_ONCE
    any_member_deletes: bool = False
    parents: tuple[Parent, ...] = ()
    lives_with: str = ""
    unique: Unique | None = None
    defaults: Mapping[str, object] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()

    @property
    def in_membership(self) -> bool:
        """Whether records of this kind belong to a membership rather than to the account alone."""
        return "{membershipIdentifier}" in self.arn_path

    @property
    def can_be_deleted(self) -> bool:
        """Whether the API can delete it."""
        return Verb.DELETE in self.operations.values()

    def uses(self, data: Mapping[str, Any]) -> Iterator[Use]:
        """What a request, or a record made by it, is built on."""
        for parent in self.parents:
            for holder in _within(data, parent.within):
                value = holder.get(parent.member, [])
                for name in value if isinstance(value, list) else [value]:
                    yield Use(parent, name, holder.get(parent.version) if parent.version else None)


def _within(data: Mapping[str, Any], path: str) -> list[Mapping[str, Any]]:
    if not path:
        return [data]
    found = data.get(path.removesuffix("[]"), [])
    return found if isinstance(found, list) else [found]


KEY_ACTIONS = ("kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt")
GRANTING_KEY_ACTIONS = (*KEY_ACTIONS, "kms:CreateGrant")
