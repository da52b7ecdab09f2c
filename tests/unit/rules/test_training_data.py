"""The rules for training data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .requests import Unknown, broken

NEEDED = ("USER_ID", "ITEM_ID", "TIMESTAMP")


def dataset(*types: Any) -> dict[str, Any]:
    columns = [{"columnName": f"c{number}", "columnTypes": [each]} for number, each in enumerate(types)]
    return {"trainingData": [{"inputConfig": {"schema": columns}}]}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (dataset(*NEEDED), []),
        (dataset("USER_ID", "TIMESTAMP"), ["training-columns"]),
        (dataset("USER_ID", Unknown("token")), []),
        (dataset(*NEEDED, *["NUMERICAL_FEATURE"] * 10), []),
        (dataset(*NEEDED, *["NUMERICAL_FEATURE"] * 10, "CATEGORICAL_FEATURE"), ["feature-count"]),
    ],
)
def test_a_dataset_has_users_items_and_timestamps(request_: dict[str, Any], expected: list[str]) -> None:
    assert broken("CreateTrainingDataset", request_) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", []),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", ["training-period"]),
        ("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", ["training-period"]),
        ("2026-02-01T00:00:00Z", Unknown("2026-01-01T00:00:00Z"), []),
        ("2026-02-01T00:00:00Z", None, []),
    ],
)
def test_the_end_of_a_period_is_after_its_start(start: str, end: str | None, expected: list[str]) -> None:
    assert broken("CreateAudienceModel", {"trainingDataStartTime": start, "trainingDataEndTime": end}) == expected


@pytest.mark.parametrize("value", [None, 1, True, "text", ["list"], {"unknown": 1}, Unknown("token")])
@pytest.mark.parametrize(
    ("service", "operation", "make"),
    [
        ("cleanroomsml", "CreateTrainingDataset", lambda value: {"trainingData": [{"inputConfig": {"schema": value}}]}),
        ("cleanroomsml", "CreateTrainingDataset", lambda value: dataset(value)),
        ("cleanroomsml", "CreateAudienceModel", lambda value: dict.fromkeys(("trainingDataStartTime",), value)),
    ],
)
def test_no_rule_raises_on_a_value_of_the_wrong_type(
    value: Any, service: str, operation: str, make: Callable[[Any], dict[str, Any]]
) -> None:
    assert isinstance(broken(operation, make(value), service), list)
