"""Which IAM actions a request needs, on which resources: for a sandbox that enforces policies.

Sources: Service Authorization Reference of AWS Clean Rooms ML; user guide, "Clean Rooms ML behaviours" (the three
ARNs of StartAudienceGenerationJob, PassMembership and PassCollaboration), "Custom ML" (keys); the handler
permissions of AWS's own CloudFormation types (PassRole, TagResource on create).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .kinds import KIND_OF_OPERATION, Kind, Verb
from .operations import parent_arns, role_arns
from .routes import Call
from .world import SERVICE_PRINCIPAL, World

# A condition value is one text or several.
Context = dict[str, str | list[str]]
Need = tuple[str, str, Context]

_ANY = "*"

# The reference authorizes these on no resource, or on the one that they filter by.
_ON_FILTER = {"ListAudienceGenerationJobs": "configuredAudienceModelArn"}

_KEY_ACTIONS = ("kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt")
_SYNTHETIC_KEY_ACTIONS = (*_KEY_ACTIONS, "kms:CreateGrant")


def needs(world: World, call: Call) -> list[Need]:
    """The actions, each with its resource ARN and the condition keys of the request."""
    return [*_own_needs(world, call), *_dependent_needs(world, call)]


def _own_needs(world: World, call: Call) -> Iterator[Need]:
    action = f"cleanrooms-ml:{call.operation.name}"
    context = _request_context(call)
    for arn in _resources(world, call):
        yield action, arn, {**context, **_resource_tags(world, arn)}


def _resources(world: World, call: Call) -> list[str]:
    operation, params = call.operation.name, call.params
    if "resourceArn" in params:
        return [params["resourceArn"]]
    if operation in _ON_FILTER:
        return [params.get(_ON_FILTER[operation], _ANY)]
    kind = KIND_OF_OPERATION.get(operation)
    if kind is None:
        return _arns_of_path(call) or [_ANY]
    verb = kind.operations[operation]
    if verb is Verb.LIST:
        return [_ANY]
    parents = [arn for _, arn in parent_arns(kind, params)]
    if verb is Verb.CREATE:
        # A generation job is authorized on the job to be as well.
        return [*parents, _new_arn(world, kind, params)] if kind.name == "AudienceGenerationJob" else parents
    return [params[kind.arn_field], *(parents if verb is Verb.UPDATE else [])]


def _arns_of_path(call: Call) -> list[str]:
    labels = [name for name in call.params if f"{{{name}}}" in call.operation.request_uri]
    return [call.params[name] for name in labels if name.endswith("Arn")]


def _new_arn(world: World, kind: Kind, params: Mapping[str, Any]) -> str:
    """The ARN of a resource that has no identifier yet."""
    path = kind.arn_path.format_map(params)
    return f"arn:{world.partition}:cleanrooms-ml:{world.region}:{world.account}:{path}/*"


def _request_context(call: Call) -> Context:
    context: Context = {}
    tags = call.params.get("tags", {})
    if isinstance(tags, Mapping):
        context |= {f"aws:RequestTag/{key}": str(value) for key, value in tags.items()}
    if keys := [*tags, *call.params.get("tagKeys", [])]:
        context["aws:TagKeys"] = keys
    collaboration = call.params.get("collaborationId", call.params.get("collaborationIdentifier"))
    if collaboration:
        context["cleanrooms-ml:CollaborationId"] = collaboration
    return context


def _resource_tags(world: World, arn: str) -> Context:
    record = world.records.get(arn)
    return {f"aws:ResourceTag/{key}": value for key, value in record.tags.items()} if record else {}


def _dependent_needs(world: World, call: Call) -> Iterator[Need]:
    params = call.params
    operation = call.operation.name
    owned = f"arn:{world.partition}:cleanrooms:{world.region}:{world.account}"
    if "membershipIdentifier" in params:
        yield "cleanrooms:PassMembership", f"{owned}:membership/{params['membershipIdentifier']}", {}
    if "collaborationIdentifier" in params:
        arn = f"{owned}:collaboration/{params['collaborationIdentifier']}"
        yield "cleanrooms:PassCollaboration", arn, {}
    for role in role_arns(params):
        yield "iam:PassRole", role, {"iam:PassedToService": SERVICE_PRINCIPAL}
    kind = KIND_OF_OPERATION.get(operation)
    if kind is None or kind.operations[operation] is not Verb.CREATE:
        return
    if params.get("tags"):
        yield "cleanrooms-ml:TagResource", _new_arn(world, kind, params), _request_context(call)
    if kind.name == "MLInputChannel" and "kmsKeyArn" in params:
        via: Context = {"kms:ViaService": f"cleanrooms-ml.{world.region}.amazonaws.com"}
        for action in _key_actions(world, params):
            yield action, params["kmsKeyArn"], dict(via)


def _key_actions(world: World, params: Mapping[str, Any]) -> tuple[str, ...]:
    source = params["inputChannel"]["dataSource"].get("protectedQueryInputParameters", {})
    template = world.templates.get(source.get("sqlParameters", {}).get("analysisTemplateArn", ""))
    is_synthetic = template is not None and template.synthetic is not None
    return _SYNTHETIC_KEY_ACTIONS if is_synthetic else _KEY_ACTIONS
