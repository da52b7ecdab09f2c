"""What the engine, the constructs and the emulator need to know about a kind of resource: data, no code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from .model import service_model
from .permissions import Permission

RESOURCE_TYPE_PREFIX = "Custom::CleanRoomsML-"
WAIT_RESOURCE_TYPE = f"{RESOURCE_TYPE_PREFIX}Wait"

# A resource may show only a while after its creation was accepted; until then "not found" proves nothing.
SETTLING_SECONDS = 30

# The source of the events that end a watch.
EVENT_SOURCE = "cdk-cleanrooms-ml"
STATE_CHANGE = "Clean Rooms ML Resource State Change"

# CloudFormation waits an hour at most for a custom resource; what we wait leaves room to answer and clean up.
SERVICE_TIMEOUT_SECONDS = 3600
DEFAULT_TIMEOUT_SECONDS = 3300
# The time-out of the worker function: what was stopped may go on for so long.
WORKER_TIMEOUT_SECONDS = 60

# Not every get operation shows the tags.
_TAGGING = ("ListTagsForResource", "TagResource", "UntagResource")


class Phase(Enum):
    """What a status means for whoever waits."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    DELETING = "deleting"
    DELETE_FAILED = "delete failed"
    GONE = "gone"


@dataclass(frozen=True)
class Bar:
    """A quality gate: how a figure of the result is judged.

    Attributes:
        figure: Path of the figure in the answer of the get operation; "[]" stands for every item of a list.
        at_least: Whether the figure has to reach the bar; otherwise it must not exceed it.
        keyword: The keyword argument by which users know the gate.
    """

    figure: str
    at_least: bool
    keyword: str


class Life(Enum):
    """How resources of a kind come and go."""

    # Many of them, told apart by their names.
    NAMED = "named"
    # One, at a fixed place: a put makes or overwrites it.
    SINGLETON = "singleton"
    # One document that several owners write their statements into.
    DOCUMENT = "document"


@dataclass(frozen=True)
class Lookup:
    """Where a parameter of the list operation comes from if the request does not have it.

    Attributes:
        operation: A get operation, called with the members that it needs of what is known.
        parameters: These members.
        field: The member of its answer.
    """

    operation: str
    parameters: tuple[str, ...]
    field: str


@dataclass(frozen=True)
class ResourceSpec:
    """One kind of resource of Clean Rooms ML.

    Attributes:
        kind: The API's name of the resource.
        service: The service's name in boto3.
        life: How resources of this kind come and go.
        create, get, list, delete, update: API operations, written out; None where the API has none. Without a
            get the list's summaries are all that is known; without a delete the record stays.
        cancel: The operation that ends a run, where there is one.
        id_parts: Members of the answers that make the physical id, joined with "#"; one may be absent.
        id_suffix: What the physical id ends with besides.
        id_pattern: What a physical id looks like; its named groups are the members by which requests name it.
        arn_field: The member of the answers that carries the ARN; empty for a kind without.
        answer_field: The member of the answers in which the resource lies; empty if the answer is the resource.
        name_field: The member of the create request with the name.
        names_are_unique: Whether the service documents that it refuses a name that is taken.
        shown_name_field: The member of the answers with the name.
        list_field: The member of the list operation's answer with the summaries.
        list_parameters: Members that the list operation needs.
        list_lookups: Where those of them come from that the create request does not have.
        document_field: The member with the document, for a kind that is one.
        statuses: Every status of the service model and its phase; empty for a kind without statuses.
        update_names: Members that the update operation calls otherwise than the create operation.
        cleared: For a mutable member that left the request, what an update sends to take it away.
        presence_is_identity: Mutable members which the API cannot take away: adding or removing one makes a
            new resource.
        attributes: Results: Fn::GetAtt name to path in the answer; `Ready` serves them where there is one.
        gates: Quality gates by the name of their setting.
        in_flight_quotas: Parts of the names of quotas on what is under way, in small letters and without hyphens:
            reaching one means waiting. The names are those of the user guide's quota page.
        long_running: Whether becoming ready takes time, so that there is a `Ready` beside the `Resource`.
        retry_hint: What a user does after a failed run.
        permissions: What calling each operation needs.
        role_fields: Paths of the role ARNs that the request passes to the service.
        key_field: The member with the ARN of a KMS key, on which the caller needs `key_actions`.
        key_actions: What the caller needs on that key, through the service.
    """

    kind: str
    create: str
    id_parts: tuple[str, ...]
    id_pattern: str
    permissions: Mapping[str, tuple[Permission, ...]]
    id_suffix: str = ""
    service: str = "cleanroomsml"
    life: Life = Life.NAMED
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
    document_field: str = ""
    statuses: Mapping[str, Phase] = field(default_factory=dict)
    update_names: Mapping[str, str] = field(default_factory=dict)
    cleared: Mapping[str, object] = field(default_factory=dict)
    presence_is_identity: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    gates: Mapping[str, Bar] = field(default_factory=dict)
    in_flight_quotas: tuple[str, ...] = ()
    long_running: bool = False
    retry_hint: str = ""
    role_fields: tuple[str, ...] = ()
    key_field: str | None = None
    key_actions: tuple[str, ...] = ()

    @property
    def resource_type(self) -> str:
        """The CloudFormation type of the construct's `Resource`."""
        return RESOURCE_TYPE_PREFIX + self.kind

    @cached_property
    def _id(self) -> re.Pattern[str]:
        return re.compile(self.id_pattern)

    @cached_property
    def is_taggable(self) -> bool:
        """Whether resources of this kind have tags."""
        return "tags" in service_model(self.service).input_members(self.create)

    @property
    def ending(self) -> tuple[str, ...]:
        """Those operations of `permissions` that look for what there is and take it away.

        Tags are among them, since a deletion begins with one that says so; and so is the put of a document, since
        taking statements out of one that holds others' too is to write it.
        """
        lookups = [lookup.operation for lookup in self.list_lookups.values()]
        put = self.create if self.life is Life.DOCUMENT else None
        operations = (self.get, self.list, self.delete, self.cancel, *lookups, put, *_TAGGING)
        return tuple(each for each in operations if each and each in self.permissions)

    @property
    def identifying(self) -> frozenset[str]:
        """The members by which requests name a resource."""
        return frozenset(self._id.groupindex)

    def identifiers(self, physical_id: str) -> dict[str, str] | None:
        """The members by which requests name a resource; None if this is no physical id of this kind."""
        match = self._id.fullmatch(physical_id)
        return {key: value for key, value in match.groupdict().items() if value is not None} if match else None

    def physical_id(self, members: Mapping[str, object]) -> str:
        """The physical id of what has these members."""
        return "#".join(str(members[part]) for part in self.id_parts if members.get(part)) + self.id_suffix


def arn_pattern(resource: str, service: str = "cleanrooms-ml") -> str:
    """The pattern of an ARN, from that of its last part."""
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
STATUSES_OF_A_CANCELLABLE_RUN: Mapping[str, Phase] = {
    **STATUSES_OF_AN_EXPORT,
    # On its way to its end, as a resource that is being deleted is.
    "CANCEL_PENDING": Phase.DELETING,
    "CANCEL_IN_PROGRESS": Phase.DELETING,
    "CANCEL_FAILED": Phase.FAILED,
    "INACTIVE": Phase.GONE,
}
