"""The policies that a synthesized stack gives its functions, as IAM would read them after a deployment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ministack.core import iam_evaluator

from cdk_cleanrooms_ml._permissions import allow, resource_arn
from cleanrooms_ml_handlers.permissions import Permission
from cleanrooms_ml_simulator import templates
from cleanrooms_ml_simulator.templates import ASSET_BUCKET
from cleanrooms_ml_simulator.world import stack_id

FRONT, WORKER = "CleanRoomsMLFrontRole", "CleanRoomsMLWorkerRole"
REGION = "us-east-1"
KEY_ARN = f"arn:aws:kms:{REGION}:{templates.ACCOUNT}:key/66666666-6666-4666-8666-666666666666"
OWN_ROLE_ARN = f"arn:aws:iam::{templates.ACCOUNT}:role/own"
BUCKET = ASSET_BUCKET
STACK_ID = stack_id("app", 0)
_PSEUDO = {
    "AWS::AccountId": templates.ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::StackName": "app",
    "AWS::URLSuffix": "amazonaws.com",
    # Of the first stack of a world.
    "AWS::StackId": STACK_ID,
}

Statement = Mapping[str, Any]
# An action, the ARN that it is for, and the condition keys of the request.
Need = tuple[str, str, Mapping[str, Any]]
# An action and an ARN of a policy.
Part = tuple[str, str]


@dataclass(frozen=True)
class Grants:
    """What a role may do.

    Attributes:
        statements: Of all its policies, without intrinsic functions.
    """

    statements: tuple[Statement, ...]

    def allow(self, need: Need) -> bool:
        """Whether a request is allowed, as MiniStack's evaluator of IAM policies decides it."""
        action, resource, conditions = need
        context = iam_evaluator.EvalContext(
            principal_arn=f"arn:aws:iam::{templates.ACCOUNT}:role/function",
            principal_type="AssumedRole",
            principal_account=templates.ACCOUNT,
            action=action,
            resource_arn=resource,
            region=REGION,
            # The keys of conditions know no case.
            service_context={key.lower(): value for key, value in conditions.items()},
        )
        return bool(iam_evaluator.evaluate(context, [self._parsed]).decision == "Allow")

    @cached_property
    def _parsed(self) -> list[iam_evaluator.ParsedStatement]:
        return list(iam_evaluator.parse_policy_document({"Statement": list(self.statements)}))

    def parts(self) -> list[Part]:
        """Every action with each ARN that it is allowed on."""
        pairs = {
            (action, arn)
            for statement in self.statements
            if statement["Effect"] == "Allow"
            for action in statement["Action"]
            for arn in statement["Resource"]
        }
        return sorted(pairs)

    def without(self, part: Part) -> Grants:
        """The same without an action on an ARN."""
        action, arn = part
        reduced: list[Statement] = []
        for statement in self.statements:
            if statement["Effect"] == "Deny" or action not in statement["Action"] or arn not in statement["Resource"]:
                reduced.append(statement)
                continue
            reduced.append({**statement, "Action": [each for each in statement["Action"] if each != action]})
            reduced.append(
                {**statement, "Action": [action], "Resource": [each for each in statement["Resource"] if each != arn]}
            )
        return replace(self, statements=tuple(each for each in reduced if each["Action"] and each["Resource"]))


def grants_of(template: Mapping[str, Any], role: str, state_machine_arn: str) -> Grants:
    """What a role of the template may do.

    Args:
        template: The stack's template.
        role: The role's logical id.
        state_machine_arn: The ARN of the state machine after the deployment.
    """
    resources = template["Resources"]
    documents = [policy["PolicyDocument"] for policy in resources[role]["Properties"].get("Policies", [])]
    documents += [
        each["Properties"]["PolicyDocument"]
        for each in resources.values()
        if each["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        and {"Ref": role} in each["Properties"].get("Roles", [])
    ]
    return _granted([each for document in documents for each in document["Statement"]], resources, state_machine_arn)


def grants_for(permissions: Iterable[Permission]) -> Grants:
    """What the table of a spec allows."""
    return _granted([allow(each.actions, resource_arn(each.resource)) for each in permissions], {}, "")


def _granted(statements: Iterable[Statement], resources: Mapping[str, Any], state_machine_arn: str) -> Grants:
    found = []
    for statement in statements:
        read = _read(statement, resources, state_machine_arn)
        found.append({**read, "Action": _listed(read["Action"]), "Resource": _listed(read["Resource"])})
    return Grants(tuple(found))


def _read(value: Any, resources: Mapping[str, Any], state_machine_arn: str) -> Any:
    """A value without intrinsic functions."""

    def read(inner: Any) -> Any:
        return _read(inner, resources, state_machine_arn)

    def named(name: str, attribute: str = "") -> str:
        if name in _PSEUDO:
            return _PSEUDO[name]
        kind = resources[name]["Type"]
        if kind == "AWS::StepFunctions::StateMachine":
            return state_machine_arn.rsplit(":", 1)[-1] if attribute == "Name" else state_machine_arn
        if kind == "AWS::KMS::Key":
            return KEY_ARN
        if kind == "AWS::IAM::Role":
            return OWN_ROLE_ARN
        return f"arn:aws:any:::{name}"

    if isinstance(value, list):
        return [read(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if "Ref" in value:
        return named(value["Ref"])
    if "Fn::GetAtt" in value:
        return named(*value["Fn::GetAtt"])
    if "Fn::Join" in value:
        separator, pieces = value["Fn::Join"]
        joined = separator.join(read(pieces))
        # The functions know its name, and do not refer to it.
        return state_machine_arn if ":stateMachine:" in joined else joined
    if "Fn::Sub" in value:
        text = value["Fn::Sub"]
        if "cdk-" in text and "assets" in text:
            return BUCKET
        return re.sub(r"\$\{([^}]+)\}", lambda found: _sub(named, found[1]), text)
    if "Fn::Select" in value:
        index, pieces = value["Fn::Select"]
        return read(pieces)[int(index)]
    if "Fn::Split" in value:
        separator, text = value["Fn::Split"]
        return read(text).split(separator)
    return {key: read(item) for key, item in value.items()}


def _sub(named: Any, reference: str) -> str:
    if reference.startswith("AWS::"):
        return str(named(reference))
    name, _, attribute = reference.partition(".")
    return str(named(name, attribute))


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]
