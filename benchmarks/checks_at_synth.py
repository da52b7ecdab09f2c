"""What checks cost a synth of 480 ML input channels: time, and calls to the CDK's kernel.

The same app is synthesized with checks and without them. Without checks means that no construct is registered for its
stack's validation; all else is equal. Times are CPU seconds of Python
and of the CDK's kernel.
"""

from __future__ import annotations

from contextlib import ExitStack
from unittest.mock import patch

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

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

from .cpu import cpu_seconds
from .kernel_calls import counted
from .protocol import Benchmark, Of, Pair, Row

CHANNELS = 480

_MEMBERSHIP = "a1b2c3d4-0000-4000-8000-000000000001"
_ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:123456789012:membership/{_MEMBERSHIP}/configured-model-algorithm-association/one"
)
_SPARK_KEYS = 15
_TAGS = 10


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


def synthesize(channels: int, *, checked: bool) -> tuple[float, int]:
    """The CPU seconds from the first construct to the assembly, and the calls to the kernel."""

    def nothing(*_: object) -> None:
        return None

    with ExitStack() as changes:
        if not checked:
            changes.enter_context(patch.multiple(StackChecks, add=nothing, add_run=nothing))
        calls = changes.enter_context(counted())
        started = cpu_seconds()
        app_of(channels).synth()
        return cpu_seconds() - started, sum(calls.values())


def play() -> dict[str, Pair]:
    """One round."""
    seconds, calls = synthesize(CHANNELS, checked=True)
    seconds_without, calls_without = synthesize(CHANNELS, checked=False)
    more = (calls - calls_without) / CHANNELS
    return {_TIME.name: Pair(seconds, seconds_without), _CALLS.name: Pair(more)}


_TIME = Row(f"synth {CHANNELS} large channels", "CPU s", "the same without checks", bound=1.25)
_CALLS = Row("kernel calls of the checks of a channel", "calls", bound=2, of=Of.OURS)
BENCHMARK = Benchmark(
    rows=(_TIME, _CALLS),
    play=play,
    rounds=3,
    warm_up=lambda: [synthesize(2, checked=checked) for checked in (True, False)],
)
