"""What is special about requests to change a collaboration: which changes they are, and who has to approve them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ApiError
from ..rules.links import link
from ..rules.members import abilities, collaboration, memberships, specification
from ..state.lifecycle import Record
from ..state.world import World
from .behavior import Behavior

# What a change of an ability is called: the ability with what grants and what revokes it.
_OF_ABILITY = {
    "CAN_RECEIVE_RESULTS": ("GRANT_RECEIVE_RESULTS_ABILITY", "REVOKE_RECEIVE_RESULTS_ABILITY"),
    "CAN_EXPORT_QUERY_ANALYSIS_LOG": (
        "GRANT_EXPORT_QUERY_ANALYSIS_LOG_ABILITY",
        "REVOKE_EXPORT_QUERY_ANALYSIS_LOG_ABILITY",
    ),
    "CAN_RECEIVE_MODEL_OUTPUT": ("GRANT_CAN_RECEIVE_MODEL_OUTPUT", "REVOKE_CAN_RECEIVE_MODEL_OUTPUT"),
    "CAN_RECEIVE_INFERENCE_OUTPUT": ("GRANT_CAN_RECEIVE_INFERENCE_OUTPUT", "REVOKE_CAN_RECEIVE_INFERENCE_OUTPUT"),
}


def _prepare(world: World, record: Record) -> None:
    """Without another active member, or with changes that are approved beforehand, nobody has to be asked."""
    identifier = record.data["collaborationIdentifier"]
    known = collaboration(world, identifier)
    if known is None or known.account != world.account:
        raise ApiError("AccessDeniedException", f"Account {world.account} did not create {identifier}")
    changes = [{**change, "types": _types(world, identifier, change)} for change in record.data["changes"]]
    asked = sorted(memberships(world, identifier).keys() - {known.account})
    beforehand = known.data.get("autoApprovedChangeRequestTypes", [])
    is_auto_approved = all(name in beforehand for change in changes for name in change["types"])
    record.data |= {"changes": changes, "isAutoApproved": is_auto_approved}
    if asked and not is_auto_approved:
        record.data["approvals"] = {account: {"status": "PENDING"} for account in asked}
    status = "PENDING" if "approvals" in record.data else "APPROVED"
    record.timeline = [(world.now(), status)]


def _types(world: World, identifier: str, change: Mapping[str, Any]) -> list[str]:
    if change["specificationType"] == "COLLABORATION":
        return ["EDIT_AUTO_APPROVED_CHANGE_TYPES"]
    member = change["specification"]["member"]
    before = specification(world, identifier, member["accountId"])
    if before is None:
        return ["ADD_MEMBER"]
    has, gets = abilities(before), abilities(member)
    found = [
        words[ability not in gets] for ability, words in _OF_ABILITY.items() if (ability in has) != (ability in gets)
    ]
    return found or ["ADD_PAYER_CANDIDATE"]


BEHAVIORS: Mapping[str, Behavior] = {"CollaborationChangeRequest": Behavior(complete=link, prepare=_prepare)}
