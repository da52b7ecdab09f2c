"""A kind of resource as data. The engine, the constructs and the emulator read it from here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from .model import service_model
from .permissions import Permission
from .shared_names import RESOURCE_TYPE_PREFIX
from .tags import TAG_CHANGES, TAG_READS
from .timing import SETTLING_SECONDS, SETTLING_SECONDS_OF_SHARED_NAMES


class Phase(Enum):
    """The meaning of a status for a caller that waits."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    DELETING = "deleting"
    DELETE_FAILED = "delete failed"
    GONE = "gone"


@dataclass(frozen=True)
class Threshold:
    """The threshold of a quality gate.

    Attributes:
        figure: Path of the figure in the answer of the get operation; see `waiting.values`.
        at_least: Whether the figure must reach the threshold; otherwise it must not exceed it.
        keyword: The keyword argument that sets the threshold.
    """

    figure: str
    at_least: bool
    keyword: str


@dataclass(frozen=True)
class Keyed:
    """Results of which the service shows one for each key.

    Attributes:
        items: Path of the list in the answer of the get operation.
        key: The member of an item with its key.
        parts: The members of the key, which follow the attribute's name.
        figure: The member of an item with the result.
    """

    items: str
    key: str
    parts: tuple[str, ...]
    figure: str

    def attribute(self, name: str, key: Mapping[str, object]) -> str:
        """The name of the attribute for a key."""
        return name + "".join(str(key.get(part, "")) for part in self.parts)


class Cardinality(Enum):
    """How many resources of a kind exist, and how they are told apart."""

    # Many, told apart by their names.
    NAMED = "named"
    # One per membership or model: a put creates or overwrites it.
    SINGLETON = "singleton"
    # One document per model, into which several owners write their statements.
    DOCUMENT = "document"


@dataclass(frozen=True)
class Lookup:
    """The source of a parameter of the list operation that the request does not have.

    Attributes:
        operation: A get operation.
        parameters: The members of the request with which it is called.
        field: The member of its answer with the value.
    """

    operation: str
    parameters: tuple[str, ...]
    field: str


@dataclass(frozen=True)
class Parent:
    """The resource to which resources of a kind without tags belong.

    Attributes:
        member: The member of the create request and of the physical id that names it.
        kind: Its kind, if it is one of this library: its ownership tag says whose it is.
    """

    member: str
    kind: str = ""


@dataclass(frozen=True)
class ResourceSpec:
    """One kind of resource of Clean Rooms ML.

    Attributes:
        kind: The API's name of the resource.
        service: The service's name in boto3.
        cardinality: How many resources of this kind exist, and how they are told apart.
        create, get, list, delete, update: API operations, written out; None where the API has none. Without a
            get, the summaries of the list are used; without a delete, the record remains.
        cancel: The operation that cancels a run, where there is one.
        id_parts: Members of the answers that form the physical id, joined with "#"; one may be absent.
        id_suffix: The suffix of the physical id.
        id_pattern: Pattern of a physical id; its named groups are the members that identify the resource in requests.
        arn_field: The member of the answers with the ARN; empty for a kind without ARN.
        answer_field: The member of the answers that contains the resource; empty if the answer is the resource.
        name_field: The member of the create request with the name.
        names_are_unique: Whether the service documents that it refuses a name in use.
        shown_name_field: The member of the answers with the name.
        list_field: The member of the list operation's answer with the summaries.
        list_parameters: Members that the list operation needs.
        list_lookups: Sources of those of them that the create request does not have.
        version_field: The member that distinguishes versions of one ARN; the first version has none.
        versions: The operation that lists all versions of an ARN, with the same summaries as the list operation.
        continues_field: The member of the create request with which a run continues an earlier version: only such a
            request creates a later version.
        document_field: The member with the document, for `Cardinality.DOCUMENT`.
        statuses: Every status of the service model and its phase; empty for a kind without statuses.
        update_names: Members that have another name in the update operation than in the create operation.
        cleared: For a mutable member that is no longer in the request, the value with which an update clears it.
        presence_is_identity: Mutable members which the API cannot clear: adding or removing one creates a new
            resource.
        attributes: Results: Fn::GetAtt name to path in the answer (`waiting.values`); `Ready` serves them where there
            is one.
        keyed_attributes: Results of which there is one for each key, by the name before the key.
        gates: Thresholds of the quality gates by the name of their setting.
        in_flight_quotas: Parts of the names of quotas on runs in progress, in lower case and without hyphens: the
            engine waits when one is reached. The names are those of the user guide's quota page.
        long_running: Whether becoming ready takes time, so that there is a `Ready` beside the `Resource`.
        retry_hint: What a user does after a failed run.
        permissions: The permissions that each operation needs.
        role_fields: Paths of the role ARNs that the request passes to the service.
        key_field: The member with the ARN of a KMS key, on which the caller needs `key_actions`.
        key_actions: KMS actions that the caller needs on that key, through the service.
    """

    kind: str
    create: str
    id_parts: tuple[str, ...]
    id_pattern: str
    permissions: Mapping[str, tuple[Permission, ...]]
    id_suffix: str = ""
    service: str = "cleanroomsml"
    cardinality: Cardinality = Cardinality.NAMED
    get: str | None = None
    list: str | None = None
    update: str | None = None
    delete: str | None = None
    cancel: str | None = None
    arn_field: str = ""
    answer_field: str = ""
    name_field: str = "name"
    names_are_unique: bool = False
    shown_name_field: str = "name"
    list_field: str = ""
    list_parameters: tuple[str, ...] = ()
    list_lookups: Mapping[str, Lookup] = field(default_factory=dict)
    version_field: str = "versionIdentifier"
    versions: str | None = None
    continues_field: str = "incrementalTrainingDataChannels"
    document_field: str = ""
    statuses: Mapping[str, Phase] = field(default_factory=dict)
    update_names: Mapping[str, str] = field(default_factory=dict)
    cleared: Mapping[str, object] = field(default_factory=dict)
    presence_is_identity: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    keyed_attributes: Mapping[str, Keyed] = field(default_factory=dict)
    gates: Mapping[str, Threshold] = field(default_factory=dict)
    in_flight_quotas: tuple[str, ...] = ()
    long_running: bool = False
    retry_hint: str = ""
    role_fields: tuple[str, ...] = ()
    key_field: str | None = None
    key_actions: tuple[str, ...] = ()

    @property
    def parent(self) -> Parent | None:
        """For a kind without tags, the resource to which it belongs: the first part of its id names it."""
        if self.is_taggable:
            return None
        member = self.id_parts[0]
        kind = member.removesuffix("Arn")
        return Parent(member, kind[0].upper() + kind[1:] if kind != member else "")

    @property
    def resource_type(self) -> str:
        """The CloudFormation type of the construct's `Resource`."""
        return RESOURCE_TYPE_PREFIX + self.kind

    @property
    def settling_seconds(self) -> int:
        """How long a resource whose create call got no answer may not show."""
        return SETTLING_SECONDS if self.names_are_unique else SETTLING_SECONDS_OF_SHARED_NAMES

    @cached_property
    def _id(self) -> re.Pattern[str]:
        return re.compile(self.id_pattern)

    @cached_property
    def is_taggable(self) -> bool:
        """Whether resources of this kind have tags."""
        return "tags" in service_model(self.service).input_members(self.create)

    @cached_property
    def signing_name(self) -> str:
        """The service's name in IAM actions, in ARNs and before ".amazonaws.com" in principals."""
        return str(service_model(self.service).metadata["signingName"])

    @property
    def operations(self) -> tuple[str, ...]:
        """Every operation of the service that concerns this kind, without those on tags."""
        lookups = (lookup.operation for lookup in self.list_lookups.values())
        named = (self.create, self.get, self.list, self.update, self.delete, self.cancel, *lookups)
        return tuple(operation for operation in named if operation)

    @property
    def cleanup_operations(self) -> tuple[str, ...]:
        """The operations of `permissions` that find and delete resources.

        They include tagging, because a deletion begins with the deletion marker, and the put of a document, because
        removing statements from a document that contains those of others is a put.
        """
        lookups = [lookup.operation for lookup in self.list_lookups.values()]
        put = self.create if self.cardinality is Cardinality.DOCUMENT else None
        untagged = (self.get, self.list, self.versions, self.delete, self.cancel, *lookups, put)
        return tuple(each for each in (*untagged, *TAG_READS, *TAG_CHANGES) if each and each in self.permissions)

    @cached_property
    def arn_resource(self) -> str:
        """The resource part of its ARNs, with "*" for what differs; empty for a kind whose id is no ARN."""
        _, _, pattern = self.id_pattern.partition(_BEFORE_THE_RESOURCE)
        words = [part if _WORD.fullmatch(part) else "*" for part in _SLASH.split(pattern)]
        # An identifier may have slashes, too.
        return "/".join(words) if pattern else ""

    @property
    def identifier_members(self) -> frozenset[str]:
        """The members that identify a resource in requests."""
        return frozenset(self._id.groupindex)

    def identifiers(self, physical_id: str) -> dict[str, str] | None:
        """The members that identify a resource in requests; None if this is not a physical id of this kind."""
        match = self._id.fullmatch(physical_id)
        return {key: value for key, value in match.groupdict().items() if value is not None} if match else None

    def physical_id(self, members: Mapping[str, object]) -> str:
        """The physical id of the resource with these members."""
        return "#".join(str(members[part]) for part in self.id_parts if members.get(part)) + self.id_suffix


# The end of the account in the pattern of an ARN; a word of its resource part; what separates those words.
_BEFORE_THE_RESOURCE = "[0-9]{12}:"
_WORD = re.compile("[a-z-]+")
_SLASH = re.compile(r"/(?![^\[]*\])")


def arn_pattern(resource: str, service: str = "cleanrooms-ml") -> str:
    """The pattern of an ARN, from the pattern of its resource part."""
    return rf"arn:aws[-a-z]*:{service}:[-a-z0-9]+:[0-9]{{12}}:{resource}"


ID = "[-a-zA-Z0-9_/.]+"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
MEMBERSHIP = f"membership/(?P<membershipIdentifier>{UUID})"

STATUSES_OF_A_JOB: Mapping[str, Phase] = {
    "CREATE_PENDING": Phase.PENDING,
    "CREATE_IN_PROGRESS": Phase.PENDING,
    "CREATE_FAILED": Phase.FAILED,
    "ACTIVE": Phase.READY,
    "DELETE_PENDING": Phase.DELETING,
    "DELETE_IN_PROGRESS": Phase.DELETING,
    "DELETE_FAILED": Phase.DELETE_FAILED,
}
STATUSES_OF_AN_EXPORT: Mapping[str, Phase] = {
    status: phase for status, phase in STATUSES_OF_A_JOB.items() if not status.startswith("DELETE")
}
STATUSES_OF_A_CANCELABLE_RUN: Mapping[str, Phase] = {
    **STATUSES_OF_AN_EXPORT,
    # Ending, like a resource that is being deleted.
    "CANCEL_PENDING": Phase.DELETING,
    "CANCEL_IN_PROGRESS": Phase.DELETING,
    "CANCEL_FAILED": Phase.FAILED,
    "INACTIVE": Phase.GONE,
}
