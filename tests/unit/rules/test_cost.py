from __future__ import annotations

import time

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.rules.spark import nearest

from .requests import CREATE_CHANNEL, spark

CHANNELS = 480
BUDGET_SECONDS = 0.25


def seconds_for(properties: dict[str, str]) -> float:
    """CPU seconds that all checks of the channels take, the best of three."""
    request = {**spark(**properties), "tags": {f"tag{number}": "value" for number in range(10)}}
    times = []
    for _ in range(3):
        started = time.process_time()
        for _ in range(CHANNELS):
            service_model("cleanroomsml").check(CREATE_CHANNEL, request)
            rules.problems("cleanroomsml", CREATE_CHANNEL, request)
            rules.advice("cleanroomsml", CREATE_CHANNEL, request)
        times.append(time.process_time() - started)
    return min(times)


def test_checking_480_channels_takes_a_quarter_of_a_second() -> None:
    assert seconds_for({"spark__sql__shuffle__partitions": "400", "spark__rdd__compress": "true"}) <= BUDGET_SECONDS


def test_a_misspelt_key_is_looked_up_once_not_480_times() -> None:
    nearest.cache_clear()
    seconds_for({"spark__sql__shuffle__partition": "400"})
    assert nearest.cache_info().misses == 1
