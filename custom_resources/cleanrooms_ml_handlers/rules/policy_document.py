"""Rules for the resource policy of a configured audience model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..problem import ID_PREFIX
from .rule import Finding, Occurrence, Rule, Source

POLICY_COLLABORATION = f"{ID_PREFIX}policy-collaboration"

_START_JOB = "cleanrooms-ml:startaudiencegenerationjob"
_COLLABORATION_KEY = "cleanrooms-ml:collaborationid"


def _open_policy(at: Occurrence) -> Iterator[Finding]:
    for path, message in open_statements(at.value, at.skip):
        yield (at.path, path) if path else at.path, message


def open_statements(document: object, skip: Callable[[object], bool]) -> Iterator[tuple[str, str]]:
    """The statements that allow jobs to be started outside a collaboration: path and message."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list | tuple) or skip(statements):
        return
    for index, statement in enumerate(statements):
        if isinstance(statement, Mapping) and not skip(statement) and _is_open(statement, skip):
            yield (
                f"Statement[{index}]",
                "allows StartAudienceGenerationJob without the condition cleanrooms-ml:CollaborationId; jobs can "
                "then be started outside the collaboration. Add the condition",
            )


def _is_open(statement: Mapping[str, Any], skip: Callable[[object], bool]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    condition = statement.get("Condition") or {}
    if not isinstance(condition, Mapping) or skip(condition):
        return False
    for keys in condition.values():
        if skip(keys) or (isinstance(keys, Mapping) and any(_names_collaboration(key, skip) for key in keys)):
            return False
    if "NotAction" in statement:
        excluded = _texts(statement["NotAction"])
        return not any(skip(action) or _matches(action, _START_JOB) for action in excluded)
    return any(not skip(action) and _matches(action, _START_JOB) for action in _texts(statement.get("Action")))


def _names_collaboration(key: object, skip: Callable[[object], bool]) -> bool:
    return skip(key) or (isinstance(key, str) and key.lower() == _COLLABORATION_KEY)


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list | tuple) else [value]
    return [item for item in items if isinstance(item, str)]


def _matches(pattern: str, action: str) -> bool:
    """Whether a pattern of IAM covers an action."""
    expression = re.escape(pattern.lower()).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, action) is not None


SOFT_RULES = (
    Rule(
        id=POLICY_COLLABORATION,
        shapes=("ResourcePolicy",),
        field="",
        limit="usually with the condition `cleanrooms-ml:CollaborationId`",
        reason="Without it the other account may start jobs outside the collaboration.",
        fix="Add the condition with the collaboration's id.",
        source=Source.guide("ml-behaviors", "IAM behaviors for Clean Rooms ML"),
        check=_open_policy,
        kind=str,
    ),
)
