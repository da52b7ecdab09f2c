"""What is done to intermediate tables: filling them, their versions, forbidding them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...behaviors import BEHAVIORS, runs
from ...behaviors.tables import DISALLOWED, version_status, versions_of
from ...calls import Call
from ...kinds import KINDS
from ...rules.members import active_membership, require_scope
from ...state.lifecycle import Record
from ...state.world import World, conflict, not_found
from ..outcome import Outcome
from ..pages import page

_TABLE = KINDS["IntermediateTable"]
_QUERY = KINDS["ProtectedQuery"]


def _table(world: World, call: Call) -> Record:
    require_scope(world, call)
    identifier = call.params[_TABLE.id_field]
    record = world.locate(_TABLE, identifier)
    if record.data["membershipIdentifier"] != call.params["membershipIdentifier"]:
        raise not_found(_TABLE, identifier)
    return record


def _populate(world: World, call: Call) -> Outcome:
    """Documented: each call creates a version, whose progress GetProtectedQuery shows."""
    record = _table(world, call)
    if record.data.get(DISALLOWED):
        message = f"The intermediate table {record.arn} was disallowed by a provider of its data"
        raise conflict(_TABLE, record.arn, message, "INVALID_STATE")
    output = {name: record.data[name] for name in ("id", "arn", "name")}
    data = {
        "membershipIdentifier": record.data["membershipIdentifier"],
        "collaborationIdentifier": record.data["collaborationIdentifier"],
        "creatorAccountId": world.account,
        "sqlParameters": dict(record.data["populationAnalysisConfiguration"]["sqlParameters"]),
        "resultConfiguration": {"outputConfiguration": {"intermediateTable": output}},
        "intermediateTableIdentifier": record.data["intermediateTableIdentifier"],
        "versionId": world.ids.new(),
    }
    chosen = call.params.get("analysisPayerAccountId")
    query = world.new_record(_QUERY, data | ({"queryComputePayerAccountId": chosen} if chosen else {}), {})
    behavior = BEHAVIORS[_QUERY.name]
    behavior.complete(world, query)
    behavior.prepare(world, query)
    runs.start(world, _QUERY, query)
    world.add(query)
    result = {"analysisId": query.data["id"], "analysisType": "QUERY", "versionId": data["versionId"]}
    return Outcome(result, record.key)


def _versions(world: World, call: Call) -> Outcome:
    record = _table(world, call)
    found = [
        (
            query.number,
            {
                "versionId": query.data["versionId"],
                "tableId": record.data["id"],
                "createTime": query.created,
                "analysisId": query.data["id"],
                "analysisType": "QUERY",
                "status": version_status(world, query),
                "kmsKeyArn": record.data.get("kmsKeyArn"),
            },
        )
        for query in versions_of(world, record)
    ]
    return Outcome(page(world, call, found), record.key)


def _disallow(world: World, call: Call) -> Outcome:
    """Documented: who provides a base table forbids what was derived from it."""
    require_scope(world, call)
    joined = active_membership(world, call.params["membershipIdentifier"])
    name = call.params["intermediateTableName"]
    for record in world.of_kind(_TABLE.name):
        is_near = record.data["collaborationIdentifier"] == joined.data["collaborationIdentifier"]
        if is_near and record.name == name:
            record.data[DISALLOWED] = True
            record.changed = world.now()
            return Outcome({}, record.key)
    raise not_found(_TABLE, name)


OPERATIONS: Mapping[str, Any] = {
    "PopulateIntermediateTable": _populate,
    "ListIntermediateTableVersions": _versions,
    "DisallowIntermediateTable": _disallow,
}
