"""Limits that AWS documents but its service model does not state, each with its source.

`problems` and `advice` judge one request; each rule hangs on a shape of the service model and so applies wherever
the shape occurs. The other functions judge what no single request shows. Numbers that the model has are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..problem import Problem, nothing_is_unknown, rendered
from . import soft
from .cross_request import (
    CROSS_REQUEST_RULES,
    INLINE_BYTES,
    LONGEST_WAIT_SECONDS,
    SHORTEST_WAIT_SECONDS,
    bucket_problems,
    export_size_problems,
    gate_problems,
    inline_problems,
    known_problems,
    retention_problems,
    wait_problems,
)
from .hard import HARD, RESERVED_TAG_PREFIX, TAGS_PER_RESOURCE, counted_tags, is_reserved_tag
from .rule import Rule, Source
from .soft import SOFT, Advice, policy_advice

__all__ = [
    "CROSS_REQUEST_RULES",
    "HARD",
    "INLINE_BYTES",
    "LONGEST_WAIT_SECONDS",
    "RESERVED_TAG_PREFIX",
    "SHORTEST_WAIT_SECONDS",
    "SOFT",
    "TAGS_PER_RESOURCE",
    "Advice",
    "Rule",
    "Source",
    "advice",
    "bucket_problems",
    "counted_tags",
    "export_size_problems",
    "gate_problems",
    "inline_problems",
    "is_reserved_tag",
    "known_problems",
    "policy_advice",
    "problems",
    "retention_problems",
    "wait_problems",
]


def problems(
    service: str,
    operation: str,
    request: Mapping[str, Any],
    skip: Callable[[object], bool] = nothing_is_unknown,
) -> list[Problem]:
    """Every rule that a request breaks, besides the service model's own constraints.

    Args:
        service: "cleanroomsml" or "cleanrooms".
        operation: The API operation whose input the request is.
        request: The request with its real types.
        skip: Says of a value that it is not known yet. Neither it nor what depends on it is a problem.
    """
    return [
        Problem(rendered(path), message, rule.id)
        for rule, (path, message) in HARD.judge(service, operation, request, skip)
    ]


def advice(
    service: str,
    operation: str,
    request: Mapping[str, Any],
    skip: Callable[[object], bool] = nothing_is_unknown,
) -> list[Advice]:
    """Everything that a request may be but should not; takes what `problems` takes."""
    return soft.found(service, operation, request, skip)
