"""Soft rules: what a request may be, but should not. Users acknowledge the advice by its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..problem import nothing_is_unknown, rendered
from . import audience_size, custom_model, policy_document, query, seed, training_data
from .policy_document import POLICY_COLLABORATION, open_statements
from .rule import RuleSet

SOFT = RuleSet(
    (
        *audience_size.SOFT_RULES,
        *query.SOFT_RULES,
        *seed.SOFT_RULES,
        *policy_document.SOFT_RULES,
        *training_data.SOFT_RULES,
        *custom_model.SOFT_RULES,
    )
)


@dataclass(frozen=True)
class Advice:
    """One value that should be another.

    Attributes:
        id: Stable: users acknowledge by it.
        path: The field in the API's own names.
        message: What is unusual and what is usual.
    """

    id: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} {self.message}" if self.path else self.message


def policy_advice(
    document: object,
    path: str = "configuredAudienceModelPolicy",
    skip: Callable[[object], bool] = nothing_is_unknown,
) -> list[Advice]:
    """Advice about the resource policy of a configured audience model, a text or a mapping."""
    return [
        Advice(POLICY_COLLABORATION, f"{path}.{at}" if at else path, message)
        for at, message in open_statements(document, skip)
    ]


def found(service: str, operation: str, request: Mapping[str, Any], skip: Callable[[object], bool]) -> list[Advice]:
    """All advice about a request."""
    return [
        Advice(rule.id, rendered(path), message)
        for rule, (path, message) in SOFT.check(service, operation, request, skip)
    ]
