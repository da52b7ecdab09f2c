"""The roles of the functions and of the state machine: of this library, of the user, or created beforehand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Stack, Token
from aws_cdk import aws_iam as iam
from constructs import Construct

from cleanrooms_ml_handlers.problem import ID_PREFIX

from ._checks import checks_of
from ._entry import Notice
from ._narrow import create_unchecked
from ._permissions import Statement, document, trust
from ._stack import kept, stack_of
from ._validation import user_line, without_none

# What Role.customize_roles leaves in the context: no role is created, and a report says what each one needs.
_CUSTOMIZED = "@aws-cdk/iam:customizeRoles"
GIVEN_ROLE = f"{ID_PREFIX}imported-role"


class PartRole:
    """The role of a part.

    Args:
        construct: The provider, to which warnings belong.
        arn: Its ARN.
        cfn: The role, if this library creates it.
        role: The role otherwise.
        keyword: The argument that it was passed as.
    """

    def __init__(
        self,
        construct: Construct,
        arn: str,
        *,
        cfn: iam.CfnRole | None = None,
        role: iam.IRole | None = None,
        keyword: str = "",
    ) -> None:
        self.construct = construct
        self.arn = arn
        self.cfn = cfn
        self.role = role
        self._keyword = keyword
        self._line = user_line()
        self._added: list[Statement] = []

    def allow(self, statements: Sequence[Statement]) -> None:
        """Adds statements to a role of the user, unless it cannot be changed from here."""
        assert self.role
        # Policies that are written by hand cannot name the ID of the stack that a Deny names.
        is_by_hand = is_customized(self.construct)
        for each in statements:
            if each not in self._added and not (is_by_hand and each["Effect"] == "Deny"):
                self._added.append(each)
                self.role.add_to_principal_policy(_policy_statement(each))

    # -- a check of the stack ------------------------------------------------------------------------------

    def messages(self) -> list[str]:
        """No problem."""
        return []

    def warnings(self) -> list[Notice]:
        """What a role needs that cannot be changed from here."""
        assert self.role
        # A role that cannot be changed says that it was; it has no policy.
        is_changed = any(isinstance(each, iam.Policy) for each in self.role.node.find_all())
        if is_changed or is_customized(self.construct):
            return []
        allowed = [each for each in self._added if each["Effect"] == "Allow"]
        resolved = Stack.of(self.construct).resolve(allowed)
        text = (
            f"{self._keyword} is a role whose policies cannot be changed from here. It needs these statements: "
            f"{json.dumps(_as_text(resolved))}  [{self._line}]"
        )
        return [Notice(GIVEN_ROLE, text)]


def part_role(
    scope: Construct,
    owner: str,
    id: str,
    service: str,
    statements: Sequence[Statement],
    *,
    boundary: str | None,
    given: iam.IRole | None,
    keyword: str,
) -> PartRole:
    """The role of a part.

    Args:
        scope: The provider.
        owner: The part.
        id: Construct ID and end of the logical id.
        service: The service that takes it on.
        statements: What it may do.
        boundary: The ARN of its permissions boundary.
        given: The user's role.
        keyword: The argument of the user's role.
    """
    if given is None and is_customized(scope):
        # As the CDK has it: one that was created beforehand, or one that is missing, in the CDK's report.
        given = iam.Role(scope, id, assumed_by=iam.ServicePrincipal(service))
    if given is not None:
        result = PartRole(scope, given.role_arn, role=given, keyword=keyword)
        result.allow(statements)
        checks_of(Stack.of(scope)).add(result)
        return result
    # In the role itself: one resource, and no order to keep.
    policies = [{"policyDocument": document(statements), "policyName": owner}] if statements else None
    properties = {
        "assumeRolePolicyDocument": trust(service),
        "policies": policies,
        "permissionsBoundary": boundary,
    }
    cfn = create_unchecked(iam.CfnRole, scope, id, without_none(properties))
    cfn.override_logical_id(f"{owner}Role")
    return PartRole(scope, cfn.attr_arn, cfn=cfn)


def is_customized(scope: Construct) -> bool:
    """Whether the CDK creates no roles, but takes those that were created beforehand.

    Args:
        scope: The provider.
    """
    config = kept(stack_of(scope), _CUSTOMIZED, lambda: scope.node.try_get_context(_CUSTOMIZED))
    return isinstance(config, Mapping) and config.get("preventSynthesis") is not False


def _policy_statement(statement: Statement) -> iam.PolicyStatement:
    resources = statement["Resource"]
    listed = resources if isinstance(resources, list) else [resources]
    texts = [each if isinstance(each, str) else Token.as_string(each) for each in listed]
    return iam.PolicyStatement.from_json({**statement, "Resource": texts})


def _as_text(value: Any) -> Any:
    """The value as text to copy, with the placeholders of CloudFormation."""
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    match dict(value):
        case {"Fn::Sub": str(text)}:
            return text
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Join": [separator, parts]}:
            return separator.join(map(str, _as_text(parts)))
    return {key: _as_text(item) for key, item in value.items()}
