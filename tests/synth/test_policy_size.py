"""Policies stay under IAM's limits, however many constructs, roles and keys a stack has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithmAssociation,
    Membership,
    MLInputChannel,
    ProtectedQuery,
    Wait,
)
from cdk_cleanrooms_ml._permissions import document, passing, worker_statements
from cdk_cleanrooms_ml._roles import _MOST_MOVED
from cleanrooms_ml_handlers.resources import SPECS
from tests.synth.stacks import (
    ACCOUNT,
    ASSOCIATION_ARN,
    MEMBERSHIP,
    Template,
    channel,
    new_stack,
    resources_of,
    template_of,
)

CHANNELS = 200
CHANNEL = "Custom::CleanRoomsML-MLInputChannel"
# IAM's quotas: characters of a managed policy, of all inline policies of a role, of a trust policy; and policies.
MANAGED_CHARS, INLINE_CHARS, TRUST_CHARS, MANAGED_POLICIES = 6144, 10240, 2048, 10
LONGEST = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-1",
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": "s" * 128,
    "AWS::StackId": "i" * 200,
}
# A role without a path of its own, or a key: 64 characters of name at most.
LONGEST_ARN = f"arn:aws-us-gov:iam::{ACCOUNT}:role/".ljust(38 + 64, "r")


def resolved(value: Any) -> Any:
    """A value of a template, each reference as long as it may get."""
    if isinstance(value, list):
        return [resolved(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return LONGEST.get(argument, "x" * 64)
        if function in ("Fn::GetAtt", "Fn::ImportValue"):
            return LONGEST_ARN
        if function == "Fn::Sub":
            return re.sub(r"\$\{([\w:.]+)\}", lambda found: LONGEST.get(found[1], "x" * 64), argument)
        if function == "Fn::Join":
            return str(argument[0]).join(resolved(argument[1]))
        if argument == [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]:
            return "x" * 36  # a stack's GUID
        assert not function.startswith("Fn::"), function
    return {key: resolved(item) for key, item in value.items()}


def chars(document: Any) -> int:
    return len(json.dumps(resolved(document), separators=(",", ":")))


def assert_within_limits(template: Template) -> None:
    """What IAM would refuse."""
    inline: dict[str, int] = {}
    attached: dict[str, int] = {}
    for name, role in resources_of(template, "AWS::IAM::Role").items():
        assert chars(role["Properties"]["AssumeRolePolicyDocument"]) <= TRUST_CHARS
        inline[name] = sum(chars(each["PolicyDocument"]) for each in role["Properties"].get("Policies", ()))
    for policy in resources_of(template, "AWS::IAM::Policy").values():
        for role in policy["Properties"]["Roles"]:
            inline[role["Ref"]] += chars(policy["Properties"]["PolicyDocument"])
    for policy in managed(template):
        assert chars(policy["PolicyDocument"]) <= MANAGED_CHARS
        for role in policy["Roles"]:
            attached[role["Ref"]] = attached.get(role["Ref"], 0) + 1
    assert max(inline.values()) <= INLINE_CHARS
    assert max(attached.values(), default=0) <= MANAGED_POLICIES


def managed(template: Template) -> list[Any]:
    return [each["Properties"] for each in resources_of(template, "AWS::IAM::ManagedPolicy").values()]


def passed(document: Mapping[str, Any]) -> Iterator[str]:
    """The roles that a policy lets someone pass."""
    for statement in document["Statement"]:
        if "iam:PassRole" in statement["Action"]:
            resources = statement["Resource"]
            yield from (json.dumps(each) for each in (resources if isinstance(resources, list) else [resources]))


def make(stack: cdk.Stack, roles: list[iam.IRole | None], **changes: Any) -> None:
    member = Membership.from_membership_id(stack, "Member", MEMBERSHIP)
    algorithm = ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
        stack, "Algorithm", ASSOCIATION_ARN
    )
    for number, role in enumerate(roles):
        MLInputChannel(
            stack,
            f"Channel{number}",
            membership=member,
            algorithm_association=algorithm,
            query=ProtectedQuery.sql("SELECT age FROM users"),
            retention=cdk.Duration.days(30),
            role=role,
            **changes,
        )


def test_200_channels_with_generated_roles_need_one_statement() -> None:
    stack = new_stack()
    make(stack, [None] * CHANNELS, wait=Wait.none())
    template = template_of(stack)
    assert len(resources_of(template, "AWS::IAM::Role")) >= CHANNELS
    assert managed(template) == []
    worker = template["Resources"]["CleanRoomsMLWorkerPolicy"]["Properties"]["PolicyDocument"]
    (below,) = passed(worker)
    assert ":role/cleanrooms-ml/${AWS::StackName}/*" in below
    assert_within_limits(template)


@pytest.mark.parametrize("origin", ["imported by ARN", "imported by name", "of another stack"])
def test_200_channels_with_200_roles_of_the_users_own_share_several_policies(origin: str) -> None:
    app = cdk.App()
    stack, other = new_stack("Stack", app), new_stack("Roles", app)

    def role(number: int) -> iam.IRole:
        name = f"data-science-reader-of-the-collaboration-{number}"
        if origin == "imported by ARN":
            return iam.Role.from_role_arn(stack, f"Role{number}", f"arn:aws:iam::{ACCOUNT}:role/team/{name}")
        if origin == "imported by name":
            return iam.Role.from_role_name(stack, f"Role{number}", name)
        return iam.Role(other, f"Role{number}", assumed_by=iam.AccountRootPrincipal())

    make(stack, [role(number) for number in range(CHANNELS)])
    template = template_of(stack)
    assert_within_limits(template)
    assert len(managed(template)) > 1
    roles = [arn for policy in managed(template) for arn in passed(policy["PolicyDocument"])]
    assert len(roles) == len(set(roles)) == CHANNELS
    for policy in resources_of(template, "AWS::IAM::ManagedPolicy"):
        assert re.fullmatch(r"CleanRoomsMLWorkerOwnPolicy\d*", policy)


def test_a_channel_comes_after_the_policy_with_its_role() -> None:
    stack = new_stack()
    roles = [iam.Role.from_role_name(stack, f"Role{number}", f"role-{number}".ljust(64, "x")) for number in range(60)]
    make(stack, list(roles))
    template = template_of(stack)
    holding = {
        arn: name
        for name, policy in resources_of(template, "AWS::IAM::ManagedPolicy").items()
        for arn in passed(policy["Properties"]["PolicyDocument"])
    }
    assert len(set(holding.values())) > 1
    for each in resources_of(template, CHANNEL).values():
        arn = json.dumps(each["Properties"]["inputChannel"]["roleArn"])
        awaited = each["Properties"]["ServiceToken"]["Fn::Select"][1]
        assert {"Ref": holding[arn]} in awaited


def test_many_keys_share_policies_too() -> None:
    stack = new_stack()
    for number in range(80):
        key = kms.Key.from_key_arn(stack, f"Key{number}", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{number:036}")
        channel(stack, f"Channel{number}", encryption_key=key)
    template = template_of(stack)
    assert_within_limits(template)
    assert len(managed(template)) > 1
    assert json.dumps(managed(template)).count(":key/") == 80


def test_a_key_that_is_used_again_is_not_allowed_again() -> None:
    stack = new_stack()
    key = kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/one")
    template_arn = f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:membership/{MEMBERSHIP}/analysistemplate/template"
    for number, query in enumerate(["", "", template_arn, ""]):
        asked = ProtectedQuery.analysis_template(query) if query else ProtectedQuery.sql("SELECT 1")
        channel(stack, f"Channel{number}", encryption_key=key, query=asked)
    (policy,) = managed(template_of(stack))
    # Once plainly, and with grants to describe it and to use it.
    assert len(policy["PolicyDocument"]["Statement"]) == 3


def test_every_kind_at_once_leaves_room_in_the_workers_inline_policies(template: Template) -> None:
    worker = resources_of(template, "AWS::IAM::Role")["CleanRoomsMLWorkerRole"]["Properties"]["Policies"]
    own = sum(chars(each["PolicyDocument"]) for each in worker)
    statements = template["Resources"]["CleanRoomsMLWorkerPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    every = worker_statements(spec.kind for spec in SPECS)
    # With the most moved roles that are named.
    moved = passing([LONGEST_ARN] * _MOST_MOVED, ["cleanrooms-ml", "cleanrooms"])
    present = [spec.kind for spec in SPECS if resources_of(template, spec.resource_type)]
    kinds = {json.dumps(each, sort_keys=True) for each in worker_statements(present)}
    base = [each for each in statements if json.dumps(each, sort_keys=True) not in kinds]
    assert 0 < len(base) < len(statements)
    assert own + chars(document([*base, *every, moved])) <= INLINE_CHARS
