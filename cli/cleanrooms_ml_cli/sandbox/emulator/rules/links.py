"""The members by which replies of AWS Clean Rooms name a record and what it belongs to.

Requests name a resource by `<kind>Identifier`; replies show `id` and `arn` of the resource itself, and `<kind>Id` and
`<kind>Arn` of each one that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..kinds import KINDS, Kind
from ..state.lifecycle import Record
from ..state.world import World

_SUFFIX = "Identifier"

# Kinds without an ARN are named by the identifier of another kind, or are not named at all.
_NAMED_BY: Mapping[str, Kind] = {
    kind.id_field: kind for kind in KINDS.values() if kind.arn_service == "cleanrooms" and kind.arn_path
}


def link(world: World, record: Record) -> None:
    """Fills in the members that name a record and what it belongs to; one that is there already stays."""
    own = KINDS[record.kind].id_field
    if own:
        record.data.setdefault("id", record.data[own])
    for member, value in list(record.data.items()):
        if member in _NAMED_BY and member != own:
            stem = member.removesuffix(_SUFFIX)
            record.data.setdefault(f"{stem}Id", value)
            record.data.setdefault(f"{stem}Arn", _arn(world, record, _NAMED_BY[member], value))


def _arn(world: World, record: Record, kind: Kind, identifier: str) -> str:
    """The ARN of what an identifier names; a collaboration that is not known in full is known to its members."""
    found = next((it for it in world.of_kind(kind.name) if it.data[kind.id_field] == identifier), None)
    if found is not None:
        return found.arn
    members = (it for it in world.of_kind("Membership") if it.data.get(kind.id_field) == identifier)
    known = next((str(it.data["collaborationArn"]) for it in members if "collaborationArn" in it.data), "")
    return known or world.arn(kind, record.data, identifier)
