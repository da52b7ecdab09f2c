"""Resource policies of configured audience models: what lets another account start a generation job."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import validation_error
from ..fields import parsed

START_JOB = "cleanrooms-ml:StartAudienceGenerationJob"
COLLABORATION_KEY = "cleanrooms-ml:CollaborationId"

_ACTIONS = frozenset({START_JOB.lower(), "cleanrooms-ml:*", "*"})


POLICY_KIND = "ConfiguredAudienceModelPolicy"
"""The kind of a model's resource policy, which is no record of its own."""


def policy_key(model_arn: str) -> str:
    """By what a model's policy is known here, as it has no ARN."""
    return f"{model_arn}#policy"


def policy_hash(policy: str) -> str:
    """The hash by which Put recognizes the policy that it is to replace."""
    return hashlib.sha256(policy.encode()).hexdigest()


def statements(policy: str) -> list[Mapping[str, Any]]:
    """The statements of a policy document.

    Raises:
        ApiError: ValidationException; it is none.
    """
    try:
        document = parsed(policy)
    except ValueError as error:
        raise validation_error(f"configuredAudienceModelPolicy is no JSON: {error}") from error
    found = _as_list(document.get("Statement")) if isinstance(document, dict) else []
    if not found or not all(isinstance(statement, dict) for statement in found):
        raise validation_error("configuredAudienceModelPolicy has no Statement")
    return found


def with_statement(policy: str | None, statement: Mapping[str, Any]) -> str:
    """A policy with one statement more."""
    before = statements(policy) if policy else []
    return json.dumps({"Version": "2012-10-17", "Statement": [*before, statement]})


def without_statement(policy: str | None, sid: str) -> str | None:
    """A policy without the statement of this Sid; None if that was the only one."""
    rest = [statement for statement in statements(policy) if statement.get("Sid") != sid] if policy else []
    return json.dumps({"Version": "2012-10-17", "Statement": rest}) if rest else None


def allows_start(policy: str, account: str, collaboration: str | None, resources: Iterable[str]) -> bool:
    """Whether an account may start a generation job, in a collaboration or without one.

    Args:
        policy: The policy of the model.
        account: Who starts the job.
        collaboration: Where.
        resources: The ARNs that all have to be allowed: the model's, and the job's on the model's side.
    """
    found = statements(policy)
    return all(any(_allows(it, account, collaboration, resource) for it in found) for resource in resources)


def _allows(statement: Mapping[str, Any], account: str, collaboration: str | None, resource: str) -> bool:
    principal = statement.get("Principal")
    names = _as_list(principal.get("AWS")) if isinstance(principal, dict) else _as_list(principal)
    is_meant = any(name == "*" or account in (name, *str(name).split(":")[4:5]) for name in names)
    actions = {str(action).lower() for action in _as_list(statement.get("Action"))}
    wanted = _wanted_collaboration(statement.get("Condition", {}))
    return (
        statement.get("Effect") == "Allow"
        and is_meant
        and bool(actions & _ACTIONS)
        and any(_covers(str(pattern), resource) for pattern in _as_list(statement.get("Resource")))
        and (wanted is None or collaboration in _as_list(wanted))
    )


def _covers(pattern: str, resource: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, resource) is not None


def _wanted_collaboration(condition: Any) -> Any:
    """The collaboration that a condition asks for; None if it asks for none."""
    equals = condition.get("StringEquals") if isinstance(condition, dict) else None
    return equals.get(COLLABORATION_KEY) if isinstance(equals, dict) else None


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
