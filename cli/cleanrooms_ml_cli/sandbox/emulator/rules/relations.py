"""What records need of each other: parents that must be there, dependents that hold on, names that are taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import ApiError, validation_error
from ..kinds import KINDS, Kind, Needed, Unique, Use
from ..state.lifecycle import CANCELLING, CREATING, DELETING, Record
from ..state.world import World, conflict


def parent(world: World, use: Use) -> Record:
    """The record that a request builds on.

    Raises:
        ApiError: ResourceNotFoundException.
    """
    kind = KINDS[use.parent.kind]
    find = world.continued if use.parent.latest else world.locate
    return find(kind, use.name, use.version)


def require_parents(world: World, kind: Kind, data: Mapping[str, Any]) -> None:
    """Refuses a request that builds on what is not there, not ready, or out of reach.

    Raises:
        ApiError: ResourceNotFoundException, ValidationException or AccessDeniedException.
    """
    for use in kind.uses(data):
        found = parent(world, use)
        parent_kind = KINDS[use.parent.kind]
        if parent_kind.in_membership:
            _require_same_collaboration(world, parent_kind, found, data)
        elif found.account != world.account and not use.parent.foreign:
            raise ApiError(
                "AccessDeniedException", f"The {parent_kind.label} {use.name} belongs to account {found.account}"
            )
        status = found.status(world.now())
        # Undocumented; CreateTrainedModel answers ValidationException for a channel that it cannot read.
        if status != "ACTIVE":
            raise validation_error(f"the {parent_kind.label} {use.name} is {status}; it must be ACTIVE")


def _require_same_collaboration(world: World, kind: Kind, found: Record, data: Mapping[str, Any]) -> None:
    collaboration = data.get("collaborationIdentifier")
    if collaboration is not None and found.data["collaborationIdentifier"] != collaboration:
        raise validation_error(f"the {kind.label} {found.arn} is of another collaboration")


def dependents(world: World, record: Record) -> Iterator[Record]:
    """The records that were built on this one and still need it."""
    now = world.now()
    for other in world.records.values():
        status = other.status(now)
        holds = world.holds(other) and (status not in DELETING or world.options.deleting_holds)
        for use in KINDS[other.kind].uses(other.data):
            if use.parent.needed is Needed.NEVER or not _is_meant(record, use):
                continue
            is_running = status in CREATING | CANCELLING
            if is_running or (use.parent.needed is Needed.ALWAYS and holds):
                yield other
        if record.kind == "Membership" and _is_below(other, record) and holds:
            yield other


def _is_below(record: Record, membership: Record) -> bool:
    """Documented: all resources under a membership must be deleted before it."""
    member = "membershipIdentifier"
    return record is not membership and bool(record.data.get(member) == membership.data[member])


def _is_meant(record: Record, use: Use) -> bool:
    kind = KINDS[record.kind]
    if use.parent.kind != record.kind:
        return False
    if kind.version_field and use.version != record.data.get(kind.version_field):
        return False
    return use.name in (record.arn, record.data.get(kind.id_field) if kind.id_field else None)


def require_free_name(world: World, kind: Kind, record: Record) -> None:
    """Refuses a name that is taken, also by an INACTIVE record unless the options free its name.

    Raises:
        ApiError: ConflictException.
    """
    within = kind.unique
    if within is None and kind.name in world.options.unique_names:
        within = Unique.MEMBERSHIP if kind.in_membership else Unique.ACCOUNT
    if within is None:
        return
    for other in world.of_kind(kind.name):
        if world.options.inactive_frees_name and other.status(world.now()) == "INACTIVE":
            continue
        is_version = bool(kind.version_field) and other.arn == record.arn
        if other.name == record.name and _place(other, within) == _place(record, within) and not is_version:
            where = f"{within.value.removesuffix('Identifier')} {_place(record, within)}"
            message = (
                f'The name "{record.name}" is taken in {where}: {kind.label} {other.key}, '
                f"which is {other.status(world.now())}"
            )
            raise conflict(kind, other.key, message, "ALREADY_EXISTS")


def require_only_one(world: World, kind: Kind, record: Record) -> None:
    """Refuses a second record of what there can be only one of.

    Raises:
        ApiError: ConflictException.
    """
    if not kind.only_one_per:
        return
    for other in world.of_kind(kind.name):
        if all(_at(other.data, path) == _at(record.data, path) for path in kind.only_one_per):
            where = str(record.data[kind.only_one_per[0]])
            message = f"{where} already has the {kind.label} {other.key}; there can be only one"
            raise conflict(kind, other.key, message, "ALREADY_EXISTS")


def _at(data: Mapping[str, Any], path: str) -> Any:
    value: Any = data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _place(record: Record, within: Unique) -> str:
    return record.account if within is Unique.ACCOUNT else str(record.data[within.value])
