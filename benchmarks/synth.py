"""What a synth of 200 ML input channels costs, in comparison with as many pairs of bare custom resources.

A channel is two custom resources; so is a pair, which has the same properties, a given service token, and nothing else:
no checks, no tags of its own, no role. Both have ten Spark properties each, documented ones or ones that each get a
warning, and both stacks get two tags from an aspect. Times are CPU seconds of Python and of the CDK's kernel, from the
first construct to the assembly.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import Any

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
from cleanrooms_ml_handlers.rules.spark import documented

from .cpu import cpu_seconds
from .kernel_calls import counted
from .protocol import Benchmark, Of, Pair, Row

CHANNELS = 200

_MEMBERSHIP = "a1b2c3d4-0000-4000-8000-000000000001"
_ASSOCIATION = (
    f"arn:aws:cleanrooms-ml:us-east-1:123456789012:membership/{_MEMBERSHIP}/configured-model-algorithm-association/one"
)
_TOKEN = "arn:aws:lambda:us-east-1:123456789012:function:front"  # noqa: S105
_KEYS = 10
INTEGERS = tuple(key for key, facts in documented().items() if facts["type"] == "int")
DOCUMENTED = INTEGERS[:_KEYS]
UNDOCUMENTED = tuple(f"spark.undocumented.number{number}" for number in range(_KEYS))


def _app() -> tuple[cdk.App, cdk.Stack]:
    # More resources than CloudFormation allows in a stack, which the CDK would refuse.
    app = cdk.App(context={"@aws-cdk/core:stackResourceLimit": 0}, analytics_reporting=False)
    cdk.Tags.of(app).add("team", "audiences")
    cdk.Tags.of(app).add("stage", "test")
    return app, cdk.Stack(app, "Stack")


def channels(spark_keys: Sequence[str], count: int = CHANNELS, *, query_chars: int = 0, **options: Any) -> cdk.App:
    """An app with ML input channels.

    Args:
        spark_keys: The Spark properties of each.
        count: How many.
        query_chars: The least length of each query.
        options: Further arguments of each channel.
    """
    app, stack = _app()
    membership = Membership.from_membership_id(stack, "Member", _MEMBERSHIP)
    algorithm = ConfiguredModelAlgorithmAssociation.from_configured_model_algorithm_association_arn(
        stack, "Algorithm", _ASSOCIATION
    )
    role = iam.Role.from_role_name(stack, "Role", "query")
    retention = cdk.Duration.days(30)
    for number in range(count):
        MLInputChannel(
            stack,
            f"Channel{number}",
            membership=membership,
            algorithm_association=algorithm,
            query=ProtectedQuery.sql(f"SELECT {number}".ljust(query_chars)),
            compute=WorkerCompute(type=WorkerType.CR_4X, number=16, spark_properties=dict.fromkeys(spark_keys, "400")),
            retention=retention,
            role=role,
            **options,
        )
    return app


def pairs(spark_keys: Sequence[str], count: int = CHANNELS) -> cdk.App:
    """An app with as many pairs of bare custom resources, of the same properties."""
    app, stack = _app()
    role = iam.Role.from_role_name(stack, "Role", "query").role_arn
    timeout = cdk.Duration.hours(1)
    for number in range(count):
        properties = {
            "membershipIdentifier": _MEMBERSHIP,
            "configuredModelAlgorithmAssociations": [_ASSOCIATION],
            "inputChannel": {
                "dataSource": {
                    "protectedQueryInputParameters": {
                        "sqlParameters": {"queryString": f"SELECT {number}"},
                        "computeConfiguration": {
                            "worker": {
                                "type": "CR.4X",
                                "number": 16,
                                "properties": {"spark": dict.fromkeys(spark_keys, "400")},
                            }
                        },
                    }
                },
                "roleArn": role,
            },
            "retentionInDays": 30,
        }
        channel = cdk.CustomResource(
            stack,
            f"Channel{number}",
            resource_type="Custom::Channel",
            service_token=_TOKEN,
            service_timeout=timeout,
            properties=properties,
        )
        cdk.CustomResource(
            stack,
            f"Ready{number}",
            resource_type="Custom::Ready",
            service_token=_TOKEN,
            service_timeout=timeout,
            properties={"Arn": channel.ref},
        )
    return app


def seconds(app: Callable[..., cdk.App], spark_keys: Sequence[str]) -> float:
    """The CPU seconds from the first construct to the assembly."""
    gc.collect()
    started = cpu_seconds()
    app(spark_keys).synth()
    return cpu_seconds() - started


def calls_per_channel(app: Callable[..., cdk.App], spark_keys: Sequence[str]) -> float:
    """The calls to the CDK's kernel of one more channel, or pair, in the stack."""

    def calls_of(count: int) -> int:
        with counted() as calls:
            app(spark_keys, count).synth()
        return sum(calls.values())

    return (calls_of(11) - calls_of(1)) / 10


def play() -> dict[str, Pair]:
    """One round."""
    before = seconds(pairs, DOCUMENTED)
    ours = {row.name: seconds(channels, keys) for row, keys in _TIMES.items()}
    theirs = (before + seconds(pairs, DOCUMENTED)) / 2
    figures = {name: Pair(each, theirs) for name, each in ours.items()}
    # Nothing varies here: counted in one round alone.
    for row, keys in _CALLS.items():
        if row.name not in _counted:
            _counted[row.name] = Pair(calls_per_channel(channels, keys), calls_per_channel(pairs, keys))
    return figures | _counted


_counted: dict[str, Pair] = {}
_PAIRS = "bare `CustomResource` pairs"
_TIMES = {
    Row(f"synth {CHANNELS} channels", "CPU s", _PAIRS, bound=1.8, goal=1.5): DOCUMENTED,
    Row(f"synth {CHANNELS} channels, ten warnings each", "CPU s", _PAIRS, bound=1.8, goal=1.5): UNDOCUMENTED,
}
_CALLS = {
    Row("kernel calls of a channel", "calls", _PAIRS, bound=8, of=Of.OURS, counted=True): DOCUMENTED,
    Row(
        "kernel calls of a channel, ten warnings each", "calls", _PAIRS, bound=8, of=Of.OURS, counted=True
    ): UNDOCUMENTED,
}
BENCHMARK = Benchmark(rows=(*_TIMES, *_CALLS), play=play, rounds=15, warm_up=play)
