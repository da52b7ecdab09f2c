"""Stacks whose roles are not where, or not what, this library creates: deployed with policies enforced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from cleanrooms_ml_simulator.sandbox.assembly import Assembly, channel, synthesized
from cleanrooms_ml_simulator.sandbox.deployment import Deployment, prepared
from tests.iam.test_on_sandbox import DURATIONS, Site

ROLES = {
    "Stack/CleanRoomsMLProvider/FrontRole": ("front", "lambda.amazonaws.com"),
    "Stack/CleanRoomsMLProvider/WorkerRole": ("worker", "lambda.amazonaws.com"),
    "Stack/CleanRoomsMLProvider/MachineRole": ("machine", "states.amazonaws.com"),
    "Stack/Channel/Role": ("query", "cleanrooms-ml.amazonaws.com"),
}


@jsii.implements(cdk.IAspect)
class _RequiredPath:
    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:
        if isinstance(node, iam.CfnRole):
            node.path = "/required/"
            node.role_name = None


def moved(run_id: str) -> Any:
    """A stack whose roles an aspect moves."""

    def build(stack: cdk.Stack) -> None:
        channel(stack, run_id=run_id)
        cdk.Aspects.of(stack).add(_RequiredPath())

    return build


def precreated(run_id: str) -> Any:
    """A stack with roles of before only."""

    def build(stack: cdk.Stack) -> None:
        names = {path: name for path, (name, _) in ROLES.items()}
        iam.Role.customize_roles(stack, use_precreated_roles=names)
        channel(stack, run_id=run_id)

    return build


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assembly = synthesized(tmp_path_factory.mktemp("assembly"), moved("1"))
    with prepared(tmp_path_factory.mktemp("sandboxes"), assembly, durations=DURATIONS) as sandbox:
        yield Site(sandbox, assembly)


def run_lifecycle(site: Site, name: str, first: Assembly, second: Assembly) -> None:
    """A stack is deployed, run again in an update, and destroyed."""
    stack = Deployment(site.sandbox, name)
    assert stack.deploy(first.template) == "CREATE_COMPLETE", stack.reasons()
    assert site.left() == ["MLInputChannel ACTIVE"]
    assert stack.deploy(second.template) == "UPDATE_COMPLETE", stack.reasons()
    assert site.left() == ["MLInputChannel ACTIVE"]
    assert stack.delete() == "DELETE_COMPLETE", stack.reasons()
    assert site.left() == []


def test_a_stack_whose_roles_are_all_moved_by_an_aspect(site: Site, tmp_path: Path) -> None:
    roles = [each for each in site.assembly.template["Resources"].values() if each["Type"] == "AWS::IAM::Role"]
    assert {role["Properties"]["Path"] for role in roles} == {"/required/"}
    run_lifecycle(site, "Moved", site.assembly, synthesized(tmp_path, moved("2")))


def test_a_stack_with_precreated_roles_only(site: Site, tmp_path: Path) -> None:
    first = synthesized(tmp_path / "first", precreated("1"))
    assert "AWS::IAM::" not in json.dumps([each["Type"] for each in first.template["Resources"].values()])
    client: Any = site.sandbox.client("iam")
    report = json.loads((tmp_path / "first" / "iam-policy-report.json").read_text())
    for role in report["roles"]:
        name, service = ROLES[role["roleConstructPath"]]
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
        client.create_role(RoleName=name, AssumeRolePolicyDocument=_document([trust]))
        needed = _document([*map(_known, role["identityPolicyStatements"])])
        client.put_role_policy(RoleName=name, PolicyName="Needed", PolicyDocument=needed)
    run_lifecycle(site, "Precreated", first, synthesized(tmp_path / "second", precreated("2")))


def _document(statements: list[Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _known(statement: dict[str, Any]) -> dict[str, Any]:
    """The statement as the owner of the roles writes it before the stack exists: its actions, on what may match.

    What the report says of the stack's own resources is known only when they exist.
    """
    role = "arn:aws:iam::*:role/query" if statement["Action"] == "iam:PassRole" else "*"
    conditions = statement.get("Condition", {})
    return {**statement, "Resource": role, "Condition": conditions if "PassedToService" in str(conditions) else {}}
