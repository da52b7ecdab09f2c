"""Resource policies of configured audience models: what lets another account start a generation job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .checks import validation_error

_ACTIONS = frozenset({"cleanrooms-ml:startaudiencegenerationjob", "cleanrooms-ml:*", "*"})
_COLLABORATION_KEY = "cleanrooms-ml:CollaborationId"


def statements(policy: str) -> list[Mapping[str, Any]]:
    """The statements of a policy document.

    Raises:
        ApiError: ValidationException; it is none.
    """
    try:
        document = json.loads(policy)
    except ValueError as error:
        raise validation_error(f"configuredAudienceModelPolicy is no JSON: {error}") from error
    found = _as_list(document.get("Statement")) if isinstance(document, dict) else []
    if not found or not all(isinstance(statement, dict) for statement in found):
        raise validation_error("configuredAudienceModelPolicy has no Statement")
    return found


def allows_start(policy: str, account: str, collaboration: str | None) -> bool:
    """Whether an account may start a generation job, in a collaboration or without one."""
    return any(_allows(statement, account, collaboration) for statement in statements(policy))


def _allows(statement: Mapping[str, Any], account: str, collaboration: str | None) -> bool:
    principal = statement.get("Principal")
    names = _as_list(principal.get("AWS")) if isinstance(principal, dict) else _as_list(principal)
    is_meant = any(name == "*" or account in (name, *str(name).split(":")[4:5]) for name in names)
    actions = {str(action).lower() for action in _as_list(statement.get("Action"))}
    wanted = _wanted_collaboration(statement.get("Condition", {}))
    return (
        statement.get("Effect") == "Allow"
        and is_meant
        and bool(actions & _ACTIONS)
        and (wanted is None or collaboration in _as_list(wanted))
    )


def _wanted_collaboration(condition: Any) -> Any:
    """The collaboration that a condition asks for; None if it asks for none."""
    equals = condition.get("StringEquals") if isinstance(condition, dict) else None
    return equals.get(_COLLABORATION_KEY) if isinstance(equals, dict) else None


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
