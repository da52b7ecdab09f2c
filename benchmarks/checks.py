"""What checking 480 ML input channels costs: the service model's constraints, the rules, the advice.

Side by side with a walk over the same requests that looks at every value and checks nothing, so that the ratio
means the same on a slow machine as on a fast one. Times are CPU seconds of this process, medians of the runs.

Usage: python -m benchmarks.checks [--runs 15]        exit code 1 beyond the budget
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.rules.spark import documented

CHANNELS = 480
BUDGET_SECONDS = 0.25
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


def measure(check: Callable[[dict[str, Any]], object], requests: list[dict[str, Any]], runs: int) -> float:
    """The median of the CPU seconds that all requests take."""
    times = []
    for _ in range(runs):
        started = time.process_time()
        for request in requests:
            check(request)
        times.append(time.process_time() - started)
    return median(times)


def figures(runs: int) -> dict[str, float]:
    """The CPU seconds of each part, and of the baseline."""
    requests = [channel(number) for number in range(CHANNELS)]
    model = service_model(SERVICE)
    checks: dict[str, Callable[[dict[str, Any]], object]] = {
        "walk over the requests": walk,
        "service model": lambda request: model.check(OPERATION, request, is_unknown),
        "rules": lambda request: rules.problems(SERVICE, OPERATION, request, is_unknown),
        "advice": lambda request: rules.advice(SERVICE, OPERATION, request, is_unknown),
    }
    for check in checks.values():
        check(requests[0])  # compiles the shapes
    return {name: measure(check, requests, runs) for name, check in checks.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    seconds = figures(parser.parse_args().runs)
    baseline, *checks = seconds.values()
    print(f"{CHANNELS} channels, {walk(channel(0))} values each")
    for name, cost in seconds.items():
        print(f"  {name:<24}{cost:8.4f} s   {cost / baseline:5.1f} times the walk")
    total = sum(checks)
    print(f"  {'all checks':<24}{total:8.4f} s   {total / baseline:5.1f} times the walk; budget {BUDGET_SECONDS} s")
    return 0 if total <= BUDGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
