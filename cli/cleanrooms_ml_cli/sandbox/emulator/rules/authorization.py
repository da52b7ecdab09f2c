"""Which IAM actions a request needs, on which resources: for a sandbox that enforces policies.

An oracle on purpose: it reads nothing from the permissions of the specs, which the tests check against it.

Sources: Service Authorization Reference of AWS Clean Rooms and of Clean Rooms ML, resources and dependent actions;
user guide, "IAM behaviors for Clean Rooms ML" (the ARNs of StartAudienceGenerationJob, PassMembership and
PassCollaboration) and "Data protection" (keys); the handler permissions of AWS's own CloudFormation types (PassRole,
TagResource on create).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.permissions import via_service

from ..calls import CLEAN_ROOMS, Call
from ..kinds import GRANTING_KEY_ACTIONS, KIND_OF_OPERATION, KINDS, Kind, Verb
from ..state.world import World
from . import clean_rooms_actions, clean_rooms_dependents
from .queries import synthetic_parameters
from .roles import principals, role_arns

# A condition value is one text or several.
Context = dict[str, str | list[str]]
Need = tuple[str, str, Context]

_ANY = "*"
_ASSOCIATION = KINDS["ConfiguredAudienceModelAssociation"]

# Lists that the reference authorizes on a resource: the member that names it.
_LISTED_ON = {
    "ListAudienceGenerationJobs": "configuredAudienceModelArn",
    "ListAudienceExportJobs": "audienceGenerationJobArn",
    "ListCollaborationTrainedModelExportJobs": "trainedModelArn",
}
# What AWS Clean Rooms does with the model's policy in the caller's name.
_ON_THE_MODEL = {
    Verb.CREATE: (
        "GetConfiguredAudienceModel",
        "GetConfiguredAudienceModelPolicy",
        "PutConfiguredAudienceModelPolicy",
    ),
    Verb.DELETE: (
        "DeleteConfiguredAudienceModelPolicy",
        "GetConfiguredAudienceModelPolicy",
        "PutConfiguredAudienceModelPolicy",
    ),
}


_WITH_KEY = (Verb.CREATE, Verb.PUT, Verb.UPDATE)
# What Clean Rooms ML does with what a request names, by the member.
_PASSED = {
    "membershipIdentifier": "cleanrooms:PassMembership",
    "collaborationIdentifier": "cleanrooms:PassCollaboration",
}


def dependent_actions(service: str, operation: str, members: Iterable[str]) -> tuple[str, ...]:
    """The actions that an operation can need in addition to its own, without those on roles, keys and tags.

    Args:
        service: The service's name in boto3.
        operation: The operation, of a kind that the sandbox need not have.
        members: The members of its requests.
    """
    if service != CLEAN_ROOMS:
        return tuple(_PASSED[member] for member in members if member in _PASSED)
    verb = _ASSOCIATION.operations.get(operation)
    on_model = _ON_THE_MODEL.get(verb, ()) if verb else ()
    return (*clean_rooms_dependents.named(operation), *(f"cleanrooms-ml:{action}" for action in on_model))


def needs(world: World, call: Call, prefix: str) -> list[Need]:
    """The actions, each with its resource ARN and the condition keys of the request.

    Args:
        world: The world.
        call: The request.
        prefix: What IAM calls the service.
    """
    action = f"{prefix}:{call.operation.name}"
    context = _request_context(call)
    own = [(action, arn, {**context, **_resource_tags(world, arn)}) for arn in _resources(world, call)]
    return [*own, *_dependent_needs(world, call, prefix)]


def _resources(world: World, call: Call) -> list[str]:
    operation, params = call.operation.name, call.params
    if "resourceArn" in params:
        return [params["resourceArn"]]
    if call.service == CLEAN_ROOMS:
        return clean_rooms_actions.resources(world, call)
    if operation in _LISTED_ON:
        return [params.get(_LISTED_ON[operation], _ANY)]
    kind = KIND_OF_OPERATION.get(operation)
    if kind is None:
        return _arns_of_path(call) or [_ANY]
    verb = kind.operations[operation]
    parents = [use.name for use in kind.uses(params) if use.parent.authorizes]
    if verb is Verb.CREATE:
        return [*parents, *_association_of_model(world, params), *_jobs_to_be(world, kind, parents)] or [_ANY]
    if verb in (Verb.LIST, Verb.VERSIONS) or not kind.arn_field:
        return [_ANY]
    return [params[kind.arn_field], *(parents if verb is Verb.UPDATE else [])]


def _jobs_to_be(world: World, kind: Kind, parents: list[str]) -> list[str]:
    """Documented: a generation job is authorized on the job to be, in both accounts if the model is another's."""
    if kind.name != "AudienceGenerationJob":
        return []
    owners = dict.fromkeys([world.account, *(arn.split(":")[4] for arn in parents)])
    return [world.arn(kind, {}, _ANY, owner) for owner in owners]


def _association_of_model(world: World, params: Mapping[str, Any]) -> list[str]:
    """Inference is authorized on an association; if it names none, it runs with that of the trained model."""
    member = "configuredModelAlgorithmAssociationArn"
    model = world.records.get(params.get("trainedModelArn", "")) if "dataSource" in params else None
    return [model.data[member]] if model is not None and member not in params else []


def _membership(world: World, params: Mapping[str, Any]) -> str:
    return world.arn(KINDS["Membership"], {}, params["membershipIdentifier"])


def _arns_of_path(call: Call) -> list[str]:
    labels = [name for name in call.params if f"{{{name}}}" in call.operation.request_uri]
    return [call.params[name] for name in labels if name.endswith("Arn")]


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


def _dependent_needs(world: World, call: Call, prefix: str) -> Iterator[Need]:
    params = call.params
    kind = KIND_OF_OPERATION.get(call.operation.name)
    verb = kind.operations[call.operation.name] if kind else None
    if call.service == CLEAN_ROOMS:
        yield from ((action, arn, {}) for action, arn in clean_rooms_dependents.dependent(world, call))
    else:
        yield from _passed_on(world, params)
    for role in role_arns(params):
        yield "iam:PassRole", role, {"iam:PassedToService": principals(call)[0]}
    if kind is _ASSOCIATION and verb in _ON_THE_MODEL:
        model = _model_of(world, params)
        for action in _ON_THE_MODEL[verb]:
            yield f"cleanrooms-ml:{action}", model, _resource_tags(world, model)
    if kind is None:
        return
    if verb is Verb.CREATE and params.get("tags"):
        yield f"{prefix}:TagResource", world.arn(kind, params, _ANY), _request_context(call)
    # Documented for creates. What gets another key is taken to need the same: the service encrypts with it as well.
    if kind.keys and verb in _WITH_KEY and "kmsKeyArn" in params:
        via: Context = {**via_service(world.region, prefix)}
        for action in _key_actions(world, kind, params):
            yield action, params["kmsKeyArn"], dict(via)


def _passed_on(world: World, params: Mapping[str, Any]) -> Iterator[Need]:
    if "membershipIdentifier" in params:
        yield _PASSED["membershipIdentifier"], _membership(world, params), {}
    if "collaborationIdentifier" in params:
        arn = world.arn(KINDS["Collaboration"], {}, params["collaborationIdentifier"])
        yield _PASSED["collaborationIdentifier"], arn, {}


def _model_of(world: World, params: Mapping[str, Any]) -> str:
    """The model that a request about its association concerns."""
    if "configuredAudienceModelArn" in params:
        return str(params["configuredAudienceModelArn"])
    record = world.records.get(world.arn(_ASSOCIATION, params, params[_ASSOCIATION.id_field]))
    return str(record.data["configuredAudienceModelArn"]) if record else _ANY


def _key_actions(world: World, kind: Kind, params: Mapping[str, Any]) -> tuple[str, ...]:
    """A channel that gets synthetic data needs what training needs."""
    source = params.get("inputChannel", {}).get("dataSource", {}).get("protectedQueryInputParameters", {})
    template = world.records.get(source.get("sqlParameters", {}).get("analysisTemplateArn", ""))
    return GRANTING_KEY_ACTIONS if synthetic_parameters(template) is not None else kind.keys
