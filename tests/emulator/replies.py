"""Whether a reply is one that the service model allows."""

from __future__ import annotations

import json
from functools import cache

from cleanrooms_ml_cli.sandbox.emulator.models import service_model
from cleanrooms_ml_handlers.constraints import Checker, Walk
from cleanrooms_ml_handlers.problem import Problem, nothing_is_unknown

_TIMES_ARE_NUMBERS = "a time like"


def problems(service: str, operation: str, body: bytes) -> list[str]:
    """What a reply with a body lacks by the service model, or has too much or in another form."""
    output = service_model(service).operations[operation].output
    if output is None:
        return [] if not body else [f"{operation} answers {body!r}, though it has no output"]
    walk = Walk(nothing_is_unknown, show_sensitive=True)
    _checker(service).of(output)(json.loads(body or b"{}"), None, False, walk)
    return [str(problem) for problem in walk.problems if not _is_expected(problem)]


def _is_expected(problem: Problem) -> bool:
    """Clean Rooms writes times as numbers, which no request does.

    The model's patterns and lengths of the ARNs of table associations and privacy budget templates are not those of
    the Service Authorization Reference, which has them below their memberships.
    """
    is_odd_arn = problem.path.lower().endswith("arn") and problem.rule.endswith((":pattern", ":length"))
    return is_odd_arn or _TIMES_ARE_NUMBERS in problem.message


@cache
def _checker(service: str) -> Checker:
    return Checker(service_model(service).shapes)
