"""Refusals of what a request says: the service model's limits and the documented rules, which both are shared."""

from __future__ import annotations

from collections.abc import Mapping

from cleanrooms_ml_handlers.model import Problem
from cleanrooms_ml_handlers.rules import CLOUDFORMATION_SIZE, TAGS_PER_RESOURCE, counted_tags, problems

from ..calls import CLEAN_ROOMS, Call
from ..errors import validation_error


def validate(call: Call) -> None:
    """Refuses a request that breaks a constraint of the model or a documented rule.

    Raises:
        ApiError: ValidationException that names every problem.
    """
    operation, params = call.operation.name, call.params
    if operation not in call.model.operations:
        return
    found = [problem for problem in call.model.check(operation, params) if not _is_wrong_limit(call, problem)]
    # The rules read values by their types, so they wait until those are right.
    if not found:
        found = [each for each in problems(call.service, operation, params) if each.rule != CLOUDFORMATION_SIZE]
    if found:
        raise validation_error(*(str(problem) for problem in found))


def require_room_for_tags(tags: Mapping[str, str]) -> None:
    """Refuses more tags than a resource can have, those that it has already among them.

    Raises:
        ApiError: ValidationException.
    """
    count = counted_tags(tags)
    if count > TAGS_PER_RESOURCE:
        raise validation_error(f"tags has {count} entries; allowed 0 to {TAGS_PER_RESOURCE}")


def _is_wrong_limit(call: Call, problem: Problem) -> bool:
    """The model allows 100 characters for ARNs of what has tags in AWS Clean Rooms; some have more by nature."""
    return call.service == CLEAN_ROOMS and problem.path == "resourceArn" and "characters" in problem.message
