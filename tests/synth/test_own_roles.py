"""Roles that are not this library's: moved by aspects, created beforehand, or passed by the user."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import IConstruct

from cdk_cleanrooms_ml import CleanRoomsMLProvider
from tests.synth.stacks import ACCOUNT, channel, configured, job, new_stack, resources_of, statements_of, template_of
from tests.synth.test_warnings import warnings_of

OWN = f"arn:aws:iam::{ACCOUNT}:role"


@jsii.implements(cdk.IAspect)
class RequiredPath:
    """Moves every role to a path, as an organization may require."""

    def __init__(self, path: str) -> None:
        self._path = path

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:
        if isinstance(node, iam.CfnRole):
            node.path = self._path


def passed(template: Any, name: str = "CleanRoomsMLWorkerPolicy") -> list[Any]:
    """What the worker may pass."""
    statements = statements_of(template["Resources"][name]["Properties"]["PolicyDocument"])
    return [each["Resource"] for each in statements if each["Action"] == ["iam:PassRole"]]


def in_path(path: str, name: str | None = None) -> Any:
    """The pattern of roles in a path, with a name or the beginning of those that CloudFormation generates."""
    parts = ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}]
    names = [f":role{path}{name}"] if name else [f":role{path}", {"Ref": "AWS::StackName"}, "-*"]
    return {"Fn::Join": ["", [*parts, *names]]}


def test_roles_that_an_aspect_moves_may_be_passed() -> None:
    stack = new_stack()
    channel(stack)
    job(stack)
    cdk.Aspects.of(stack).add(RequiredPath("/required/"))
    (_, moved) = passed(template_of(stack))
    assert moved == [in_path("/required/")]


def test_moved_roles_may_wait_for_resources() -> None:
    stack = new_stack()
    first, second = channel(stack, "First"), channel(stack, "Second")
    # All of the second waits, its role too, for what needs the policy in which the role is.
    second.node.add_dependency(first)
    cdk.Aspects.of(stack).add(RequiredPath("/required/"))
    (role,) = [
        each for name, each in resources_of(template_of(stack), "AWS::IAM::Role").items() if name.startswith("Second")
    ]
    assert any(name.startswith("FirstReady") for name in role["DependsOn"])


def test_moved_roles_are_passed_by_the_name_that_an_aspect_gives_them() -> None:
    stack = new_stack()
    role = channel(stack).role
    resource = role.node.default_child
    assert isinstance(resource, iam.CfnRole)
    resource.path, resource.role_name = "/required/", "query"
    (_, moved) = passed(template_of(stack))
    assert moved == [in_path("/required/", "query")]


def test_long_names_of_stacks_are_not_whole_in_the_names_of_roles() -> None:
    stack = new_stack("A" * 21)
    channel(stack)
    cdk.Aspects.of(stack).add(RequiredPath("/required/"))
    (_, moved) = passed(template_of(stack))
    assert moved == [in_path("/required/", "*")]


def test_many_moved_roles_with_names_are_passed_by_their_path() -> None:
    stack = new_stack()
    for number in range(21):
        resource = channel(stack, f"Channel{number}").role.node.default_child
        assert isinstance(resource, iam.CfnRole)
        resource.path, resource.role_name = "/required/", f"query-{number}"
    (_, moved) = passed(template_of(stack))
    assert moved == [in_path("/required/", "*")]


def test_roles_in_their_path_need_nothing_more() -> None:
    stack = new_stack()
    channel(stack)
    assert len(passed(template_of(stack))) == 1


def test_where_nobody_may_create_roles_those_of_before_are_used(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    iam.Role.customize_roles(
        app,
        use_precreated_roles={
            "Stack/CleanRoomsMLProvider/FrontRole": "front",
            "Stack/CleanRoomsMLProvider/WorkerRole": "worker",
            "Stack/CleanRoomsMLProvider/MachineRole": "machine",
            "Stack/Channel/Role": "query",
            "Stack/Configured/Role": "output",
        },
    )
    stack = new_stack(app=app)
    channel(stack)
    configured(stack)
    app.synth()
    template = json.loads((tmp_path / "Stack.template.json").read_text())
    assert not {"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"} & {
        each["Type"] for each in template["Resources"].values()
    }
    assert "role/worker" in json.dumps(template["Resources"]["CleanRoomsMLWorker"]["Properties"]["Role"])
    report = json.loads((tmp_path / "iam-policy-report.json").read_text())
    needed = {role["roleName"]: json.dumps(role["identityPolicyStatements"]) for role in report["roles"]}
    assert set(needed) == {"front", "worker", "machine", "query", "output"}
    assert "states:StartExecution" in needed["front"]
    assert "cleanrooms-ml:CreateMLInputChannel" in needed["worker"]
    assert "role/query" in needed["worker"]
    assert "role/output" in needed["worker"]
    assert "logs:CreateLogDelivery" in needed["machine"]
    assert not warnings_of(stack)


def with_roles(stack: cdk.Stack, roles: dict[str, iam.IRole]) -> CleanRoomsMLProvider:
    """A provider with the roles of the three parts."""
    front, worker, state_machine = roles.values()
    return CleanRoomsMLProvider(
        stack, "Provider", front_role=front, worker_role=worker, state_machine_role=state_machine
    )


def test_what_a_role_of_the_user_needs_is_added_to_it() -> None:
    stack = new_stack()
    roles: dict[str, iam.IRole] = {
        name: iam.Role(stack, name, assumed_by=iam.ServicePrincipal(service))
        for name, service in (("Front", "lambda"), ("Worker", "lambda"), ("Machine", "states"))
    }
    with_roles(stack, roles)
    channel(stack, encryption_key=kms.Key(stack, "Key"))
    template = template_of(stack)
    policies = resources_of(template, "AWS::IAM::Policy")
    by_role = {next(name for name in roles if id.startswith(name)): id for id in policies}
    assert set(by_role) == set(roles)
    text = {name: json.dumps(policies[id]) for name, id in by_role.items()}
    assert "states:StartExecution" in text["Front"]
    assert "cleanrooms-ml:CreateMLInputChannel" in text["Worker"]
    assert "kms:GenerateDataKey" in text["Worker"]
    assert "logs:CreateLogDelivery" in text["Machine"]
    (resource,) = resources_of(template, "Custom::CleanRoomsML-MLInputChannel").values()
    assert set(by_role.values()) <= set(resource["DependsOn"])
    assert by_role["Machine"] in template["Resources"]["CleanRoomsMLMachine"]["DependsOn"]
    assert by_role["Worker"] in template["Resources"]["CleanRoomsMLWorkerEvents"]["DependsOn"]
    assert not warnings_of(stack)


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_worker_role_of_the_user_may_pass_what_waits_for_resources(is_moved: bool) -> None:
    stack = new_stack()
    role = iam.Role(stack, "Worker", assumed_by=iam.ServicePrincipal("lambda"))
    CleanRoomsMLProvider(stack, "Provider", worker_role=role)
    first, second = channel(stack, "First"), channel(stack, "Second")
    second.node.add_dependency(first)
    if is_moved:
        cdk.Aspects.of(stack).add(RequiredPath("/required/"))
    (policy,) = resources_of(template_of(stack), "AWS::IAM::Policy").values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    resources = [each["Resource"] for each in statements if each["Action"] == "iam:PassRole"]
    own = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cleanrooms-ml/${AWS::StackName}/*"}
    assert resources == ([own, in_path("/required/")] if is_moved else [own])


def test_a_role_that_cannot_be_changed_is_used_with_a_warning_that_lists_what_it_needs() -> None:
    stack = new_stack()
    roles = {
        name: iam.Role.from_role_arn(stack, name, f"{OWN}/{name}", mutable=False)
        for name in ("Front", "Worker", "Machine")
    }
    with_roles(stack, roles)
    channel(stack)
    template = template_of(stack)
    assert template["Resources"]["CleanRoomsMLWorker"]["Properties"]["Role"] == f"{OWN}/Worker"
    assert template["Resources"]["CleanRoomsMLMachine"]["Properties"]["RoleArn"] == f"{OWN}/Machine"
    assert not resources_of(template, "AWS::IAM::Policy")
    texts = warnings_of(stack)["cleanrooms-ml:imported-role"]
    assert len(texts) == 3
    (worker,) = [text for text in texts if "worker_role is a role" in text]
    assert "cleanrooms-ml:CreateMLInputChannel" in worker
    assert "role/cleanrooms-ml/${AWS::StackName}/*" in worker
    assert "Fn::" not in worker
    assert "test_own_roles.py:" in worker


def test_the_state_machine_needs_a_role_of_its_own() -> None:
    stack = new_stack()
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("states"))
    with pytest.raises(ValueError, match="state_machine_role is the role of a function too"):
        CleanRoomsMLProvider(stack, "Provider", worker_role=role, state_machine_role=role)
