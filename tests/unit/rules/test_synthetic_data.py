"""The rules for synthetic data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .requests import Unknown, broken


def template(*columns: tuple[str, Any]) -> dict[str, Any]:
    mapping = [{"columnName": name, "isPredictiveValue": flag} for name, flag in columns]
    return {
        "syntheticDataParameters": {"mlSyntheticDataParameters": {"columnClassification": {"columnMapping": mapping}}}
    }


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (template(("a", True), ("b", False)), []),
        (template(("a", False), ("b", False)), ["predictive-column"]),
        (template(("a", True), ("b", True)), ["predictive-column"]),
        (template(("a", True), ("b", Unknown("token"))), []),
        (template(("a", True), ("a", False)), ["column-names"]),
    ],
)
def test_synthetic_data_predicts_one_column(request_: dict[str, Any], expected: list[str]) -> None:
    assert broken("CreateAnalysisTemplate", request_, "cleanrooms") == expected


@pytest.mark.parametrize("value", [None, 1, True, "text", ["list"], {"unknown": 1}, Unknown("token")])
@pytest.mark.parametrize(
    ("service", "operation", "make"),
    [
        ("cleanrooms", "CreateAnalysisTemplate", lambda value: template((value, value))),
    ],
)
def test_no_rule_raises_on_a_value_of_the_wrong_type(
    value: Any, service: str, operation: str, make: Callable[[Any], dict[str, Any]]
) -> None:
    assert isinstance(broken(operation, make(value), service), list)
