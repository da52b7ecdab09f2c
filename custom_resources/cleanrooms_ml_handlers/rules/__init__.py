"""Limits that AWS documents but its service model does not state, each with its source.

`problems` and `advice` check one request; each rule belongs to a shape of the service model and so applies wherever
the shape occurs. The other functions check what no single request shows. Limits that the model has are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..problem import Problem, nothing_is_unknown, rendered
from ..tags import (
    OWNERSHIP_TAG_KEY,
    RESERVED_TAG_PREFIX,
    TAGS_PER_RESOURCE,
    counted_tags,
    is_reserved_tag,
    ownership_tag_problems,
)
from . import soft
from .analysis_rule import analysis_rule_problems, association_rule_problems
from .cross_request import (
    CROSS_REQUEST_RULES,
    INLINE_BYTES,
    LONGEST_WAIT_SECONDS,
    SHORTEST_WAIT_SECONDS,
    bucket_problems,
    export_size_problems,
    gate_problems,
    inline_problems,
    is_advice,
    known_problems,
    retention_problems,
    wait_problems,
)
from .custom_model import CLOUDFORMATION_SIZE, DEFAULT_MAX_RUNTIME_SECONDS
from .hard import HARD
from .rule import Rule, Source
from .soft import SOFT, Advice, policy_advice
from .tags import without_counts_of_tags

__all__ = [
    "CLOUDFORMATION_SIZE",
    "CROSS_REQUEST_RULES",
    "DEFAULT_MAX_RUNTIME_SECONDS",
    "HARD",
    "INLINE_BYTES",
    "LONGEST_WAIT_SECONDS",
    "OWNERSHIP_TAG_KEY",
    "RESERVED_TAG_PREFIX",
    "SHORTEST_WAIT_SECONDS",
    "SOFT",
    "TAGS_PER_RESOURCE",
    "Advice",
    "Rule",
    "Source",
    "advice",
    "analysis_rule_problems",
    "association_rule_problems",
    "bucket_problems",
    "counted_tags",
    "export_size_problems",
    "gate_problems",
    "inline_problems",
    "is_advice",
    "is_reserved_tag",
    "known_problems",
    "ownership_tag_problems",
    "policy_advice",
    "problems",
    "retention_problems",
    "wait_problems",
    "without_counts_of_tags",
]


def problems(
    service: str,
    operation: str,
    request: Mapping[str, Any],
    skip: Callable[[object], bool] = nothing_is_unknown,
) -> list[Problem]:
    """Every hard rule that a request breaks, in addition to the service model's own constraints.

    Args:
        service: "cleanroomsml" or "cleanrooms".
        operation: The API operation whose input the request is.
        request: The request with its real types.
        skip: Returns whether a value is not known yet. Neither it nor what depends on it is a problem.
    """
    return [
        Problem(rendered(path), message, rule.id)
        for rule, (path, message) in HARD.check(service, operation, request, skip)
    ]


def advice(
    service: str,
    operation: str,
    request: Mapping[str, Any],
    skip: Callable[[object], bool] = nothing_is_unknown,
) -> list[Advice]:
    """Every soft rule that a request breaks; has the arguments of `problems`."""
    return soft.found(service, operation, request, skip)
