"""Our verdict on a request is the one of a JSON Schema: the model says the same to both."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema.protocols import Validator

from cleanrooms_ml_handlers.model import service_model

from ..service_operations import operations
from .json_schema import validator
from .random_requests import Requests

REQUESTS = int(os.environ.get("RANDOM_REQUESTS", "2000"))
OPERATIONS = [(operation.service, operation.name) for operation in operations()]
VECTORS = json.loads((Path(__file__).parent / "disagreements.json").read_text("utf-8"))

validator_of = cache(validator)


@cache
def requests_of_each_operation() -> dict[str, Requests]:
    """By operation; finding their strings takes a second, which no other worker's collection is to spend."""
    return {operation: Requests(service, operation) for service, operation in OPERATIONS}


@st.composite
def random_request(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    """An operation and a request of it."""
    service, operation = draw(st.sampled_from(OPERATIONS))
    return service, operation, requests_of_each_operation()[operation].draw(draw)


def is_allowed_by_us(service: str, operation: str, request: dict[str, Any]) -> bool:
    return service_model(service).check(operation, request) == []


def is_allowed_by_schema(service: str, operation: str, request: dict[str, Any]) -> bool:
    schema: Validator = validator_of(service, operation)
    return schema.is_valid(request)


@pytest.fixture(scope="module")
def verdicts() -> Iterator[Counter[bool]]:
    """How often each verdict was given."""
    requests_of_each_operation()  # before Hypothesis draws: it is asked for their strings
    counts: Counter[bool] = Counter()
    yield counts
    # Neither verdict may be so rare that the comparison says nothing.
    assert min(counts[True], counts[False]) > 0.1 * counts.total()


@settings(
    max_examples=REQUESTS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(random_request())
def test_a_json_schema_gives_the_same_verdict(verdicts: Counter[bool], drawn: tuple[str, str, dict[str, Any]]) -> None:
    ours = is_allowed_by_us(*drawn)
    verdicts[ours] += 1
    assert ours == is_allowed_by_schema(*drawn)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["about"] for vector in VECTORS])
def test_a_frozen_request_gets_the_right_verdict(vector: dict[str, Any]) -> None:
    """Requests on which the two once differed (`once` is what we said then), and some like them."""
    service, operation, request = "cleanroomsml", vector["operation"], vector["request"]
    assert is_allowed_by_us(service, operation, request) is vector["allowed"]
    assert is_allowed_by_schema(service, operation, request) is vector["allowed"]
