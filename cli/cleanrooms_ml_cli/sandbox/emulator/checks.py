"""The rules of a request that the service model leaves out.

Sources: the user guide and the API reference of Clean Rooms ML, as collected in the project's reference notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.model import Problem, ServiceModel

from .routes import Call
from .wire import ApiError, epoch_seconds

# Documented; the model says 200.
MAX_TAGS = 50
RESERVED_TAG_PREFIX = "aws:"

MAX_PERCENTAGE = 100


def validate(model: ServiceModel, call: Call) -> None:
    """Refuses a request that breaks a constraint of the model or a documented rule.

    Raises:
        ApiError: ValidationException that names every problem.
    """
    problems = model.check(call.operation.name, call.params)
    # The rules read values by their types, so they wait until those are right.
    if not problems:
        problems = list(_rule_problems(call.params))
    if problems:
        raise validation_error(*(str(problem) for problem in problems))


def validation_error(*problems: str) -> ApiError:
    """A ValidationException in the form that AWS gives it."""
    errors = "1 validation error" if len(problems) == 1 else f"{len(problems)} validation errors"
    return ApiError("ValidationException", f"{errors} detected: {'; '.join(problems)}")


def tag_problems(tags: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with the whole tag set of a resource; what AWS itself put there does not count."""
    count = sum(1 for key in tags if not key.lower().startswith(RESERVED_TAG_PREFIX))
    if count > MAX_TAGS:
        yield Problem("tags", f"has {count} entries; allowed are at most {MAX_TAGS}")


def _rule_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    if "tags" in params:
        yield from tag_problems(params["tags"])
        yield from _reserved("tags", params["tags"])
    if "tagKeys" in params:
        yield from _reserved("tagKeys", params["tagKeys"])
    if "audienceSizeConfig" in params:
        yield from _size_problems(params["audienceSizeConfig"])
    if "seedAudience" in params:
        yield from _seed_problems(params["seedAudience"])
    if {"trainingDataStartTime", "trainingDataEndTime"} <= params.keys():
        start, end = params["trainingDataStartTime"], params["trainingDataEndTime"]
        if epoch_seconds(start) >= epoch_seconds(end):
            yield Problem("trainingDataEndTime", f"is {end}; it must be after trainingDataStartTime {start}")
    yield from _query_problems("", params)


def _reserved(path: str, keys: Mapping[str, str] | list[str]) -> Iterator[Problem]:
    for key in keys:
        if key.lower().startswith(RESERVED_TAG_PREFIX):
            yield Problem(path, f"has the key {key}; keys that start with {RESERVED_TAG_PREFIX} are reserved")


def _size_problems(config: Mapping[str, Any]) -> Iterator[Problem]:
    bins = config["audienceSizeBins"]
    path = "audienceSizeConfig.audienceSizeBins"
    if len(set(bins)) < len(bins):
        yield Problem(path, f"is {bins}; every bin may be named once")
    if config["audienceSizeType"] == "PERCENTAGE" and max(bins) > MAX_PERCENTAGE:
        yield Problem(path, f"is {bins}; a percentage is at most {MAX_PERCENTAGE}")


def _seed_problems(seed: Mapping[str, Any]) -> Iterator[Problem]:
    if ("dataSource" in seed) == ("sqlParameters" in seed):
        yield Problem("seedAudience", "must have exactly one of dataSource and sqlParameters")
    if "sqlComputeConfiguration" in seed and "sqlParameters" not in seed:
        yield Problem("seedAudience.sqlComputeConfiguration", "is allowed only with sqlParameters")


def _query_problems(path: str, value: Any) -> Iterator[Problem]:
    """The rules of each `sqlParameters`, wherever it is."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _query_problems(f"{path}[{index}]", item)
    if not isinstance(value, Mapping):
        return
    for name, item in value.items():
        at = f"{path}.{name}" if path else name
        if name == "sqlParameters":
            has_template = bool(item.get("analysisTemplateArn"))
            if bool(item.get("queryString")) == has_template:
                yield Problem(at, "must have exactly one of queryString and analysisTemplateArn")
            if item.get("parameters") and not has_template:
                yield Problem(f"{at}.parameters", "is allowed only with analysisTemplateArn")
        yield from _query_problems(at, item)
