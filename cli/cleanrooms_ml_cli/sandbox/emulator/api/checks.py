"""Refusals of what a request says: the service model's limits and the documented rules, which both are shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cleanrooms_ml_handlers.model import Problem
from cleanrooms_ml_handlers.model import service_model as stored_model
from cleanrooms_ml_handlers.rules import (
    CLOUDFORMATION_SIZE,
    RESERVED_TAG_PREFIX,
    TAGS_PER_RESOURCE,
    counted_tags,
    is_reserved_tag,
    problems,
)

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
        found = _broken_rules(call)
    if found:
        raise validation_error(*(str(problem) for problem in found), members=_fields(call, found))


def _broken_rules(call: Call) -> list[Problem]:
    """The documented rules: those that the handlers share, and of operations that they do not call those of tags."""
    if call.operation.name in stored_model(call.service).operations:
        found = problems(call.service, call.operation.name, call.params)
        return [problem for problem in found if problem.rule != CLOUDFORMATION_SIZE]
    tags = call.params.get("tags", {})
    tagged = [
        Problem("tags", f'has the key "{key}"; keys that begin with {RESERVED_TAG_PREFIX} are AWS\'s own')
        for key in tags
        if is_reserved_tag(key)
    ]
    if len(tags) > TAGS_PER_RESOURCE:
        tagged.append(Problem("tags", f"has {len(tags)} entries; allowed 0 to {TAGS_PER_RESOURCE}"))
    return tagged


def _fields(call: Call, found: Sequence[Problem]) -> dict[str, Any]:
    """AWS Clean Rooms names each field in a member of the error."""
    if call.service != CLEAN_ROOMS:
        return {}
    fields = [{"name": problem.path, "message": problem.message} for problem in found]
    return {"reason": "FIELD_VALIDATION_FAILED", "fieldList": fields}


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
