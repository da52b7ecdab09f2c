"""Which resources the actions of AWS Clean Rooms are authorized on.

An oracle on purpose, as `authorization` is. Source: Service Authorization Reference of AWS Clean Rooms, resource types
and dependent actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..calls import Call
from ..kinds import KINDS, Kind
from ..state.world import World

_ANY = "*"

# The reference's words for what an operation is about, the resources that it requires, and the operations.
_ON: Mapping[str, str] = {
    "Collaboration": (
        "CreateCollaboration DeleteCollaboration DeleteMember GetCollaboration UpdateCollaboration ListMembers"
        " CreateCollaborationChangeRequest GetCollaborationChangeRequest UpdateCollaborationChangeRequest"
        " ListCollaborationChangeRequests ListCollaborationAnalysisTemplates ListCollaborationPrivacyBudgets"
        " ListCollaborationConfiguredAudienceModelAssociations ListCollaborationIdNamespaceAssociations"
        " ListCollaborationPrivacyBudgetTemplates ListSchemas BatchGetSchema BatchGetSchemaAnalysisRule"
    ),
    "Membership": (
        "DeleteMembership GetMembership UpdateMembership GetProtectedJob GetProtectedQuery ListPrivacyBudgets"
        " ListProtectedJobs ListProtectedQueries PreviewPrivacyImpact StartProtectedJob StartProtectedQuery"
        " UpdateProtectedJob UpdateProtectedQuery"
    ),
    "Collaboration Membership": "CreateMembership",
    "ConfiguredTable": (
        "CreateConfiguredTable DeleteConfiguredTable GetConfiguredTable UpdateConfiguredTable"
        " CreateConfiguredTableAnalysisRule DeleteConfiguredTableAnalysisRule GetConfiguredTableAnalysisRule"
        " UpdateConfiguredTableAnalysisRule"
    ),
    "ConfiguredTableAssociation": (
        "DeleteConfiguredTableAssociation GetConfiguredTableAssociation UpdateConfiguredTableAssociation"
        " CreateConfiguredTableAssociationAnalysisRule DeleteConfiguredTableAssociationAnalysisRule"
        " GetConfiguredTableAssociationAnalysisRule UpdateConfiguredTableAssociationAnalysisRule"
    ),
    "ConfiguredTable ConfiguredTableAssociation Membership": "CreateConfiguredTableAssociation",
    "ConfiguredTableAssociation Membership": "ListConfiguredTableAssociations",
    "Collaboration ConfiguredTableAssociation": "GetSchema GetSchemaAnalysisRule",
    "AnalysisTemplate": "DeleteAnalysisTemplate GetAnalysisTemplate UpdateAnalysisTemplate",
    "AnalysisTemplate Membership": "CreateAnalysisTemplate ListAnalysisTemplates",
    "AnalysisTemplate Collaboration": "GetCollaborationAnalysisTemplate BatchGetCollaborationAnalysisTemplate",
    "ConfiguredAudienceModelAssociation": (
        "DeleteConfiguredAudienceModelAssociation GetConfiguredAudienceModelAssociation"
        " UpdateConfiguredAudienceModelAssociation"
    ),
    "ConfiguredAudienceModelAssociation Membership": (
        "CreateConfiguredAudienceModelAssociation ListConfiguredAudienceModelAssociations"
    ),
    "Collaboration ConfiguredAudienceModelAssociation": "GetCollaborationConfiguredAudienceModelAssociation",
    "IdMappingTable Membership": (
        "CreateIdMappingTable DeleteIdMappingTable GetIdMappingTable ListIdMappingTables PopulateIdMappingTable"
        " UpdateIdMappingTable"
    ),
    "IdNamespaceAssociation Membership": (
        "CreateIdNamespaceAssociation DeleteIdNamespaceAssociation GetIdNamespaceAssociation"
        " ListIdNamespaceAssociations UpdateIdNamespaceAssociation"
    ),
    "Collaboration IdNamespaceAssociation": "GetCollaborationIdNamespaceAssociation",
    "PrivacyBudgetTemplate": "DeletePrivacyBudgetTemplate GetPrivacyBudgetTemplate UpdatePrivacyBudgetTemplate",
    "Membership PrivacyBudgetTemplate": "CreatePrivacyBudgetTemplate ListPrivacyBudgetTemplates",
    "Collaboration PrivacyBudgetTemplate": "GetCollaborationPrivacyBudgetTemplate",
}
_KINDS_OF: Mapping[str, tuple[Kind, ...]] = {
    operation: tuple(KINDS[name] for name in names.split())
    for names, operations in _ON.items()
    for operation in operations.split()
}


def authorized_operations() -> frozenset[str]:
    """The operations that the reference authorizes on a resource."""
    return frozenset(_KINDS_OF)


def required_kinds(operation: str) -> tuple[str, ...]:
    """The kinds on whose resources the reference authorizes an operation; none for one on "*"."""
    return tuple(kind.name for kind in _KINDS_OF.get(operation, ()))


def resources(world: World, call: Call) -> list[str]:
    """The ARNs that a request is authorized on; "*" for one that the reference authorizes on no resource."""
    kinds = _KINDS_OF.get(call.operation.name, ())
    return [arn for kind in kinds for arn in _arns(world, call, kind)] or [_ANY]


def _arns(world: World, call: Call, kind: Kind) -> list[str]:
    params = call.params
    if kind.name == "ConfiguredTableAssociation" and "name" in params and "collaborationIdentifier" in params:
        return [_of_schema(world, params)]
    named = [params[member] for member in (kind.id_field, *kind.also_named_by) if member in params]
    arns = [*named, *params.get(f"{kind.also_named_by[0]}s", [])] if kind.also_named_by else named
    if not arns:
        return [world.arn(kind, {"membershipIdentifier": _ANY, **params}, _ANY)]
    return [name if name.startswith("arn:") else _arn(world, kind, params, name) for name in arns]


def _arn(world: World, kind: Kind, params: Mapping[str, Any], identifier: str) -> str:
    """The ARN of a record, which can be another account's; else the one that it would have."""
    found = next((it.arn for it in world.of_kind(kind.name) if it.data[kind.id_field] == identifier), "")
    return found or world.arn(kind, {"membershipIdentifier": _ANY, **params}, identifier)


def _of_schema(world: World, params: Mapping[str, Any]) -> str:
    kind = KINDS["ConfiguredTableAssociation"]
    for record in world.of_kind(kind.name):
        if (record.name, record.data["collaborationIdentifier"]) == (params["name"], params["collaborationIdentifier"]):
            return record.arn
    return world.arn(kind, {"membershipIdentifier": _ANY}, _ANY)
