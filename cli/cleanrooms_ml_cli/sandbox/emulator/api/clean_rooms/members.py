"""The members of a collaboration, who are no records of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...calls import Call
from ...errors import ApiError, validation_error
from ...kinds import KINDS
from ...rules.members import (
    FORMER_MEMBERS,
    REMOVED,
    accounts,
    collaboration,
    memberships,
    require_collaboration,
    specification,
    standing,
)
from ...rules.payers import responsibility
from ...state.lifecycle import Record
from ...state.world import World, not_found
from ..outcome import Outcome
from ..pages import page


def _list(world: World, call: Call) -> Outcome:
    """Documented: who is invited sees the members, too."""
    identifier = call.params["collaborationIdentifier"]
    require_collaboration(world, identifier)
    everybody = accounts(world, identifier)
    if world.account not in everybody:
        raise ApiError("AccessDeniedException", f"Account {world.account} is no member of {identifier}")
    known = collaboration(world, identifier)
    if known is None:
        found = [_joined(world, record) for record in memberships(world, identifier).values()]
    else:
        invited = [str(member["accountId"]) for member in known.data.get("members", [])]
        found = [_summary(world, known, account) for account in dict.fromkeys([known.account, *invited])]
    return Outcome(page(world, call, list(enumerate(found, start=1))))


def _summary(world: World, known: Record, account: str) -> dict[str, Any]:
    identifier = known.data["collaborationIdentifier"]
    said = specification(world, identifier, account) or {}
    status, joined = standing(world, known, account)
    of_member = {"membershipId": joined.data["id"], "membershipArn": joined.arn} if joined else {}
    return {
        "accountId": account,
        "status": status,
        "displayName": said.get("displayName", account),
        "abilities": said.get("memberAbilities", []),
        "mlAbilities": said.get("mlMemberAbilities"),
        "createTime": known.created,
        "updateTime": (joined or known).update_time(world.now()),
        "paymentConfiguration": responsibility(world, identifier, account),
        **of_member,
    }


def _joined(world: World, record: Record) -> dict[str, Any]:
    """What is known of a member of a collaboration that was seeded."""
    return {
        "accountId": record.account,
        "status": "ACTIVE",
        "displayName": record.account,
        "abilities": [],
        "createTime": record.created,
        "updateTime": record.created,
        "membershipId": record.data["membershipIdentifier"],
        "membershipArn": record.arn,
        "paymentConfiguration": {"queryCompute": {"isResponsible": False}},
    }


def _delete(world: World, call: Call) -> Outcome:
    """Documented: the creator alone removes a member, who keeps the membership and can do nothing in it any more."""
    identifier, account = call.params["collaborationIdentifier"], call.params["accountId"]
    known = collaboration(world, identifier)
    if known is None:
        raise not_found(KINDS["Collaboration"], identifier)
    if known.account != world.account:
        raise ApiError("AccessDeniedException", f"Account {world.account} did not create {identifier}")
    if account == known.account:
        raise validation_error(f"accountId is {account}, who created the collaboration; delete the collaboration")
    if specification(world, identifier, account) is None:
        raise ApiError(
            "ResourceNotFoundException",
            f"Could not find member with id {account}",
            members={"resourceId": account, "resourceType": "COLLABORATION"},
        )
    known.data.setdefault(FORMER_MEMBERS, {})[account] = REMOVED
    if joined := memberships(world, identifier).get(account):
        joined.timeline = [(world.now(), REMOVED)]
    return Outcome({}, known.key)


OPERATIONS: Mapping[str, Any] = {"ListMembers": _list, "DeleteMember": _delete}
