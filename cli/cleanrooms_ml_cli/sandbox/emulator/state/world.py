"""What the emulated service holds, and the settings it runs by."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..errors import ApiError
from ..kinds import KINDS, Kind
from .lifecycle import BUSY, CREATING, GONE, Durations, Phase, Record
from .settings import Options, RunOrder

SERVICE_PRINCIPAL = "cleanrooms-ml.amazonaws.com"
CLEAN_ROOMS_PRINCIPAL = "cleanrooms.amazonaws.com"

# A table that never exists, so that a demo can let a query fail without any preparation.
ALWAYS_MISSING_TABLE = "no_such_table"

RoleCheck = Callable[[str, str], str | None]


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
    """The state of the emulator. The caller holds the emulator's lock.

    `account` is whose request is being answered: see `as_account`; `home` whose it is when nobody says so.
    """

    clock: Callable[[], float]
    account: str
    region: str
    partition: str
    durations: Durations
    options: Options
    ids: Ids
    home: str = ""
    role_check: RoleCheck | None = None
    records: dict[str, Record] = field(default_factory=dict)
    missing_tables: set[str] = field(default_factory=lambda: {ALWAYS_MISSING_TABLE})
    orders: list[RunOrder] = field(default_factory=list)
    created_count: int = 0

    def __post_init__(self) -> None:
        self.home = self.account

    def now(self) -> float:
        return self.clock()

    @contextmanager
    def as_account(self, account: str) -> Iterator[None]:
        """Everything within is done by an account; an empty one is the emulator's own."""
        before = self.account
        self.account = account or before
        try:
            yield
        finally:
            self.account = before

    # -- records ---------------------------------------------------------------------------------------------------

    def new_record(self, kind: Kind, data: dict[str, Any], tags: dict[str, str], identifier: str = "") -> Record:
        """A record that is ACTIVE until its timeline is changed; the caller adds it."""
        now = self.now()
        identifier = data.get(kind.id_field) or identifier or self.ids.new()
        if kind.id_field:
            data[kind.id_field] = identifier
        arn = self.arn(kind, data, identifier) if kind.arn_path else ""
        if kind.arn_field:
            data[kind.arn_field] = arn
        data["name"] = data.get(kind.name_field, "")
        self.created_count += 1
        key = arn or kind.key.format_map(data)
        if key in self.records and not kind.arn_path and not kind.id_field:
            key = f"{key}#{self.created_count}"
        return Record(kind.name, key, arn, self.account, self.created_count, data, tags, [(now, "ACTIVE")], now, now)

    def arn(self, kind: Kind, data: Mapping[str, Any], identifier: str, account: str = "") -> str:
        """The ARN of a resource."""
        path = kind.arn_path.format_map(data)
        owner = account or self.account
        return f"arn:{self.partition}:{kind.arn_service}:{self.region}:{owner}:{path}/{identifier}"

    def add(self, record: Record) -> None:
        """Takes a record in."""
        self.records[record.key] = record

    def remove(self, record: Record) -> None:
        """Forgets a record, and those that live with it."""
        self.records.pop(record.key, None)
        for other in list(self.records.values()):
            member = KINDS[other.kind].lives_with
            if member and record.arn and other.data.get(member) == record.arn and not self._is_there(record.arn):
                self.remove(other)

    def sweep(self) -> None:
        """Forgets the records whose delete has come to its end."""
        now = self.now()
        for record in list(self.records.values()):
            begins, status = record.timeline[-1]
            if status == GONE and begins <= now:
                self.remove(record)

    def of_kind(self, kind: str) -> Iterator[Record]:
        """All records of a kind, hidden ones too, in the order of creation."""
        return (record for record in self.records.values() if record.kind == kind)

    def versions(self, arn: str) -> list[Record]:
        """The records that share an ARN, in the order of creation."""
        return [record for record in self.records.values() if record.arn == arn]

    def copies(self, record: Record) -> list[Record]:
        """A record and what the same run is in another account."""
        return [record, *(self.records[key] for key in [record.twin] if key in self.records)]

    def locate(self, kind: Kind, name: str, version: str | None = None, *, latest: bool = False) -> Record:
        """A record that can be seen, by ARN or identifier.

        Args:
            kind: Its kind.
            name: Its ARN, or its identifier if the kind has one.
            version: Which version of the ARN.
            latest: Without a version: whether the latest one is meant, or the one that has none.

        Raises:
            ApiError: ResourceNotFoundException.
        """
        now = self.now()
        if kind.id_field and not name.startswith("arn:"):
            found = [record for record in self.of_kind(kind.name) if record.data.get(kind.id_field) == name]
        elif kind.version_field:
            found = [record for record in self.versions(name) if record.kind == kind.name]
            if version is not None or not latest:
                found = [record for record in found if record.data.get(kind.version_field) == version]
        else:
            found = [record for record in [self.records.get(name)] if record is not None and record.kind == kind.name]
        found = [record for record in found if record.visible_from <= now]
        if not found:
            raise not_found(kind, f"{name}, version {version}" if version else name)
        return found[-1]

    def continued(self, kind: Kind, name: str, version: str | None) -> Record:
        """The version of a record that a run continues: without one the latest, as `Options.latest_version` says.

        Raises:
            ApiError: ResourceNotFoundException.
        """
        latest = self.locate(kind, name, version, latest=True)
        if version or not kind.version_field or self.options.latest_version == "any":
            return latest
        now = self.now()
        usable = [one for one in self.versions(latest.arn) if one.visible_from <= now and one.may_be_used(now)]
        return usable[-1] if usable else latest

    def take_order(self, kind: str, phase: Phase) -> RunOrder | None:
        """What was ordered for the next run of a kind, once."""
        for order in self.orders:
            if order.kind == kind and order.phase == phase:
                order.count -= 1
                if order.count <= 0:
                    self.orders.remove(order)
                return order
        return None

    # -- what shows ------------------------------------------------------------------------------------------------

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
            "tags": self.tags_of(record),
        }
        if status != "CREATE_PENDING":
            shown |= record.started
        if status not in CREATING:
            shown |= record.ended
        is_ready = record.was("ACTIVE", now) and status not in {"CREATE_FAILED", *CREATING}
        if is_ready and (status != "INACTIVE" or self.options.inactive_figures):
            shown |= record.results
        if status.endswith("_FAILED") and record.failure:
            shown["statusDetails"] = record.failure
        kind = KINDS[record.kind]
        shown["status"] = kind.statuses.get(status, status)
        return shown | {name: shown[asked] for name, asked in kind.shown_as.items() if asked in shown}

    def tags_of(self, record: Record) -> dict[str, str]:
        """Tags belong to an ARN: its versions share them."""
        return self.records.get(record.arn, record).tags

    def holds(self, record: Record) -> bool:
        """Whether a record still holds something: a run in progress, or what a delete would take away."""
        status = record.status(self.now())
        return status in BUSY or (KINDS[record.kind].can_be_deleted and status != "INACTIVE")

    def _is_there(self, arn: str) -> bool:
        return any(record.arn == arn for record in self.records.values())


def not_found(kind: Kind, name: str) -> ApiError:
    """The error for what is not there; AWS Clean Rooms names the resource in members of its own."""
    if kind.arn_service == "cleanrooms":
        message = f"Could not find {kind.label} with id {name}"
        return ApiError("ResourceNotFoundException", message, members=resource_named(kind, name))
    word = "identifier" if kind.id_field and not name.startswith("arn:") else "ARN"
    return ApiError("ResourceNotFoundException", f"No {kind.label} has the {word} {name}")


def resource_named(kind: Kind, name: str) -> dict[str, str]:
    """The members with which errors of AWS Clean Rooms name a resource; empty for the other service.

    The model's enumeration of resource types has words for four kinds alone; for the others the form is ours.
    """
    if kind.arn_service != "cleanrooms":
        return {}
    return {"resourceId": name, "resourceType": kind.label.upper().replace(" ", "_")}


def conflict(kind: Kind, name: str, message: str, reason: str) -> ApiError:
    """The error for what another resource forbids; AWS Clean Rooms names the resource and the reason as well."""
    named = resource_named(kind, name)
    return ApiError("ConflictException", message, members={**named, "reason": reason} if named else None)
