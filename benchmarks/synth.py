"""What checks cost a synth of 480 ML input channels: time, and calls to the CDK's kernel.

The same app is synthesized with checks and without them, in turn and in one run, so that the ratio of the medians
means the same on a slow machine as on a fast one. Without checks means that no construct is registered for its stack's
validation; all else is equal. The kernel works in a process of its own, so that CPU seconds of this one are Python's.

Usage: CDK_VALIDATION=false python -m benchmarks.synth [--runs 5] [--channels 480]     exit code 1 beyond a budget
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any
from unittest.mock import patch

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from jsii._kernel.providers.process import ProcessProvider

from cdk_cleanrooms_ml import (
    ConfiguredModelAlgorithmAssociation,
    Membership,
    MLInputChannel,
    ProtectedQuery,
    WorkerCompute,
    WorkerType,
)
from cdk_cleanrooms_ml._checks import StackChecks
from cleanrooms_ml_handlers.rules.spark import documented

CHANNELS = 480
BUDGET_SECONDS = 0.25
BUDGET_CALLS_PER_CHANNEL = 2

_MEMBERSHIP = "a1b2c3d4-0000-4000-8000-000000000001"
_ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:123456789012:membership/{_MEMBERSHIP}/configured-model-algorithm-association/one"
)
_SPARK_KEYS = 15
_TAGS = 10
_KINDS_OF_CALLS = ("create", "get", "set", "sget", "sset", "invoke", "sinvoke")


@dataclass
class Cost:
    """What one synth cost.

    Attributes:
        seconds: From the first construct to the assembly.
        checking_seconds: CPU seconds of Python in the checks at synth.
        calls: Calls to the kernel.
    """

    seconds: float = 0.0
    checking_seconds: float = 0.0
    calls: int = 0


def app_of(channels: int) -> cdk.App:
    """An app of one stack, its channels as large as they get in practice."""
    # More resources than CloudFormation allows in a stack, which the CDK would refuse.
    app = cdk.App(context={"@aws-cdk/core:stackResourceLimit": 0}, analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    member = Membership.from_membership_id(stack, "Member", _MEMBERSHIP)
    algorithm = ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
        stack, "Algorithm", _ASSOCIATION
    )
    role = iam.Role.from_role_name(stack, "Role", "query")
    integers = [key for key, facts in documented().items() if facts["type"] == "int"]
    retention = cdk.Duration.days(30)
    for number in range(channels):
        MLInputChannel(
            stack,
            f"Channel{number}",
            membership=member,
            algorithm_association=algorithm,
            query=ProtectedQuery.sql(f"SELECT {number}".ljust(2048)),
            compute=WorkerCompute(
                type=WorkerType.CR_4X, number=16, spark_properties=dict.fromkeys(integers[:_SPARK_KEYS], "400")
            ),
            retention=retention,
            description="Sales of the last quarter",
            role=role,
            tags={f"tag{index}": f"value{number}" for index in range(_TAGS)},
        )
    return app


@contextmanager
def counted(cost: Cost) -> Iterator[None]:
    """Counts the calls to the kernel inside the block."""
    with_spies = [patch.object(ProcessProvider, kind, _spy(kind, cost)) for kind in _KINDS_OF_CALLS]
    for each in with_spies:
        each.start()
    try:
        yield
    finally:
        for each in with_spies:
            each.stop()


def _spy(kind: str, cost: Cost) -> Callable[..., Any]:
    original = getattr(ProcessProvider, kind)

    def spy(self: object, request: object) -> Any:
        cost.calls += 1
        return original(self, request)

    return spy


def synthesize(channels: int, *, checked: bool) -> Cost:
    """Builds and synthesizes the app."""
    cost = Cost()
    validate = StackChecks.validate

    def timed(self: StackChecks) -> list[str]:
        started = time.process_time()
        problems = validate(self)
        cost.checking_seconds += time.process_time() - started
        return problems

    def nothing(*_: object) -> None:
        return None

    changes: dict[str, Any] = {"validate": timed} if checked else {"add": nothing, "add_run": nothing}
    with patch.multiple(StackChecks, **changes), counted(cost):
        started = time.perf_counter()
        app_of(channels).synth()
        cost.seconds = time.perf_counter() - started
    return cost


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--channels", type=int, default=CHANNELS)
    given = parser.parse_args()
    for checked in (True, False):
        synthesize(2, checked=checked)  # what happens once in a process
    with_checks: list[Cost] = []
    without: list[Cost] = []
    for run in range(given.runs):
        # The second one finds a warmer process, or a fuller one.
        for checked in (True, False) if run % 2 else (False, True):
            (with_checks if checked else without).append(synthesize(given.channels, checked=checked))
    seconds, baseline = (median(cost.seconds for cost in costs) for costs in (with_checks, without))
    checking = median(cost.checking_seconds for cost in with_checks)
    more_calls = (with_checks[0].calls - without[0].calls) / given.channels
    print(f"{given.channels} channels, median of {given.runs} runs")
    print(f"  without checks  {baseline:7.2f} s  {without[0].calls / given.channels:6.2f} calls per channel")
    print(f"  with checks     {seconds:7.2f} s  {with_checks[0].calls / given.channels:6.2f} calls per channel")
    print(f"  ratio           {seconds / baseline:7.3f}")
    print(f"  checking        {checking:7.3f} s of Python's CPU time; budget {BUDGET_SECONDS} s")
    print(f"  more calls      {more_calls:7.2f} per channel; budget {BUDGET_CALLS_PER_CHANNEL}")
    return 0 if checking <= BUDGET_SECONDS and more_calls <= BUDGET_CALLS_PER_CHANNEL else 1


if __name__ == "__main__":
    sys.exit(main())
