"""What checks cost, in function calls: seconds depend on the machine, and `make bench` measures them."""

from __future__ import annotations

import sys
from types import FrameType

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.rules.spark import nearest

from .requests import CREATE_CHANNEL, spark

CHANNELS = 480
BUDGET_CALLS = 1000


def check(properties: dict[str, str]) -> None:
    """All checks of a channel."""
    request = {**spark(**properties), "tags": {f"tag{number}": "value" for number in range(10)}}
    service_model("cleanroomsml").check(CREATE_CHANNEL, request)
    rules.problems("cleanroomsml", CREATE_CHANNEL, request)
    rules.advice("cleanroomsml", CREATE_CHANNEL, request)


def calls_for(properties: dict[str, str]) -> int:
    """How many functions all checks of a channel call."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        check(properties)
    finally:
        sys.setprofile(None)
    return calls


def test_checking_a_channel_takes_less_than_a_thousand_function_calls() -> None:
    properties = {"spark__sql__shuffle__partitions": "400", "spark__rdd__compress": "true"}
    # The first one compiles what all share.
    check(properties)
    assert 0 < calls_for(properties) <= BUDGET_CALLS


def test_a_misspelt_key_is_looked_up_once_not_480_times() -> None:
    nearest.cache_clear()
    for _ in range(CHANNELS):
        check({"spark__sql__shuffle__partition": "400"})
    assert nearest.cache_info().misses == 1
