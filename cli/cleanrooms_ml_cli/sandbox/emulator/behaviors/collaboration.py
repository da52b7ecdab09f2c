"""What is special about collaborations and memberships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ApiError
from ..kinds import KINDS
from ..rules.links import link
from ..rules.members import (
    COLLABORATION_DELETED,
    FORMER_MEMBERS,
    LEFT,
    accounts,
    collaboration,
    memberships,
    specification,
    standing,
)
from ..rules.payers import require_acceptance, responsibility
from ..state.lifecycle import Record
from ..state.world import World, conflict, not_found
from .behavior import Behavior

# -- collaborations ----------------------------------------------------------------------------------------------------


def _complete_collaboration(world: World, record: Record) -> None:
    link(world, record)
    record.data["creatorAccountId"] = world.account


def _shown_collaboration(world: World, record: Record) -> dict[str, Any]:
    status, joined = standing(world, record, world.account)
    of_member = {"membershipId": joined.data["id"], "membershipArn": joined.arn} if joined else {}
    return {"memberStatus": status, **of_member}


def _is_of_collaboration(world: World, record: Record) -> bool:
    return world.account in accounts(world, record.data["collaborationIdentifier"])


def _end_collaboration(world: World, record: Record) -> None:
    """Documented: each member keeps its membership and what is in it, but nothing more can be done there."""
    for joined in memberships(world, record.data["collaborationIdentifier"]).values():
        joined.timeline = [(world.now(), COLLABORATION_DELETED)]


# What a membership shows that was seeded.
_SEEDED: Mapping[str, Any] = {
    "collaborationName": "seeded",
    "collaborationCreatorDisplayName": "creator",
    "memberAbilities": [],
    "queryLogStatus": "DISABLED",
    "paymentConfiguration": {"queryCompute": {"isResponsible": False}},
}


# -- memberships -------------------------------------------------------------------------------------------------------


def _prepare_membership(world: World, record: Record) -> None:
    identifier = record.data["collaborationIdentifier"]
    known = collaboration(world, identifier)
    if known is None:
        raise not_found(KINDS["Collaboration"], identifier)
    if specification(world, identifier, world.account) is None:
        raise ApiError("AccessDeniedException", f"Account {world.account} is not invited to {identifier}")
    if joined := memberships(world, identifier).get(world.account):
        message = f"Account {world.account} is a member of {identifier} already"
        raise conflict(KINDS["Membership"], joined.data["id"], message, "ALREADY_EXISTS")
    require_acceptance(world, record)
    record.data.setdefault("paymentConfiguration", responsibility(world, identifier, world.account))
    record.data |= _of_collaboration(world, record)
    # The creator is invited and becomes a member like everyone else.
    known.data.get(FORMER_MEMBERS, {}).pop(world.account, None)


def _of_collaboration(world: World, record: Record) -> dict[str, Any]:
    """What a membership shows of its collaboration; it keeps that when the collaboration is deleted."""
    known = collaboration(world, record.data["collaborationIdentifier"])
    said = specification(world, record.data["collaborationIdentifier"], record.account)
    if known is None or said is None:
        return {}
    return {
        "collaborationName": known.name,
        "collaborationCreatorAccountId": known.account,
        "collaborationCreatorDisplayName": known.data["creatorDisplayName"],
        "memberAbilities": said["memberAbilities"],
        "mlMemberAbilities": said.get("mlMemberAbilities"),
    }


def _shown_membership(world: World, record: Record) -> dict[str, Any]:
    """Of a seed, and of its collaboration, nobody has said everything."""
    return {**_SEEDED, **record.data, **_of_collaboration(world, record)}


def _leave(world: World, record: Record) -> None:
    known = collaboration(world, record.data["collaborationIdentifier"])
    if known is not None:
        known.data.setdefault(FORMER_MEMBERS, {})[record.account] = LEFT


BEHAVIORS: Mapping[str, Behavior] = {
    "Collaboration": Behavior(
        complete=_complete_collaboration,
        deleted=_end_collaboration,
        shown=_shown_collaboration,
        readable=_is_of_collaboration,
    ),
    "Membership": Behavior(complete=link, prepare=_prepare_membership, shown=_shown_membership, deleted=_leave),
}
