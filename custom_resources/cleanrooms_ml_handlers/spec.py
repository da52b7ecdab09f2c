"""What the engine, the constructs and the emulator need to know about a kind of resource: data, no code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

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


@dataclass(frozen=True)
class ResourceSpec:
    """One kind of resource of Clean Rooms ML.

    Attributes:
        kind: The API's name of the resource.
        service: The service's name in boto3.
        create, get, list, delete, update: API operations, written out; None where the API has none.
        arn_field: The member that carries the ARN in requests and answers.
        arn_pattern: The resource part of the ARN; its named groups are members that Get and Delete need besides.
        name_field: The member with the name.
        list_field: The member of the list operation's answer with the summaries.
        list_parameters: Members of the create request that the list operation needs.
        statuses: Every status of the service model and its phase; empty for a kind without statuses.
        cleared: For a mutable member that left the request, what an update sends to take it away.
        presence_is_identity: Mutable members which the API cannot take away: adding or removing one makes a
            new resource.
        attributes: Results that `Ready` serves: Fn::GetAtt name to path in the answer of the get operation.
        gates: Quality gates by the name of their setting.
        in_flight_quotas: Beginnings of quota names that limit jobs in flight: reaching one means waiting.
        long_running: Whether becoming ready takes time, so that there is a `Ready` beside the `Resource`.
        retry_hint: What a user does after a failed run.
        permissions: What calling each operation needs.
        role_fields: Paths of the role ARNs that the request passes to the service.
        key_field: The member with the ARN of a KMS key, on which the caller needs `key_actions`.
        key_actions: What the caller needs on that key, through the service.
    """

    kind: str
    create: str
    get: str
    list: str
    delete: str
    arn_field: str
    arn_pattern: str
    list_field: str
    permissions: Mapping[str, tuple[Permission, ...]]
    service: str = "cleanroomsml"
    update: str | None = None
    name_field: str = "name"
    list_parameters: tuple[str, ...] = ()
    statuses: Mapping[str, Phase] = field(default_factory=dict)
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
    def _arn(self) -> re.Pattern[str]:
        return re.compile(rf"arn:aws[-a-z]*:cleanrooms(?:-ml)?:[-a-z0-9]+:[0-9]{{12}}:{self.arn_pattern}")

    def identifiers(self, arn: str) -> dict[str, str] | None:
        """The members by which Get and Delete find the resource; None if this is no ARN of this kind."""
        match = self._arn.fullmatch(arn)
        return {**match.groupdict(), self.arn_field: arn} if match else None


TAG_OPERATIONS = ("TagResource", "UntagResource")

STATUSES_OF_A_JOB: Mapping[str, Phase] = {
    "CREATE_PENDING": Phase.PENDING,
    "CREATE_IN_PROGRESS": Phase.PENDING,
    "CREATE_FAILED": Phase.FAILED,
    "ACTIVE": Phase.READY,
    "DELETE_PENDING": Phase.DELETING,
    "DELETE_IN_PROGRESS": Phase.DELETING,
    "DELETE_FAILED": Phase.DELETE_FAILED,
}
