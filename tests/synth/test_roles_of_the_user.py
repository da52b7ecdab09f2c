"""A resource waits for the role that the user gave it, whenever the role gets its policies."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from tests.synth.stacks import channel, logical_id, new_stack, template_of

ARN = "arn:aws:iam::123456789012:role/query"


def imported(stack: cdk.Stack) -> iam.IRole:
    return iam.Role.from_role_arn(stack, "Given", ARN)


def own(stack: cdk.Stack) -> iam.IRole:
    return iam.Role(stack, "Given", assumed_by=iam.AccountRootPrincipal())


def fixed(stack: cdk.Stack) -> iam.IRole:
    return iam.Role(stack, "Given", assumed_by=iam.AccountRootPrincipal()).without_policy_updates()


def allow_more(role: iam.IRole) -> None:
    role.add_to_principal_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"]))


@jsii.implements(cdk.IAspect)
class LatePolicy:
    """Gives a role a policy when the aspects of the last construct are at work."""

    def __init__(self, role: iam.IRole, last: IConstruct) -> None:
        self.role = role
        self.last = last

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:
        if node is self.last:
            allow_more(self.role)


def names(stack: cdk.Stack, type: str) -> set[str]:
    """The logical ids of the user's own resources of a type."""
    resources = template_of(stack)["Resources"]
    return {id for id, each in resources.items() if each["Type"] == type and id.startswith("Given")}


@pytest.mark.parametrize("role_of", [imported, own])
def test_all_that_share_a_role_wait_for_its_policies(role_of: Callable[[cdk.Stack], iam.IRole]) -> None:
    stack = new_stack()
    role = role_of(stack)
    channels = [channel(stack, f"Channel{number}", role=role) for number in range(2)]
    allow_more(role)
    needed = names(stack, "AWS::IAM::Policy") | names(stack, "AWS::IAM::Role")
    assert needed
    for each in channels:
        assert set(template_of(stack)["Resources"][logical_id(stack, each)]["DependsOn"]) == needed


def test_an_aspect_may_add_the_policy_last(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = new_stack()
    role = imported(stack)
    one = channel(stack, role=role)
    cdk.Aspects.of(stack).add(LatePolicy(role, cdk.CfnResource(stack, "Last", type="Custom::Last")))
    resource = template_of(stack)["Resources"][logical_id(stack, one)]
    assert set(resource["DependsOn"]) == names(stack, "AWS::IAM::Policy") != set()


def test_a_synth_without_validation_keeps_the_dependencies() -> None:
    stack = new_stack()
    one = channel(stack, role=own(stack))
    app = stack.node.root
    assert isinstance(app, cdk.App)
    template = app.synth(skip_validation=True).get_stack_artifact(stack.artifact_id).template
    assert template["Resources"][logical_id(stack, one)]["DependsOn"] == list(names(stack, "AWS::IAM::Role"))


def test_a_role_that_cannot_be_changed_is_waited_for_too() -> None:
    stack = new_stack()
    one = channel(stack, role=fixed(stack))
    resource = template_of(stack)["Resources"][logical_id(stack, one)]
    assert resource["DependsOn"] == list(names(stack, "AWS::IAM::Role"))


def test_an_imported_role_has_nothing_to_wait_for() -> None:
    stack = new_stack()
    one = channel(stack, role=imported(stack))
    assert "DependsOn" not in template_of(stack)["Resources"][logical_id(stack, one)]
