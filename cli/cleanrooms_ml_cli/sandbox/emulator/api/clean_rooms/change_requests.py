"""The decision on a request to change a collaboration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...behaviors.views import view
from ...calls import Call
from ...errors import ApiError, validation_error
from ...kinds import KINDS
from ...rules.members import collaboration, require_scope, specification
from ...state.lifecycle import Record
from ...state.world import World, conflict, not_found
from ..operations import addressed
from ..outcome import Outcome

_KIND = KINDS["CollaborationChangeRequest"]


def _update(world: World, call: Call) -> Outcome:
    """Documented: members approve or deny; the owner cancels or commits."""
    require_scope(world, call)
    record = addressed(world, _KIND, call)
    known = collaboration(world, record.data["collaborationIdentifier"])
    if known is None:
        raise not_found(KINDS["Collaboration"], record.data["collaborationIdentifier"])
    action, status = call.params["action"], record.status(world.now())
    is_owner = world.account == known.account
    if is_owner != (action in ("CANCEL", "COMMIT")):
        raise ApiError("AccessDeniedException", f"Account {world.account} cannot {action} a change request")
    if status != ("APPROVED" if action == "COMMIT" else "PENDING") and (action, status) != ("CANCEL", "APPROVED"):
        raise conflict(_KIND, record.key, f"The change request {record.key} is {status}", "INVALID_STATE")
    _DECISIONS[action](world, known, record)
    record.changed = world.now()
    return Outcome(dict.fromkeys(["collaborationChangeRequest"], view(world, record)), record.key)


def _approve(world: World, known: Record, record: Record) -> None:
    _decide(world, record, "APPROVED")
    if all(approval["status"] == "APPROVED" for approval in record.data["approvals"].values()):
        _become(world, record, "APPROVED")


def _deny(world: World, known: Record, record: Record) -> None:
    _decide(world, record, "DENIED")
    _become(world, record, "DENIED")


def _cancel(world: World, known: Record, record: Record) -> None:
    _become(world, record, "CANCELLED")


def _commit(world: World, known: Record, record: Record) -> None:
    for change in record.data["changes"]:
        if "collaboration" in change["specification"]:
            types = change["specification"]["collaboration"].get("autoApprovedChangeTypes", [])
            known.data["autoApprovedChangeRequestTypes"] = types
        else:
            _set_member(world, known, change["specification"]["member"])
    known.changed = world.now()
    _become(world, record, "COMMITTED")


def _set_member(world: World, known: Record, member: Mapping[str, Any]) -> None:
    account = member["accountId"]
    if account == known.account:
        known.data["creatorMemberAbilities"] = member["memberAbilities"]
        return
    before = specification(world, known.data["collaborationIdentifier"], account) or {"displayName": account}
    others = [it for it in known.data.get("members", []) if it["accountId"] != account]
    known.data["members"] = [*others, {**before, **member}]


def _decide(world: World, record: Record, status: str) -> None:
    approvals = record.data.get("approvals", {})
    if world.account not in approvals:
        raise validation_error(f"{world.account} is not asked to approve {record.key}")
    approvals[world.account] = {"status": status}


def _become(world: World, record: Record, status: str) -> None:
    record.timeline = [(world.now(), status)]


_DECISIONS = {"APPROVE": _approve, "DENY": _deny, "CANCEL": _cancel, "COMMIT": _commit}

OPERATIONS: Mapping[str, Any] = {"UpdateCollaborationChangeRequest": _update}
