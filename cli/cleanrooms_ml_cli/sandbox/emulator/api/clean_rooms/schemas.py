"""The schemas of a collaboration: what its members see of the tables that are associated to it.

Types of columns are those of a data catalog, which the emulator does not read: every column is a string.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...behaviors.tables import rules_of
from ...behaviors.views import view
from ...calls import Call
from ...errors import ApiError
from ...kinds import KINDS
from ...rules.members import require_scope
from ...state.lifecycle import Record
from ...state.world import World
from ..outcome import Outcome
from ..pages import page

_SCHEMA = "COLLABORATION"


def _tables(world: World, collaboration: str) -> list[Record]:
    """The records that schemas show, in the order of creation."""
    now = world.now()
    found = [
        record
        for kind in ("ConfiguredTableAssociation", "IdMappingTable")
        for record in world.of_kind(kind)
        if record.data["collaborationIdentifier"] == collaboration and record.visible_from <= now
    ]
    return sorted(found, key=lambda record: record.number)


def _schema(world: World, record: Record) -> dict[str, Any]:
    shown = view(world, record)
    common = {
        "name": record.name,
        "creatorAccountId": record.account,
        "description": record.data.get("description", ""),
        "createTime": shown["createTime"],
        "updateTime": shown["updateTime"],
        "collaborationId": shown["collaborationId"],
        "collaborationArn": shown["collaborationArn"],
        "partitionKeys": [],
        "resourceArn": record.arn,
    }
    if record.kind == "IdMappingTable":
        properties = {**record.data["inputReferenceProperties"], "idMappingTableId": record.data["id"]}
        return {
            **common,
            "type": "ID_MAPPING_TABLE",
            "columns": [],
            "analysisRuleTypes": ["ID_MAPPING_TABLE"],
            "schemaTypeProperties": {"idMappingTable": properties},
            "schemaStatusDetails": [{"status": "READY", "analysisType": "DIRECT_ANALYSIS"}],
        }
    table = world.locate(KINDS["ConfiguredTable"], record.data["configuredTableIdentifier"])
    types = [rule.data["analysisRuleType"] for rule in rules_of(world, table)]
    return {
        **common,
        "type": "TABLE",
        "columns": [{"name": name, "type": "string"} for name in table.data["allowedColumns"]],
        "analysisRuleTypes": types,
        "analysisMethod": table.data["analysisMethod"],
        "selectedAnalysisMethods": table.data.get("selectedAnalysisMethods"),
        "schemaTypeProperties": {"configuredTableAssociation": {"configuredTableAssociationId": record.data["id"]}},
        "schemaStatusDetails": [_status(types)],
    }


def _status(types: list[str]) -> dict[str, Any]:
    """Documented: a table can be queried once it has an analysis rule."""
    if types:
        return {"status": "READY", "analysisType": "DIRECT_ANALYSIS", "analysisRuleType": types[0]}
    reason = {"code": "ANALYSIS_RULE_MISSING", "message": "The configured table has no analysis rule"}
    return {"status": "NOT_READY", "analysisType": "DIRECT_ANALYSIS", "reasons": [reason]}


def _named(world: World, call: Call, name: str) -> Record:
    collaboration = call.params["collaborationIdentifier"]
    found = next((record for record in _tables(world, collaboration) if record.name == name), None)
    if found is None:
        raise _no_schema(name, f"Could not find schema with id {name} in the collaboration {collaboration}")
    return found


def _rule(world: World, call: Call, name: str, type_name: str) -> dict[str, Any]:
    """The rule of the table, with the one of the association, and both in one."""
    record = _named(world, call, name)
    table = world.records.get(record.data.get("configuredTableArn", ""))
    own = _of_type(world, table, type_name) if table is not None else None
    if own is None:
        raise _no_schema(name, f"Could not find {type_name} analysis rule of the schema with id {name}")
    found = {
        "collaborationId": record.data["collaborationIdentifier"],
        "type": type_name,
        "name": name,
        "createTime": own.created,
        "updateTime": own.update_time(world.now()),
        "policy": own.data["analysisRulePolicy"],
    }
    associated = _of_type(world, record, type_name)
    if associated is None:
        return found
    policy = associated.data["analysisRulePolicy"]
    both = {word: {**rule, **policy["v1"].get(word, {})} for word, rule in own.data["analysisRulePolicy"]["v1"].items()}
    return {**found, "collaborationPolicy": policy, "consolidatedPolicy": {"v1": both}}


def _of_type(world: World, record: Record, type_name: str) -> Record | None:
    return next((rule for rule in rules_of(world, record) if rule.data["analysisRuleType"] == type_name), None)


def _no_schema(name: str, message: str) -> ApiError:
    return ApiError("ResourceNotFoundException", message, members={"resourceId": name, "resourceType": _SCHEMA})


# -- operations --------------------------------------------------------------------------------------------------------


def _list(world: World, call: Call) -> Outcome:
    require_scope(world, call)
    wanted = call.params.get("schemaType")
    found = [
        (record.number, _schema(world, record)) for record in _tables(world, call.params["collaborationIdentifier"])
    ]
    return Outcome(page(world, call, [item for item in found if wanted in (None, item[1]["type"])]))


def _get(world: World, call: Call) -> Outcome:
    require_scope(world, call)
    record = _named(world, call, call.params["name"])
    return Outcome({"schema": _schema(world, record)}, record.key)


def _get_rule(world: World, call: Call) -> Outcome:
    require_scope(world, call)
    return Outcome({"analysisRule": _rule(world, call, call.params["name"], call.params["type"])})


def _batch(world: World, call: Call) -> Outcome:
    require_scope(world, call)
    found, errors = [], []
    for name in call.params["names"]:
        try:
            found.append(_schema(world, _named(world, call, name)))
        except ApiError as error:
            errors.append({"name": name, "code": error.code, "message": error.message})
    return Outcome({"schemas": found, "errors": errors})


def _batch_rules(world: World, call: Call) -> Outcome:
    require_scope(world, call)
    found, errors = [], []
    for asked in call.params["schemaAnalysisRuleRequests"]:
        try:
            found.append(_rule(world, call, asked["name"], asked["type"]))
        except ApiError as error:
            errors.append({**asked, "code": error.code, "message": error.message})
    return Outcome({"analysisRules": found, "errors": errors})


OPERATIONS: Mapping[str, Any] = {
    "ListSchemas": _list,
    "GetSchema": _get,
    "GetSchemaAnalysisRule": _get_rule,
    "BatchGetSchema": _batch,
    "BatchGetSchemaAnalysisRule": _batch_rules,
}
