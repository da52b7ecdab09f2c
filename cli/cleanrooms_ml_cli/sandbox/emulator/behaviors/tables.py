"""What is special about configured tables, their associations and the tables of AWS Entity Resolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kinds import KINDS
from ..rules.links import link
from ..rules.members import CAN_QUERY, require_ability
from ..state.lifecycle import Record
from ..state.world import World
from .behavior import Behavior

_TYPES = ("SOURCE", "TARGET")


def rules_of(world: World, record: Record) -> list[Record]:
    """The analysis rules of a table or of its association, in the order of creation."""
    kinds = [kind for kind in KINDS.values() if kind.wrapped == "analysisRule"]
    return [rule for kind in kinds for rule in world.of_kind(kind.name) if rule.data.get(kind.lives_with) == record.arn]


def _shown_rules(world: World, record: Record) -> dict[str, Any]:
    return {"analysisRuleTypes": [rule.data["analysisRuleType"] for rule in rules_of(world, record)]}


def _complete_namespace(world: World, record: Record) -> None:
    """Entity Resolution says which type a namespace has; here its name does."""
    link(world, record)
    is_target = "target" in record.data["inputReferenceConfig"]["inputReferenceArn"].lower()
    properties = {"idNamespaceType": _TYPES[is_target], "idMappingWorkflowsSupported": []}
    record.data["inputReferenceProperties"] = properties


def _complete_mapping(world: World, record: Record) -> None:
    """A mapping table is between a source and a target, which Entity Resolution knows by its workflow."""
    link(world, record)
    sources = [{"idNamespaceAssociationId": _namespace(world, record, word), "type": word} for word in _TYPES]
    record.data["inputReferenceProperties"] = {"idMappingTableInputSource": sources}


def _namespace(world: World, record: Record, type_name: str) -> str:
    for found in world.of_kind("IdNamespaceAssociation"):
        is_near = found.data["collaborationIdentifier"] == record.data["collaborationIdentifier"]
        if is_near and found.data["inputReferenceProperties"]["idNamespaceType"] == type_name:
            return str(found.data["id"])
    return world.ids.new()


# -- intermediate tables -----------------------------------------------------------------------------------------------

# Where an intermediate table keeps that a provider of its data forbade it; no member of the API.
DISALLOWED = "disallowed"

_POPULATED = {"ACTIVE": "POPULATE_SUCCESS", "CREATE_FAILED": "POPULATE_FAILED", "INACTIVE": "POPULATE_FAILED"}


def versions_of(world: World, record: Record) -> list[Record]:
    """The protected queries that filled an intermediate table, in the order of their beginning."""
    name = "intermediateTableIdentifier"
    return [query for query in world.of_kind("ProtectedQuery") if query.data.get(name) == record.data[name]]


def version_status(world: World, query: Record) -> str:
    """How far a version of an intermediate table is."""
    return _POPULATED.get(query.status(world.now()), "POPULATE_STARTED")


def _prepare_intermediate(world: World, record: Record) -> None:
    """Documented: it is owned by the member with the ability to query."""
    require_ability(world, record.data["collaborationIdentifier"], CAN_QUERY)


def _shown_intermediate(world: World, record: Record) -> dict[str, Any]:
    versions = versions_of(world, record)
    shown = _shown_rules(world, record) | {"status": "CREATED"}
    if versions:
        shown["status"] = version_status(world, versions[-1])
    ready = [query for query in versions if version_status(world, query) == "POPULATE_SUCCESS"]
    if ready:
        shown["intermediateTableVersion"] = {
            "versionId": ready[-1].data["versionId"],
            "analysisId": ready[-1].data["id"],
            "analysisType": "QUERY",
            "inheritedConstraints": {},
        }
    if record.data.get(DISALLOWED):
        shown["status"] = "DISALLOWED_BY_DATA_PROVIDER"
    return shown


BEHAVIORS: Mapping[str, Behavior] = {
    "ConfiguredTable": Behavior(complete=link, shown=_shown_rules),
    "ConfiguredTableAssociation": Behavior(complete=link, shown=_shown_rules),
    "IdNamespaceAssociation": Behavior(complete=_complete_namespace),
    "IdMappingTable": Behavior(complete=_complete_mapping),
    "IntermediateTable": Behavior(complete=link, prepare=_prepare_intermediate, shown=_shown_intermediate),
}
