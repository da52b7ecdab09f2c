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
    # The creator is invited and becomes a member like everyone else.
    known.data.get(FORMER_MEMBERS, {}).pop(world.account, None)


def _shown_membership(world: World, record: Record) -> dict[str, Any]:
    """Of a collaboration that is not known in full, a seed says what it likes."""
    identifier = record.data["collaborationIdentifier"]
    known, said = collaboration(world, identifier), specification(world, identifier, record.account)
    shown: dict[str, Any] = {
        "collaborationName": "seeded",
        "collaborationCreatorDisplayName": "creator",
        "memberAbilities": [],
        "queryLogStatus": "DISABLED",
        "paymentConfiguration": responsibility(world, identifier, record.account),
    }
    if known is not None:
        shown |= {
            "collaborationName": known.name,
            "collaborationCreatorAccountId": known.account,
            "collaborationCreatorDisplayName": known.data["creatorDisplayName"],
        }
    if said is not None:
        shown |= {"memberAbilities": said["memberAbilities"], "mlMemberAbilities": said.get("mlMemberAbilities")}
    own = ("queryLogStatus", "paymentConfiguration")
    return shown | {name: record.data[name] for name in own if name in record.data}


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
