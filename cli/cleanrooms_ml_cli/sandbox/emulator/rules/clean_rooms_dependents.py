"""What AWS Clean Rooms does in the caller's name, for which the caller needs the permission.

Source: Service Authorization Reference of AWS Clean Rooms, dependent actions. That a role is passed is in
`authorization`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..calls import Call
from ..kinds import KINDS
from ..state.world import World
from .clean_rooms_actions import resources

_ANY = "*"

# Actions on the resources of the operation itself.
_SAME: Mapping[str, tuple[str, ...]] = {
    "BatchGetCollaborationAnalysisTemplate": ("GetCollaborationAnalysisTemplate",),
    "BatchGetSchema": ("GetSchema",),
    "BatchGetSchemaAnalysisRule": ("GetSchema",),
    "GetSchemaAnalysisRule": ("GetSchema",),
}
# Of an update of a table, by the members that it changes.
_OF_MEMBER = {
    "allowedColumns": "UpdateConfiguredTableAllowedColumns",
    "tableReference": "UpdateConfiguredTableReference",
}
# Actions of AWS Entity Resolution on what a record refers to.
_ON_REFERENCE: Mapping[str, tuple[str, ...]] = {
    "CreateIdMappingTable": ("AddPolicyStatement", "GetIdMappingWorkflow"),
    "DeleteIdMappingTable": ("DeletePolicyStatement",),
    "PopulateIdMappingTable": ("GetIdMappingWorkflow",),
    "CreateIdNamespaceAssociation": ("AddPolicyStatement", "GetIdNamespace"),
    "DeleteIdNamespaceAssociation": ("DeletePolicyStatement",),
    "GetIdNamespaceAssociation": ("GetIdNamespace",),
    "UpdateIdNamespaceAssociation": ("GetIdNamespace",),
}
_POLICY_ACTIONS = (
    "DeleteConfiguredAudienceModelPolicy",
    "GetConfiguredAudienceModelPolicy",
    "PutConfiguredAudienceModelPolicy",
)
_LOG_ACTIONS = (
    "CreateLogDelivery",
    "CreateLogGroup",
    "DeleteLogDelivery",
    "DescribeLogGroups",
    "DescribeResourcePolicies",
    "GetLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "UpdateLogDelivery",
)
_TABLE_ACTIONS = ("BatchGetPartition", "GetPartition", "GetPartitions", "GetTable", "GetTables")
_DATABASE_ACTIONS = ("GetDatabase", "GetDatabases")
_GET_SCHEMA, _GET_TEMPLATE = "GetSchema", "GetCollaborationAnalysisTemplate"
_RESULT_ACTIONS = ("GetBucketLocation", "ListBucket", "PutObject")
# What takes which of them, depending on the request.
_TABLES = ("CreateConfiguredTable", "UpdateConfiguredTable")
_ENDS = ("DeleteCollaboration", "DeleteMember")
_MEMBERSHIPS = ("CreateMembership", "UpdateMembership")
_ANALYSES = ("StartProtectedQuery", "StartProtectedJob")


def named(operation: str) -> tuple[str, ...]:
    """The actions that some request for an operation needs, to name in the permissions of a kind."""
    actions = {
        "cleanrooms": (
            *_SAME.get(operation, ()),
            *(_OF_MEMBER.values() if operation == "UpdateConfiguredTable" else ()),
            *((_GET_SCHEMA, _GET_TEMPLATE) if operation in _ANALYSES else ()),
        ),
        "cleanrooms-ml": _POLICY_ACTIONS if operation in _ENDS else (),
        "entityresolution": _ON_REFERENCE.get(operation, ()),
        "glue": (*_DATABASE_ACTIONS, *_TABLE_ACTIONS) if operation in _TABLES else (),
        "logs": _LOG_ACTIONS if operation in _MEMBERSHIPS else (),
        "s3": _RESULT_ACTIONS if operation in _ANALYSES else _RESULT_ACTIONS[:1] if operation in _MEMBERSHIPS else (),
    }
    return tuple(f"{service}:{action}" for service, its in actions.items() for action in its)


def dependent(world: World, call: Call) -> Iterator[tuple[str, str]]:
    """What AWS Clean Rooms does in the caller's name, each with its resource."""
    operation, params = call.operation.name, call.params
    for action in _SAME.get(operation, ()):
        yield from ((f"cleanrooms:{action}", arn) for arn in resources(world, call))
    if operation in _TABLES:
        yield from _catalog(world, params.get("tableReference", {}).get("glue"))
    if operation == "UpdateConfiguredTable":
        for member, action in _OF_MEMBER.items():
            if member in params:
                yield from ((f"cleanrooms:{action}", arn) for arn in resources(world, call))
    if operation in _ON_REFERENCE:
        yield from _on_reference(world, call)
    if operation in _ENDS:
        yield from _policies(world, params)
    if operation in _MEMBERSHIPS:
        if params.get("queryLogStatus") == "ENABLED":
            yield from ((f"logs:{action}", _ANY) for action in _LOG_ACTIONS)
        yield from _bucket(world, params.get("defaultResultConfiguration", {}), _RESULT_ACTIONS[:1])
    if operation in _ANALYSES:
        yield from _analysis(world, params)


def _on_reference(world: World, call: Call) -> Iterator[tuple[str, str]]:
    """What is done to the resource of AWS Entity Resolution that a record refers to."""
    params, operation = call.params, call.operation.name
    kind = KINDS["IdMappingTable" if "IdMapping" in operation else "IdNamespaceAssociation"]
    found = [it.data for it in world.of_kind(kind.name) if it.data[kind.id_field] == params.get(kind.id_field)]
    for data in [params] if "inputReferenceConfig" in params else found:
        reference = data["inputReferenceConfig"]
        for action in _ON_REFERENCE[operation]:
            if reference["manageResourcePolicies"] or "PolicyStatement" not in action:
                yield f"entityresolution:{action}", reference["inputReferenceArn"]


def _policies(world: World, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The policies of models that let the members of a collaboration use them."""
    for record in world.of_kind("ConfiguredAudienceModelAssociation"):
        is_near = record.data["collaborationIdentifier"] == params["collaborationIdentifier"]
        is_members = record.account == params.get("accountId", record.account)
        if is_near and is_members and record.data["manageResourcePolicies"]:
            model = record.data["configuredAudienceModelArn"]
            yield from ((f"cleanrooms-ml:{action}", model) for action in _POLICY_ACTIONS)


def _catalog(world: World, glue: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    if not glue:
        return
    base = f"arn:{world.partition}:glue:{world.region}:{world.account}"
    database, table = glue["databaseName"], glue["tableName"]
    yield from ((f"glue:{action}", f"{base}:database/{database}") for action in _DATABASE_ACTIONS)
    yield from ((f"glue:{action}", f"{base}:table/{database}/{table}") for action in _TABLE_ACTIONS)


def _analysis(world: World, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    membership = next(
        (it for it in world.of_kind("Membership") if it.data["id"] == params["membershipIdentifier"]), None
    )
    if membership is not None:
        yield f"cleanrooms:{_GET_SCHEMA}", membership.data["collaborationArn"]
    source = params.get("sqlParameters") or params.get("jobParameters") or {}
    if template := source.get("analysisTemplateArn"):
        yield f"cleanrooms:{_GET_TEMPLATE}", template
    yield from _bucket(world, params.get("resultConfiguration", {}), _RESULT_ACTIONS)


def _bucket(world: World, configuration: Mapping[str, Any], actions: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    s3 = configuration.get("outputConfiguration", {}).get("s3")
    if not s3:
        return
    bucket = f"arn:{world.partition}:s3:::{s3['bucket']}"
    for action in actions:
        yield f"s3:{action}", f"{bucket}/{s3.get('keyPrefix', '').strip('/')}*" if action == "PutObject" else bucket
