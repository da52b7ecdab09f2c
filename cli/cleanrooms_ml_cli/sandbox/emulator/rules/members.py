"""Who is in a collaboration, and what they can do there.

A collaboration that CloudFormation created is known in full. Of one that is known only because a membership in it was
seeded, nobody can say who else is in it or what they can do: nothing is refused for that reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..calls import CLEAN_ROOMS, Call
from ..errors import ApiError, validation_error
from ..kinds import KINDS
from ..state.lifecycle import Record
from ..state.world import World, not_found

_MEMBERSHIP = KINDS["Membership"]
_COLLABORATION = KINDS["Collaboration"]

COLLABORATION_DELETED = "COLLABORATION_DELETED"
REMOVED = "REMOVED"
LEFT = "LEFT"
CAN_QUERY = "CAN_QUERY"
CAN_RUN_JOB = "CAN_RUN_JOB"
CAN_RECEIVE_RESULTS = "CAN_RECEIVE_RESULTS"
CAN_EXPORT_QUERY_ANALYSIS_LOG = "CAN_EXPORT_QUERY_ANALYSIS_LOG"

# Where a collaboration keeps who is not in it any more; no member of the API.
FORMER_MEMBERS = "formerMembers"


def membership(world: World, identifier: str) -> Record:
    """A membership of the caller's account.

    Raises:
        ApiError: ResourceNotFoundException.
    """
    found = world.locate(_MEMBERSHIP, identifier)
    if found.account != world.account:
        raise not_found(_MEMBERSHIP, identifier)
    return found


def active_membership(world: World, identifier: str) -> Record:
    """A membership of the caller's account, in a collaboration that is still there.

    Raises:
        ApiError: ResourceNotFoundException, AccessDeniedException.
    """
    found = membership(world, identifier)
    status = found.status(world.now())
    if status == COLLABORATION_DELETED:
        raise ApiError("AccessDeniedException", f"The collaboration of the membership {identifier} was deleted")
    if status == REMOVED:
        raise ApiError("AccessDeniedException", f"The membership {identifier} was removed from its collaboration")
    return found


def collaboration(world: World, identifier: str) -> Record | None:
    """A collaboration that is known in full."""
    known = world.of_kind("Collaboration")
    return next((record for record in known if record.data["collaborationIdentifier"] == identifier), None)


def memberships(world: World, collaboration_id: str) -> dict[str, Record]:
    """The memberships in a collaboration that the emulator knows, by account."""
    return {
        record.account: record
        for record in world.of_kind("Membership")
        if record.data["collaborationIdentifier"] == collaboration_id
    }


def require_scope(world: World, call: Call) -> None:
    """Refuses a membership that is not the caller's, and a collaboration that the caller is not in.

    Operations that do not declare ResourceNotFoundException answer AccessDeniedException.

    Raises:
        ApiError: One of both.
    """
    params = call.params
    if "membershipIdentifier" in params:
        try:
            membership(world, params["membershipIdentifier"])
        except ApiError as error:
            if "ResourceNotFoundException" in call.operation.errors:
                raise
            raise ApiError("AccessDeniedException", error.message) from error
    if not _is_shared(call):
        return
    identifier = str(params["collaborationIdentifier"])
    if call.service == CLEAN_ROOMS:
        require_collaboration(world, identifier)
    if world.account not in memberships(world, identifier):
        raise ApiError(
            "AccessDeniedException", f"Account {world.account} is no active member of the collaboration {identifier}"
        )


def _is_shared(call: Call) -> bool:
    """Whether an operation is for every member of a collaboration."""
    if call.service == CLEAN_ROOMS:
        return call.operation.request_uri.startswith("/collaborations/{collaborationIdentifier}/")
    return call.operation.name.startswith(("GetCollaboration", "ListCollaboration"))


def require_collaboration(world: World, identifier: str) -> None:
    """Refuses a collaboration that is not there, neither in full nor as that of a membership.

    Raises:
        ApiError: ResourceNotFoundException.
    """
    if collaboration(world, identifier) is None and not memberships(world, identifier):
        raise not_found(_COLLABORATION, identifier)


# -- what members can do -----------------------------------------------------------------------------------------------


def specification(world: World, collaboration_id: str, account: str) -> Mapping[str, Any] | None:
    """What a collaboration says of a member; None if the collaboration is not known in full, or has no such one."""
    known = collaboration(world, collaboration_id)
    if known is None:
        return None
    data = known.data
    if account == known.account:
        return {
            "accountId": account,
            "displayName": data.get("creatorDisplayName", ""),
            "memberAbilities": data.get("creatorMemberAbilities", []),
            "mlMemberAbilities": data.get("creatorMLMemberAbilities"),
            "paymentConfiguration": data.get("creatorPaymentConfiguration", {}),
        }
    return next((member for member in data.get("members", []) if member.get("accountId") == account), None)


def standing(world: World, known: Record, account: str) -> tuple[str, Record | None]:
    """The status of a member of a collaboration, and the membership of one that is active."""
    joined = memberships(world, known.data["collaborationIdentifier"]).get(account)
    if joined is not None and joined.status(world.now()) == "ACTIVE":
        return "ACTIVE", joined
    return known.data.get(FORMER_MEMBERS, {}).get(account, "INVITED"), None


def accounts(world: World, collaboration_id: str) -> set[str]:
    """The accounts that are in a collaboration or invited to it, as far as they are known."""
    known = collaboration(world, collaboration_id)
    invited = {str(member["accountId"]) for member in known.data.get("members", [])} if known else set()
    return invited | memberships(world, collaboration_id).keys() | ({known.account} if known else set())


def require_ability(world: World, collaboration_id: str, ability: str) -> None:
    """Refuses what the caller cannot do in the collaboration.

    Raises:
        ApiError: AccessDeniedException.
    """
    said = specification(world, collaboration_id, world.account)
    if said is not None and ability not in abilities(said):
        raise ApiError(
            "AccessDeniedException", f"Account {world.account} lacks the ability {ability} in {collaboration_id}"
        )


def require_receiver(world: World, collaboration_id: str, account: str, ability: str) -> None:
    """Refuses a receiver that is no member, cannot receive this, or has nowhere to put it.

    Raises:
        ApiError: ValidationException.
    """
    joined = memberships(world, collaboration_id).get(account)
    if joined is None:
        raise validation_error(f"{account} is no active member of the collaboration {collaboration_id}")
    said = specification(world, collaboration_id, account)
    if said is not None and ability not in abilities(said):
        raise validation_error(f"{account} lacks the ability {ability} in the collaboration {collaboration_id}")
    if ml_configuration(world, joined) is None:
        raise validation_error(f"{account} has no ML configuration in its membership {joined.arn}")


def ml_configuration(world: World, joined: Record) -> Record | None:
    """Where a member gets output."""
    return world.records.get(joined.data["membershipIdentifier"])


def abilities(said: Mapping[str, Any]) -> set[str]:
    """What a member can do, by what the collaboration says of it."""
    custom = (said.get("mlMemberAbilities") or {}).get("customMLMemberAbilities", [])
    return {*said.get("memberAbilities", []), *custom}
