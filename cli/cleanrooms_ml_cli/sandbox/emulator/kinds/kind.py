"""What the emulator knows of a kind of resource. A kind is data; what it does of its own is in `behaviors`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from string import Formatter
from typing import Any

from cleanrooms_ml_handlers.model import ServiceModel
from cleanrooms_ml_handlers.spec import ResourceSpec

from ..calls import SERVICES, SIGNING_NAMES
from ..models import service_model

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z]|$)|[A-Z][a-z]+")


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
    """What becomes of a record after its delete operation."""

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
        operations: The operations of this kind. Those whose names have "Collaboration" serve every member of one.
        arn_field: Member that carries the ARN in requests and replies; empty for a kind without.
        arn_path: The part of the ARN before the identifier; empty for a kind without.
        arn_service: The signing name of the service, which is in the ARN.
        id_field: Member by which requests name it, for a kind that they do not name by ARN.
        key: By what a record without an ARN is known, from its members.
        version_field: Member with the version, for a kind whose versions share an ARN.
        wrapped: Member of the replies that holds it; empty if the reply is the resource.
        name_field: Member of the create request with the name.
        runs: Whether creating it is a run that takes time and can fail.
        ending: What a delete leaves.
        any_member_deletes: Whether every member of the collaboration may delete it.
        parents: What it is built on.
        lives_with: Member with the ARN of the record with which it disappears.
        unique: Within what the documentation calls the name unique.
        defaults: Values that the service shows for members that the request omits.
        keys: What the caller needs on the customer's key, through the service.
        sensitive: Members that are not to be logged although the service model does not mark them.
        also_named_by: Further members by which requests name it.
        only_one_per: Members, as paths, of whose values there can be only one record.
        statuses: What the service calls the statuses of this kind, where it does not use the words of its others.
        shown_as: Members of replies that requests call otherwise.
        merges: Members that an update changes only as far as it says.
        updated_as: Members of update requests that the create request calls otherwise.
        with_membership: Whether it belongs to a membership although no ARN says so.
    """

    name: str
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
    also_named_by: tuple[str, ...] = ()
    only_one_per: tuple[str, ...] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)
    shown_as: Mapping[str, str] = field(default_factory=dict)
    merges: tuple[str, ...] = ()
    updated_as: Mapping[str, str] = field(default_factory=dict)
    with_membership: bool = False

    @property
    def label(self) -> str:
        """The words of an error message, such as "ML input channel"."""
        words = _WORD.findall(self.name)
        return " ".join(word if word.isupper() else word.lower() for word in words)

    @property
    def service(self) -> str:
        """The service by its name in boto3."""
        return SERVICES[self.arn_service]

    def shown_shape(self, model: ServiceModel) -> str:
        """The shape in which a service shows a whole record; empty if its model has none."""
        for name, verb in self.operations.items():
            operation = model.operations.get(name)
            if verb is Verb.GET and operation is not None and operation.output:
                return model.members(operation.output)[self.wrapped] if self.wrapped else operation.output
        return ""

    def operation(self, verb: Verb) -> str:
        """The first operation that does something with records of this kind; empty if none does."""
        return next((name for name, does in self.operations.items() if does is verb), "")

    def name_in(self, params: Mapping[str, Any]) -> str:
        """What a request names a record by: an identifier, an ARN, or the key of a kind that has neither."""
        members = (self.id_field, self.arn_field, *self.also_named_by)
        return next((str(params[member]) for member in members if member in params), "") or self.key.format_map(params)

    @property
    def key_members(self) -> tuple[str, ...]:
        """The members that the key of a kind without an ARN has."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.key) if name)

    def own_status(self, shown: str) -> str:
        """The status that the service shows as this one."""
        return next((own for own, word in self.statuses.items() if word == shown), shown)

    @property
    def in_membership(self) -> bool:
        """Whether records of this kind belong to a membership rather than to the account alone."""
        return "{membershipIdentifier}" in self.arn_path

    @property
    def can_be_deleted(self) -> bool:
        """Whether the API can delete it."""
        return Verb.DELETE in self.operations.values()

    def uses(self, data: Mapping[str, Any]) -> Iterator[Use]:
        """The parents of a request, or of the record that it created."""
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


def of_spec(
    spec: ResourceSpec, *, create: Verb = Verb.CREATE, more: Mapping[str, Verb] | None = None, **own: Any
) -> Kind:
    """The kind of a resource that has a spec: operations, names and fields are the spec's.

    What the service refuses, which statuses it shows and what it authorizes is said here and never read from the
    spec: the tests check the engine and the permissions against these.

    Args:
        spec: The spec of the resource.
        create: What the spec's create operation does; `Verb.PUT` if it overwrites as well.
        more: Further operations of the service that concern this kind.
        own: Further arguments of `Kind`.
    """
    verbs = {
        spec.create: create,
        spec.get: Verb.GET,
        spec.list: Verb.LIST,
        spec.update: Verb.UPDATE,
        spec.delete: Verb.DELETE,
        spec.cancel: Verb.CANCEL,
    }
    operations = {name: verb for name, verb in verbs.items() if name}
    return Kind(
        name=spec.kind,
        operations={**operations, **_for_every_member(spec.service, operations), **(more or {})},
        arn_field=spec.arn_field,
        arn_service=SIGNING_NAMES[spec.service],
        wrapped=spec.answer_field,
        name_field=spec.name_field,
        **own,
    )


def _for_every_member(service: str, operations: Mapping[str, Verb]) -> dict[str, Verb]:
    """The operations by which every member of a collaboration reads what one of them owns."""
    read = {name: verb for name, verb in operations.items() if verb in (Verb.GET, Verb.LIST)}
    shared = {re.sub("^(Get|List)", r"\1Collaboration", name): verb for name, verb in read.items()}
    return {name: verb for name, verb in shared.items() if name in service_model(service).operations}


KEY_ACTIONS = ("kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt")
GRANTING_KEY_ACTIONS = (*KEY_ACTIONS, "kms:CreateGrant")
