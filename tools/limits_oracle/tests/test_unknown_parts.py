"""What is not known yet is never a problem: hiding a part of a request can only take problems away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.model import service_model

from .test_random_requests import random_request, requests_of_each_operation

# What CloudFormation may turn into anything, or into nothing at all.
UNKNOWN = {"Fn::If": ["Condition", "something", {"Ref": "AWS::NoValue"}]}


def is_unknown(value: object) -> bool:
    return value is UNKNOWN


def parts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all parts of a request."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield from parts(item, (*path, step))


def hidden(value: Any, path: tuple[Any, ...]) -> Any:
    """The request with one part that is not known yet."""
    if not path:
        return UNKNOWN
    changed = hidden(value[path[0]], path[1:])
    if isinstance(value, list):
        return [*value[: path[0]], changed, *value[path[0] + 1 :]]
    return {**value, path[0]: changed}


def found(service: str, operation: str, request: dict[str, Any]) -> dict[str, set[tuple[str, str]]]:
    """The findings of each check by path and rule; without the values, which differ."""
    checks: dict[str, Callable[..., Any]] = {"problems": rules.problems, "advice": rules.advice}
    results = {
        name: {(item.path, getattr(item, "rule", "")) for item in check(service, operation, request, is_unknown)}
        for name, check in checks.items()
    }
    model = service_model(service)
    results["model"] = {(item.path, item.rule) for item in model.check(operation, request, is_unknown)}
    return results


@pytest.fixture(scope="module", autouse=True)
def strings() -> None:
    """Find the strings of random requests before Hypothesis draws: it is asked for them, too."""
    requests_of_each_operation()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_request(), st.data())
def test_hiding_a_part_only_takes_problems_away(drawn: tuple[str, str, dict[str, Any]], data: st.DataObject) -> None:
    service, operation, request = drawn
    paths = list(parts(request))
    if not paths:
        return
    masked = hidden(request, paths[data.draw(st.integers(0, len(paths) - 1))])
    before, after = found(service, operation, request), found(service, operation, masked)
    for check, findings in after.items():
        assert findings <= before[check]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_request())
def test_every_check_survives_every_request(drawn: tuple[str, str, dict[str, Any]]) -> None:
    for findings in found(*drawn).values():
        assert all(isinstance(path, str) for path, _ in findings)
