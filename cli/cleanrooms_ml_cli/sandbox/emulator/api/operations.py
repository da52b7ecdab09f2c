"""The operations that every kind has in the same way, driven by the table of kinds."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from ..behaviors import BEHAVIORS, runs
from ..behaviors.views import view
from ..calls import Call
from ..errors import ApiError, validation_error
from ..kinds import KINDS, Ending, Kind, Verb
from ..rules.members import active_membership, membership, require_scope
from ..rules.quotas import exceeded
from ..rules.relations import dependents, require_free_name, require_only_one, require_parents
from ..state.lifecycle import CREATING, DELETING, GONE, Record, Timeline
from ..state.world import World, conflict, not_found
from .outcome import Outcome
from .pages import Numbered, filters, page


def run_kind_operation(world: World, kind: Kind, call: Call) -> Outcome:
    """Runs one of the operations of a kind."""
    require_scope(world, call)
    return _VERBS[kind.operations[call.operation.name]](world, kind, call)


# -- create ------------------------------------------------------------------------------------------------------------


def _create(world: World, kind: Kind, call: Call) -> Outcome:
    data = copy.deepcopy(call.params)
    tags = data.pop("tags", {})
    if "membershipIdentifier" in data:
        joined = active_membership(world, data["membershipIdentifier"])
        data |= {"collaborationIdentifier": joined.data["collaborationIdentifier"], "creatorAccountId": world.account}
    require_parents(world, kind, data)
    behavior = BEHAVIORS[kind.name]
    record = behavior.new(world, kind, data, tags)
    behavior.complete(world, record)
    behavior.prepare(world, record)
    require_free_name(world, kind, record)
    require_only_one(world, kind, record)
    if over := exceeded(world, record):
        quota, value = over
        raise ApiError(
            "ServiceQuotaExceededException",
            f"The quota is reached: {quota.name} ({value:g})",
            members={"quotaName": quota.name, "quotaValue": float(value)},
        )
    if kind.runs:
        runs.start(world, kind, record)
    world.add(record)
    behavior.added(world, record)
    created = {name: record.data.get(name) for name in (kind.arn_field, kind.version_field) if name}
    return Outcome(_reply(world, kind, record, call) if kind.wrapped else created, record.key)


def _put(world: World, kind: Kind, call: Call) -> Outcome:
    """Creates a singleton, or overwrites it."""
    existing = world.records.get(kind.key.format_map(call.params))
    if existing is None:
        return _create(world, kind, call)
    existing.data |= call.params
    existing.changed = world.now()
    return Outcome({}, existing.key)


def _update(world: World, kind: Kind, call: Call) -> Outcome:
    record = addressed(world, kind, call)
    named_by = {kind.arn_field, kind.id_field, "membershipIdentifier"}
    changes = {kind.updated_as.get(name, name): value for name, value in call.params.items() if name not in named_by}
    require_parents(world, kind, changes)
    merged = {name: _merged(record.data.get(name), changes[name]) for name in kind.merges if name in changes}
    record.data |= changes | merged
    record.changed = world.now()
    return Outcome(_reply(world, kind, record, call) if kind.wrapped else {kind.arn_field: record.arn}, record.key)


def _merged(old: Any, new: Any) -> Any:
    """A structure with the members that it is to have, and with the others that it has."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    return {**old, **{name: _merged(old.get(name), value) for name, value in new.items()}}


# -- reading -----------------------------------------------------------------------------------------------------------


def _get(world: World, kind: Kind, call: Call) -> Outcome:
    record = addressed(world, kind, call, latest=True)
    return Outcome(_reply(world, kind, record, call), record.key)


def _reply(world: World, kind: Kind, record: Record, call: Call) -> dict[str, Any]:
    """What shows a record: the reply itself, or the one member of it."""
    shown = view(world, record)
    if not kind.wrapped:
        return shown
    assert call.operation.output is not None
    return dict.fromkeys(call.model.members(call.operation.output), shown)


def _list(world: World, kind: Kind, call: Call) -> Outcome:
    """A model of several versions is listed once, as its latest."""
    seen = _visible(world, kind, filters(call))
    if kind.version_field:
        latest = {shown[kind.arn_field]: number for number, shown in seen}
        seen = [(number, shown) for number, shown in seen if latest[shown[kind.arn_field]] == number]
    return Outcome(page(world, call, seen))


def _versions(world: World, kind: Kind, call: Call) -> Outcome:
    base = addressed(world, kind, call, latest=True)
    return Outcome(page(world, call, _visible(world, kind, filters(call))), base.arn)


def _visible(world: World, kind: Kind, wanted: Mapping[str, Any]) -> list[Numbered]:
    now = world.now()
    is_shared = "collaborationIdentifier" in wanted
    readable = BEHAVIORS[kind.name].readable
    seen = [
        (record.number, view(world, record))
        for record in world.of_kind(kind.name)
        if record.visible_from <= now and (is_shared or readable(world, record))
    ]
    return [(number, shown) for number, shown in seen if all(shown.get(name) == it for name, it in wanted.items())]


# -- ending ------------------------------------------------------------------------------------------------------------


def _delete(world: World, kind: Kind, call: Call) -> Outcome:
    record = addressed(world, kind, call)
    now = world.now()
    status = record.status(now)
    if record.is_busy(now):
        doing = "being deleted" if status in DELETING else "being created" if status in CREATING else "being canceled"
        message = f"The {kind.label} {record.key} is still {doing}; its status is {status}"
        if world.options.busy_delete == "validation":
            raise validation_error(message)
        raise conflict(kind, record.key, message, "INVALID_STATE")
    if status == "INACTIVE":
        return Outcome({}, record.key)
    for one in world.copies(record):
        for child in dependents(world, one):
            message = f"The {kind.label} {record.key} is in use by the {KINDS[child.kind].label} {child.key}"
            raise conflict(kind, record.key, message, "SUBRESOURCES_EXIST")
    if kind.ending is Ending.AT_ONCE:
        world.remove(record)
    else:
        end = GONE if kind.ending is Ending.GONE else "INACTIVE"
        _reschedule(world, record, runs.timeline(world, kind, record, "delete", end))
    BEHAVIORS[kind.name].deleted(world, record)
    return Outcome({}, record.key)


def _cancel(world: World, kind: Kind, call: Call) -> Outcome:
    record = addressed(world, kind, call)
    status = record.status(world.now())
    if status not in CREATING:
        message = f"The {kind.label} {record.key} is {kind.statuses.get(status, status)}; only a run can be canceled"
        raise conflict(kind, record.key, message, "INVALID_STATE")
    _reschedule(world, record, runs.timeline(world, kind, record, "cancel", "INACTIVE"))
    return Outcome(_reply(world, kind, record, call) if kind.wrapped else {}, record.key)


def _reschedule(world: World, record: Record, timeline: Timeline) -> None:
    now = world.now()
    for one in world.copies(record):
        one.reschedule(now, timeline)
        one.failure = record.failure


_VERBS: Mapping[Verb, Callable[[World, Kind, Call], Outcome]] = {
    Verb.CREATE: _create,
    Verb.PUT: _put,
    Verb.GET: _get,
    Verb.LIST: _list,
    Verb.VERSIONS: _versions,
    Verb.UPDATE: _update,
    Verb.DELETE: _delete,
    Verb.CANCEL: _cancel,
}


# -- which one ---------------------------------------------------------------------------------------------------------


def addressed(world: World, kind: Kind, call: Call, *, latest: bool = False) -> Record:
    """The record that a request names, if it belongs to the account, membership or collaboration that asks.

    Args:
        world: The world.
        kind: The kind that the operation is about.
        call: The request.
        latest: Whether without a version the latest one is meant, as Get documents it, or the base version.

    Raises:
        ApiError: ResourceNotFoundException, or AccessDeniedException for what is another account's.
    """
    params = call.params
    name = kind.name_in(params)
    owner = name.split(":")[4] if name.startswith("arn:") else world.account
    if not kind.in_membership and owner != world.account:
        raise ApiError("AccessDeniedException", f"The {kind.label} {name} belongs to account {owner}")
    version = params.get(kind.version_field) if kind.version_field else None
    record = _located(world, kind, call, name, version, latest=latest)
    if _is_reachable(world, kind, call, record):
        return record
    if "ResourceNotFoundException" not in call.operation.errors:
        raise ApiError("AccessDeniedException", f"Account {world.account} cannot do this to the {kind.label} {name}")
    raise not_found(kind, name)


def _is_reachable(world: World, kind: Kind, call: Call, record: Record) -> bool:
    """Whether a record is of the collaboration, of the membership or else of the account that asks."""
    params = call.params
    if "collaborationIdentifier" in params and kind.id_field != "collaborationIdentifier":
        return bool(record.data["collaborationIdentifier"] == params["collaborationIdentifier"])
    if "membershipIdentifier" in params:
        return _is_of_membership(world, kind, call, record)
    if kind.operations.get(call.operation.name) is Verb.GET:
        return BEHAVIORS[kind.name].readable(world, record)
    return record.account == world.account


def _located(world: World, kind: Kind, call: Call, name: str, version: str | None, *, latest: bool) -> Record:
    """What is not there, where the operation does not declare ResourceNotFoundException: both can be had.

    GetCollaboration declares AccessDeniedException alone, which Terraform's provider takes for "not found"; moto
    answers ResourceNotFoundException.
    """
    try:
        return world.locate(kind, name, version, latest=latest)
    except ApiError as error:
        is_declared = error.code in call.operation.errors
        if is_declared or world.options.undeclared_not_found == "not found":
            raise
        raise ApiError("AccessDeniedException", error.message) from error


def _is_of_membership(world: World, kind: Kind, call: Call, record: Record) -> bool:
    """Documented: any active member may delete the data of a channel or of a trained model."""
    identifier = call.params["membershipIdentifier"]
    if kind.any_member_deletes and kind.operations[call.operation.name] is Verb.DELETE:
        joined = membership(world, identifier)
        return bool(record.data["collaborationIdentifier"] == joined.data["collaborationIdentifier"])
    return bool(record.data.get("membershipIdentifier") == identifier)
