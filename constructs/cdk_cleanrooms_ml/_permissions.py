"""What the functions may do, derived from the specs of the kinds in a stack.

Policies are written as plain maps: tokens cost calls to the CDK's kernel, and intrinsic functions need none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.shared_names import EVENT_SOURCE
from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY, TAG_CHANGES

# The service of most kinds, by its name in IAM.
CLEAN_ROOMS_ML = "cleanrooms-ml"

Statement = dict[str, Any]

# Roles below this path may be passed to the service; the functions' own roles have another one. Only the second keeps
# stacks of one name in two Regions apart. Changing the path replaces the roles of a deployed stack.
ROLE_PATH = "/cleanrooms-ml/${AWS::StackName}/"
REGIONAL_ROLE_PATH = "/cleanrooms-ml/${AWS::Region}/${AWS::StackName}/"


def allow(actions: Iterable[str], resources: object, conditions: Mapping[str, Any] | None = None) -> Statement:
    """A statement of a policy."""
    statement: Statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": resources}
    if conditions:
        statement["Condition"] = dict(conditions)
    return statement


def document(statements: Sequence[Statement]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(service: str, conditions: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The document that lets a service take on a role."""
    statement: Statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    if conditions:
        statement["Condition"] = dict(conditions)
    return document([statement])


def resource_arn(resource: str) -> object:
    """The ARN, as an intrinsic function, of what a spec writes as "<service>:<own or any>:<resource>"."""
    if resource == "*":
        return "*"
    service, account, name = resource.split(":", 2)
    owner = "${AWS::AccountId}" if account == "own" else "*"
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:{owner}:{name}"}


def principal(service: str) -> str:
    """The principal of a service, by its name in IAM."""
    return f"{service}.amazonaws.com"


def passing(roles: object, services: Sequence[str]) -> Statement:
    """Lets the worker hand roles to services, and to no other one."""
    principals = [principal(service) for service in services]
    to = principals if len(principals) > 1 else principals[0]
    return allow(["iam:PassRole"], roles, {"StringEquals": {"iam:PassedToService": to}})


def event_statement() -> Statement:
    """Lets the worker put events of ours on the account's default bus."""
    bus = {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}
    return allow(["events:PutEvents"], bus, {"StringEquals": {"events:source": EVENT_SOURCE}})


def worker_statements(kinds: Iterable[str], role_path: str = ROLE_PATH) -> list[Statement]:
    """The worker's permissions: to find and delete resources of every kind, and to create those of the given kinds.

    The number of statements depends on the kinds alone, never on how many resources there are.

    Args:
        kinds: The kinds.
        role_path: The path of the roles that this library creates.
    """
    present = frozenset(kinds)
    services = services_with_roles(present)
    return [
        *_of_kinds(present),
        *others_statements(),
        *([own_roles_statement(services, role_path)] if services else []),
    ]


def services_with_roles(kinds: Iterable[str]) -> tuple[str, ...]:
    """The services, by their names in IAM, that take on a role for one of the kinds."""
    present = frozenset(kinds)
    return tuple(dict.fromkeys(spec.signing_name for spec in SPECS if spec.kind in present and spec.role_fields))


def creation_statements(kind: str) -> list[Statement]:
    """What creating and updating a kind needs, in addition to what finding and deleting every kind needs."""
    known = worker_statements(())
    return [each for each in _of_kinds(frozenset([kind])) if each not in known]


def own_roles_statement(services: Sequence[str], role_path: str) -> Statement:
    """Lets the worker pass the roles that this library creates for a stack to services."""
    return passing({"Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role{role_path}*"}, services)


def _of_kinds(present: frozenset[str]) -> list[Statement]:
    actions: dict[str, set[str]] = {}
    for spec in SPECS:
        created = (spec.create, spec.update or "") if spec.kind in present else ()
        for operation in (*created, *spec.cleanup_operations):
            for permission in spec.permissions.get(operation, ()):
                actions.setdefault(permission.resource, set()).update(permission.actions)
    # ARNs that allow the same go into one statement.
    resources: dict[tuple[str, ...], list[str]] = {}
    for resource, names in actions.items():
        resources.setdefault(tuple(sorted(names)), []).append(resource)
    return [
        allow(names, [resource_arn(each) for each in arns] if len(arns) > 1 else resource_arn(arns[0]))
        for names, arns in resources.items()
    ]


def others_statements() -> list[Statement]:
    """Keeps the worker from changing and ending what has the ownership tag of another stack.

    What has no ownership tag is not excluded: a resource that is being created has none yet, one of an earlier version
    may have had no room for it, and AWS does not document the key for every action. There the worker decides.
    """
    tagged = [spec for spec in SPECS if spec.is_taggable]
    ending = {
        f"{spec.signing_name}:{name}" for spec in tagged for name in (spec.delete, spec.cancel, *TAG_CHANGES) if name
    }
    # An update also uses resources, which may be of another stack.
    updated = [spec for spec in tagged if spec.update]
    updating = {f"{spec.signing_name}:{spec.update}" for spec in updated}
    arns = [resource_arn(f"{spec.signing_name}:own:{spec.arn_resource}") for spec in updated]
    return [_deny_others(ending, "*"), _deny_others(updating, arns)]


def _deny_others(actions: Iterable[str], resources: object) -> Statement:
    key = f"aws:ResourceTag/{OWNERSHIP_TAG_KEY}"
    guid = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}
    others = {"Null": {key: "false"}, "StringNotLike": {key: {"Fn::Join": ["", [guid, "/*"]]}}}
    return {**allow(actions, resources, others), "Effect": "Deny"}
