"""The operations that every kind has in the same way, driven by the table of kinds."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import runs
from .checks import validation_error
from .kinds import KIND_OF_OPERATION, KINDS, Ending, Kind, Verb
from .lifecycle import DELETING, GONE, Record
from .quotas import exceeded
from .routes import Call
from .wire import ApiError
from .world import SERVICE_PRINCIPAL, World

_PAGING = frozenset({"nextToken", "maxResults"})


@dataclass(frozen=True)
class Outcome:
    """What an operation did: the members of its reply and the record that it concerned."""

    result: Mapping[str, Any]
    arn: str = ""


def run_kind_operation(world: World, call: Call) -> Outcome:
    """Runs one of the operations of the table of kinds."""
    kind = KIND_OF_OPERATION[call.operation.name]
    return _VERBS[kind.operations[call.operation.name]](world, kind, call)


def _create(world: World, kind: Kind, call: Call) -> Outcome:
    data = dict(call.params)
    tags = data.pop("tags", {})
    if kind.in_membership and data["membershipIdentifier"] not in world.memberships:
        raise ApiError("ResourceNotFoundException", f"No membership has the identifier {data['membershipIdentifier']}")
    _require_parents(world, kind, data)
    record = world.new_record(kind, data, tags)
    runs.prepare(world, kind, record)
    _require_free_name(world, kind, record)
    if over := exceeded(world, record):
        quota, value = over
        raise ApiError(
            "ServiceQuotaExceededException",
            f"The quota is reached: {quota.name} ({value:g})",
            members={"quotaName": quota.name, "quotaValue": float(value)},
        )
    if kind.runs:
        runs.start(world, kind, record)
    world.records[record.arn] = record
    return Outcome({kind.arn_field: record.arn}, record.arn)


def _get(world: World, kind: Kind, call: Call) -> Outcome:
    record = addressed(world, kind, call)
    return Outcome(world.view(record), record.arn)


def _update(world: World, kind: Kind, call: Call) -> Outcome:
    record = addressed(world, kind, call)
    changes = {name: value for name, value in call.params.items() if name != kind.arn_field}
    _require_parents(world, kind, changes)
    record.data |= changes
    record.changed = world.now()
    return Outcome({kind.arn_field: record.arn}, record.arn)


def _delete(world: World, kind: Kind, call: Call) -> Outcome:
    record = addressed(world, kind, call)
    status = record.status(world.now())
    if world.is_busy(record):
        doing = "already being deleted" if status in DELETING else "still being created"
        raise ApiError("ConflictException", f"The {kind.label} {record.arn} is {doing}; its status is {status}")
    if status == "INACTIVE":
        return Outcome({}, record.arn)
    if child := next(_dependents(world, kind, record), None):
        raise ApiError(
            "ConflictException",
            f"The {kind.label} {record.arn} is in use by the {KINDS[child.kind].label} {child.arn}",
        )
    _end(world, kind, record)
    return Outcome({}, record.arn)


def _end(world: World, kind: Kind, record: Record) -> None:
    now = world.now()
    if kind.ending is Ending.AT_ONCE:
        del world.records[record.arn]
        return
    end = GONE if kind.ending is Ending.GONE else "INACTIVE"
    durations = world.durations
    if order := world.take_order(kind.name, "delete"):
        if order.status_code:
            end = "DELETE_FAILED"
            record.failure = {"statusCode": order.status_code, "message": order.message}
        if order.seconds is not None:
            durations = durations.changed(delete={kind.name: order.seconds})
    record.turn(now, durations.deleting(kind.name, now, end))


def _list(world: World, kind: Kind, call: Call) -> Outcome:
    """Every other parameter of a List is a member of the records that it filters by."""
    wanted = {name: value for name, value in call.params.items() if name not in _PAGING}
    now = world.now()
    found = [
        record
        for record in world.of_kind(kind.name)
        if record.visible_from <= now and all(record.data.get(name) == value for name, value in wanted.items())
    ]
    scope = _scope(call.operation.name, wanted)
    after = _token_number(call.params["nextToken"], scope) if "nextToken" in call.params else 0
    rest = [record for record in found if record.number > after]
    size = call.params.get("maxResults", world.options.page_size)
    result: dict[str, Any] = {_list_member(world, call): [world.view(record) for record in rest[:size]]}
    if len(rest) > size:
        result["nextToken"] = _token(rest[size - 1].number, scope)
    return Outcome(result)


_VERBS: Mapping[Verb, Callable[[World, Kind, Call], Outcome]] = {
    Verb.CREATE: _create,
    Verb.GET: _get,
    Verb.LIST: _list,
    Verb.UPDATE: _update,
    Verb.DELETE: _delete,
}


def addressed(world: World, kind: Kind, call: Call) -> Record:
    """The record that a request names, if it belongs to the membership or collaboration that it names too."""
    record = world.record(kind, call.params[kind.arn_field])
    for scope in ("membershipIdentifier", "collaborationIdentifier"):
        if scope in call.params and call.params[scope] != record.data.get(scope):
            raise ApiError("ResourceNotFoundException", f"No {kind.label} has the ARN {record.arn}")
    return record


# -- roles -----------------------------------------------------------------------------------------------------


def require_roles(world: World, call: Call) -> None:
    """Refuses a role of another account, and one that the service cannot assume.

    Raises:
        ApiError: AccessDeniedException.
    """
    for role in role_arns(call.params):
        if role.split(":")[4] != world.account:
            raise ApiError(
                "AccessDeniedException", f"Cross-account pass role is not allowed: {role} is of another account"
            )
        reason = world.role_check(role, SERVICE_PRINCIPAL) if world.role_check else None
        if reason:
            raise ApiError(
                "AccessDeniedException", f"The role {role} cannot be assumed by {SERVICE_PRINCIPAL}: {reason}"
            )


def role_arns(value: Any) -> Iterator[str]:
    """Every role that a request passes to the service, at any depth."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name == "roleArn" and isinstance(item, str):
                yield item
            else:
                yield from role_arns(item)
    elif isinstance(value, list):
        for item in value:
            yield from role_arns(item)


# -- parents, names --------------------------------------------------------------------------------------------


def parent_arns(kind: Kind, data: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    """The records that a request builds on, each with its kind."""
    for member, parent in kind.parents.items():
        value = data.get(member, [])
        for arn in value if isinstance(value, list) else [value]:
            yield KINDS[parent], arn


def _require_parents(world: World, kind: Kind, data: Mapping[str, Any]) -> None:
    for parent_kind, arn in parent_arns(kind, data):
        parent = world.record(parent_kind, arn)
        status = parent.status(world.now())
        # Undocumented; CreateTrainedModel answers ValidationException for a channel that it cannot read.
        if status != "ACTIVE":
            raise validation_error(f"the {parent_kind.label} {arn} is {status}; it must be ACTIVE")
        if parent_kind.in_membership and data.get("membershipIdentifier") in world.memberships:
            collaboration = world.memberships[data["membershipIdentifier"]].collaboration
            if parent.data["collaborationIdentifier"] != collaboration:
                raise validation_error(f"the {parent_kind.label} {arn} is of another collaboration")


def _dependents(world: World, kind: Kind, record: Record) -> Iterator[Record]:
    """The records that were built on this one and still hold something."""
    now = world.now()
    for other in world.records.values():
        arns = [arn for parent, arn in parent_arns(KINDS[other.kind], other.data) if parent is kind]
        if record.arn in arns and other.status(now) != "INACTIVE":
            yield other


def _require_free_name(world: World, kind: Kind, record: Record) -> None:
    if not kind.unique_name and kind.name not in world.options.unique_names:
        return
    membership = record.data.get("membershipIdentifier")
    for other in world.of_kind(kind.name):
        if other.name == record.name and other.data.get("membershipIdentifier") == membership:
            where = f"membership {membership}" if membership else f"account {world.account}"
            raise ApiError(
                "ConflictException",
                f'The name "{record.name}" is taken in {where}: {kind.label} {other.arn}, '
                f"which is {other.status(world.now())}",
            )


# -- pages -----------------------------------------------------------------------------------------------------


def _list_member(world: World, call: Call) -> str:
    output = call.operation.output
    assert output is not None
    members = world.model.members(output)
    return next(name for name, shape in members.items() if world.model.shapes[shape]["type"] == "list")


def _scope(operation: str, wanted: Mapping[str, Any]) -> str:
    """A token serves only the List that gave it, with the same filters."""
    text = json.dumps([operation, wanted], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _token(number: int, scope: str) -> str:
    return base64.urlsafe_b64encode(f"{scope}:{number}".encode()).decode()


def _token_number(token: str, scope: str) -> int:
    try:
        found, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        position = int(number)
    except ValueError:
        found, position = "", 0
    if found != scope:
        raise validation_error("nextToken is not one that this operation gave for these parameters")
    return position
