"""What checking 480 ML input channels costs: the service model's constraints, the rules, the advice.

In comparison with a walk over the same requests that looks at every value and checks nothing. Times are CPU seconds of
this process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.rules.spark import documented

from .protocol import Benchmark, Pair, Row

CHANNELS = 480
SERVICE, OPERATION = "cleanroomsml", "CreateMLInputChannel"

_MEMBERSHIP = "a1b2c3d4-0000-4000-8000-000000000001"
_ACCOUNT = "arn:aws:cleanrooms-ml:us-east-1:123456789012"
_SPARK_KEYS = 15
_TAGS = 10


def channel(number: int) -> dict[str, Any]:
    """A channel as large as they get in practice: a query of two kilobytes, Spark properties, tags."""
    integers = [key for key, facts in documented().items() if facts["type"] == "int"]
    return {
        "membershipIdentifier": _MEMBERSHIP,
        "configuredModelAlgorithmAssociations": [
            f"{_ACCOUNT}:membership/{_MEMBERSHIP}/configured-model-algorithm-association/{number}"
        ],
        "inputChannel": {
            "dataSource": {
                "protectedQueryInputParameters": {
                    "sqlParameters": {"queryString": f"SELECT {number}".ljust(2048)},
                    "computeConfiguration": {
                        "worker": {
                            "type": "CR.4X",
                            "number": 16,
                            "properties": {"spark": dict.fromkeys(integers[:_SPARK_KEYS], "400")},
                        }
                    },
                    "resultFormat": "PARQUET",
                }
            },
            "roleArn": "arn:aws:iam::123456789012:role/query",
        },
        "name": f"channel-{number}",
        "retentionInDays": 30,
        "description": "Sales of the last quarter",
        "kmsKeyArn": f"arn:aws:kms:us-east-1:123456789012:key/{number}",
        "tags": {f"tag{index}": f"value{number}" for index in range(_TAGS)},
    }


def is_unknown(value: object) -> bool:
    """What a construct asks about each value, in the same way: markers, no call."""
    if isinstance(value, str):
        return "${Token[" in value
    return isinstance(value, float) and value < -1e288


def walk(value: object) -> int:
    """The baseline: counts the values, asking about each whether it is known."""
    if is_unknown(value):
        return 0
    if isinstance(value, Mapping):
        return 1 + sum(map(walk, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(walk, value))
    return 1


def cpu_seconds(check: Callable[[dict[str, Any]], object]) -> float:
    """The CPU seconds that all requests take."""
    started = time.process_time()
    for request in _REQUESTS:
        check(request)
    return time.process_time() - started


def check(request: dict[str, Any]) -> None:
    """All that a construct checks at synth."""
    service_model(SERVICE).check(OPERATION, request, is_unknown)
    rules.problems(SERVICE, OPERATION, request, is_unknown)
    rules.advice(SERVICE, OPERATION, request, is_unknown)


def play() -> dict[str, Pair]:
    """One round."""
    return {_ROW.name: Pair(cpu_seconds(check), cpu_seconds(walk))}


_REQUESTS = [channel(number) for number in range(CHANNELS)]
_ROW = Row(f"check {CHANNELS} requests of channels", unit="CPU s", rival="a look at each value", bound=12)
BENCHMARK = Benchmark(
    rows=(_ROW,),
    play=play,
    rounds=15,
    warm_up=play,  # compiles the shapes
)
