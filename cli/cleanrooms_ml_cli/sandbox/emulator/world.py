"""What the emulated service holds, and the settings it runs by."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cleanrooms_ml_handlers.model import ServiceModel

from .kinds import KINDS, Kind
from .lifecycle import CREATING, DELETING, GONE, Durations, Record
from .wire import ApiError

SERVICE_PRINCIPAL = "cleanrooms-ml.amazonaws.com"

# A table that never exists, so that a demo can let a query fail without any preparation.
ALWAYS_MISSING_TABLE = "no_such_table"

RoleCheck = Callable[[str, str], str | None]


@dataclass(frozen=True)
class Options:
    """Behaviour that the documentation leaves open, or that a test wants otherwise.

    Args:
        throttle: Whether calls above the documented rates get ThrottlingException.
        page_size: Items on a page of a List without maxResults.
        unique_names: Kinds whose names are unique although the documentation does not say so.
        tag_inactive: Whether TagResource on an INACTIVE record is refused with ConflictException.
        inactive_figures: Whether an INACTIVE record still shows its figures.
        quotas: Values by quota name, instead of the defaults.
    """

    throttle: bool = True
    page_size: int = 10
    unique_names: frozenset[str] = frozenset()
    tag_inactive: Literal["conflict", "ok"] = "conflict"
    inactive_figures: bool = True
    quotas: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Membership:
    """A membership of this account in a collaboration; both belong to AWS Clean Rooms, so that they are seeded only."""

    identifier: str
    collaboration: str


@dataclass(frozen=True)
class AnalysisTemplate:
    """A seeded analysis template; `synthetic` holds its synthetic data parameters, if it has any."""

    arn: str
    synthetic: Mapping[str, Any] | None = None
    score: float | None = None


@dataclass
class RunOrder:
    """What the next runs, or deletes, of a kind are to do.

    Args:
        kind: Name of the kind.
        count: How many runs.
        phase: "create" for runs, "delete" for deletes.
        status_code: Of the failure; empty for a run that succeeds.
        message: Of the failure.
        figures: Members that the ready record shows, instead of the generated ones.
        seconds: How long it takes, instead of the durations.
    """

    kind: str
    count: int = 1
    phase: Literal["create", "delete"] = "create"
    status_code: str = ""
    message: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None


class Ids:
    """Identifiers: random, or the same ones again for the same seed."""

    def __init__(self, seed: int | None) -> None:
        self._random = None if seed is None else random.Random(seed)  # noqa: S311 (no secret)

    def new(self) -> str:
        """A new UUID."""
        if self._random is None:
            return str(uuid.uuid4())
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


@dataclass
class World:
    """The state of the emulator. Whoever uses it holds the emulator's lock."""

    model: ServiceModel
    clock: Callable[[], float]
    account: str
    region: str
    partition: str
    durations: Durations
    options: Options
    ids: Ids
    role_check: RoleCheck | None = None
    records: dict[str, Record] = field(default_factory=dict)
    memberships: dict[str, Membership] = field(default_factory=dict)
    templates: dict[str, AnalysisTemplate] = field(default_factory=dict)
    missing_tables: set[str] = field(default_factory=lambda: {ALWAYS_MISSING_TABLE})
    orders: list[RunOrder] = field(default_factory=list)
    created_count: int = 0

    def now(self) -> float:
        return self.clock()

    def sweep(self) -> None:
        """Forgets the records whose delete has come to its end."""
        now = self.now()
        ends = [(arn, *record.timeline[-1]) for arn, record in self.records.items()]
        for arn, begins, status in ends:
            if status == GONE and begins <= now:
                del self.records[arn]

    def of_kind(self, kind: str) -> Iterator[Record]:
        """All records of a kind, hidden ones too, in the order of creation."""
        return (record for record in self.records.values() if record.kind == kind)

    def record(self, kind: Kind, arn: str) -> Record:
        """A record that can be seen.

        Raises:
            ApiError: ResourceNotFoundException.
        """
        record = self.records.get(arn)
        if record is None or record.kind != kind.name or record.visible_from > self.now():
            raise ApiError("ResourceNotFoundException", f"No {kind.label} has the ARN {arn}")
        return record

    def new_record(self, kind: Kind, data: dict[str, Any], tags: dict[str, str], identifier: str = "") -> Record:
        """A record that is ACTIVE until something else is said; whoever asks for it adds it."""
        now = self.now()
        account = data.get("creatorAccountId", self.account)
        path = kind.arn_path.format_map(data)
        arn = f"arn:{self.partition}:cleanrooms-ml:{self.region}:{account}:{path}/{identifier or self.ids.new()}"
        self.created_count += 1
        data[kind.arn_field] = arn
        return Record(kind.name, arn, self.created_count, data, tags, [(now, "ACTIVE")], now, now)

    def take_order(self, kind: str, phase: str) -> RunOrder | None:
        """What was ordered for the next run of a kind, once."""
        for order in self.orders:
            if order.kind == kind and order.phase == phase:
                order.count -= 1
                if order.count <= 0:
                    self.orders.remove(order)
                return order
        return None

    def view(self, record: Record) -> dict[str, Any]:
        """All members that Get operations may show of a record at this moment."""
        now = self.now()
        status = record.status(now)
        shown = {
            **KINDS[record.kind].defaults,
            **record.data,
            "createTime": record.created,
            "updateTime": record.update_time(now),
            "status": status,
            "tags": record.tags,
        }
        if status != "CREATE_PENDING":
            shown |= record.started
        is_ready = self.was_ready(record) and status not in {"CREATE_FAILED", *CREATING}
        if is_ready and (status != "INACTIVE" or self.options.inactive_figures):
            shown |= record.results
        if status.endswith("_FAILED") and record.failure:
            shown["statusDetails"] = record.failure
        return shown

    def was_ready(self, record: Record) -> bool:
        """Whether a record has been ACTIVE."""
        now = self.now()
        return any(status == "ACTIVE" for begins, status in record.timeline if begins <= now)

    def is_busy(self, record: Record) -> bool:
        """Whether a run or a delete is in progress."""
        return record.status(self.now()) in CREATING | DELETING
