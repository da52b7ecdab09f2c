"""What is special about collaborations, memberships and what is in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import ApiError
from ..kinds import KINDS
from ..rules.members import COLLABORATION_DELETED, collaboration, memberships, specification
from ..rules.payers import require_acceptance
from ..state.lifecycle import Record
from ..state.world import World, not_found
from .behavior import Behavior

_TABLE = re.compile(r"\b(?:from|join)\s+([\w.`\"]+)", re.IGNORECASE)


def _end_collaboration(world: World, record: Record) -> None:
    """Documented: each member keeps its membership and what is in it, but nothing more can be done there."""
    for joined in memberships(world, record.data["collaborationIdentifier"]).values():
        joined.timeline = [(world.now(), COLLABORATION_DELETED)]


def _complete_collaboration(world: World, record: Record) -> None:
    record.data |= {
        "id": record.data["collaborationIdentifier"],
        "creatorAccountId": world.account,
        "memberStatus": "INVITED",
    }


def _prepare_membership(world: World, record: Record) -> None:
    identifier = record.data["collaborationIdentifier"]
    known = collaboration(world, identifier)
    if known is None:
        raise not_found(KINDS["Collaboration"], identifier)
    said = specification(world, identifier, world.account)
    if said is None:
        raise ApiError("AccessDeniedException", f"Account {world.account} is not invited to {identifier}")
    if world.account in memberships(world, identifier):
        raise ApiError("ConflictException", f"Account {world.account} is a member of {identifier} already")
    require_acceptance(world, record)
    record.data |= {
        "id": record.data["membershipIdentifier"],
        "collaborationId": identifier,
        "collaborationArn": known.arn,
        "collaborationName": known.name,
        "collaborationCreatorAccountId": known.account,
        "collaborationCreatorDisplayName": known.data["creatorDisplayName"],
        "memberAbilities": said["memberAbilities"],
        "mlMemberAbilities": said.get("mlMemberAbilities"),
        "paymentConfiguration": record.data.get("paymentConfiguration", {"queryCompute": {"isResponsible": False}}),
    }


def _complete_template(world: World, record: Record) -> None:
    joined = world.locate(KINDS["Membership"], record.data["membershipIdentifier"])
    text = record.data.get("source", {}).get("text", "")
    tables = sorted({name.replace("`", "").replace('"', "") for name in _TABLE.findall(text)})
    record.data |= {
        "id": record.data["analysisTemplateIdentifier"],
        "membershipId": record.data["membershipIdentifier"],
        "membershipArn": joined.arn,
        "collaborationId": record.data["collaborationIdentifier"],
        "collaborationArn": joined.data["collaborationArn"],
        "schema": {"referencedTables": tables},
    }


BEHAVIORS: Mapping[str, Behavior] = {
    "Collaboration": Behavior(complete=_complete_collaboration, deleted=_end_collaboration),
    "Membership": Behavior(prepare=_prepare_membership),
    "AnalysisTemplate": Behavior(complete=_complete_template),
}
