"""10,000 resources in 100 stacks: how long a synth takes, which quota is met first, and what it costs.

The calls of each resource are counted in the simulator; the quotas are the documented defaults, each with its source.
All stacks are assumed to be created at the same moment, which is the worst case.
"""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import AudienceModel, ConfiguredAudienceModel
from cdk_cleanrooms_ml._functions import MEMORY_MB
from cleanrooms_ml_cli.sandbox.emulator.rules.rates import rate
from cleanrooms_ml_handlers.timing import DEFAULT_TIMEOUT_SECONDS
from cleanrooms_ml_simulator.behaviors import WELL_BEHAVED
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.lifecycle.cases import MODEL
from cleanrooms_ml_simulator.templates import template
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World

from .cpu import cpu_seconds
from .prices import STATE_TRANSITION, lambda_cost
from .protocol import Benchmark, Of, Pair, Row

STACKS, RESOURCES = 100, 10_000

_CALL_SECONDS = 0.05
_MODEL_ARN = "arn:aws:cleanrooms-ml:us-east-1:123456789012:audience-model/5fac8731-d13d-5385-ae9a-94d3cf54d191"
# What AWS calls them where a raise is asked for: with the size of the bucket and with what refills it each second.
_STEP_FUNCTIONS = "Service Quotas {}; elsewhere Step Functions developer guide, quotas"
_CLEAN_ROOMS = "Clean Rooms user guide, quotas of Clean Rooms ML, API throttling"


@dataclass(frozen=True)
class Quota:
    """A rate that AWS allows an account in a Region.

    Attributes:
        what: What is limited.
        per_second: How many a second.
        burst: How many at once.
        elsewhere: The same outside us-east-1, us-west-2 and eu-west-1.
        source: Where AWS says so.
    """

    what: str
    per_second: float
    burst: float
    elsewhere: tuple[float, float]
    source: str

    def seconds(self, count: float, *, elsewhere: bool = False) -> float:
        """How long so many take at least."""
        per_second, burst = self.elsewhere if elsewhere else (self.per_second, self.burst)
        return max(0.0, count - burst) / per_second


QUOTAS = (
    Quota("StartExecution", 300, 1300, (150, 800), _STEP_FUNCTIONS.format("L-CE9F8059, L-1B55A735")),
    Quota("ListExecutions", 5, 200, (2, 100), _STEP_FUNCTIONS.format("L-7A4BEE15, L-1342F2DA")),
    # Elsewhere: the least that an edition of the guide has; of those that differ, none lets fewer pass.
    Quota("state transitions", 5000, 5000, (500, 800), _STEP_FUNCTIONS.format("L-137B3F65, L-AD9B4E93")),
)


@dataclass(frozen=True)
class Use:
    """What one resource uses while it is created.

    Attributes:
        calls: Calls by operation.
        transitions: State transitions.
        invocations: Invocations of functions.
        seconds: How long these take in all.
    """

    calls: Mapping[str, int]
    transitions: int
    invocations: int
    seconds: float


@cache
def use() -> Use:
    """What the create of a configured audience model uses."""
    replies = ReplyServer()
    world = World(replies, Connected(), behaviors=WELL_BEHAVED)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            status = world.stack().create(template(MODEL.resources()))
        assert status == "CREATE_COMPLETE", status
        # An execution ends after its answer.
        world.settle()
        return Use(
            calls=Counter(call.operation for call in world.wire.calls),
            transitions=sum(sum(execution.steps.values()) for execution in world.states.executions()),
            invocations=len(world.functions.invocations),
            seconds=_CALL_SECONDS * len(world.wire.calls),
        )
    finally:
        world.close()
        replies.close()


def synth_seconds(resources: int) -> float:
    """CPU seconds to synthesize one of the stacks."""
    started = cpu_seconds()
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Stack")
    role = iam.Role.from_role_name(stack, "Role", "given")
    model = AudienceModel.from_audience_model_arn(stack, "Model", _MODEL_ARN)
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "audiences")
    for number in range(resources):
        ConfiguredAudienceModel(
            stack, f"Own{number}", audience_model=model, output_bucket=bucket, output_prefix="out", role=role
        )
    app.synth()
    return cpu_seconds() - started


def quotas() -> dict[str, tuple[float, Quota]]:
    """How often each quota is used by all resources together."""
    one = use()
    counts: dict[str, float] = {**one.calls, "state transitions": one.transitions}
    found = {quota.what: (counts[quota.what] * RESOURCES, quota) for quota in QUOTAS}
    for operation, calls in one.calls.items():
        documented = rate("cleanroomsml", operation)
        if documented is not None and operation not in found:
            both = documented.per_second, documented.burst
            found[operation] = calls * RESOURCES, Quota(operation, *both, both, _CLEAN_ROOMS)
    return found


def cost() -> float:
    """What the creates cost, in USD."""
    one = use()
    of_lambda = lambda_cost(one.invocations, one.seconds, MEMORY_MB)
    return RESOURCES * (one.transitions * STATE_TRANSITION + of_lambda)


_SYNTH = Row(f"synth {RESOURCES // STACKS} of {RESOURCES:,} resources", "CPU s", of=Of.OURS)
_FIRST = Row(
    f"{RESOURCES:,} creates at once, by the quota that is met first",
    "s",
    bound=DEFAULT_TIMEOUT_SECONDS,
    of=Of.OURS,
    counted=True,
)
_COST = Row(f"{RESOURCES:,} creates, at list price", "USD", of=Of.OURS, counted=True)


def play() -> Mapping[str, Pair]:
    """One round."""
    return {
        _SYNTH.name: Pair(synth_seconds(RESOURCES // STACKS)),
        _FIRST.name: Pair(max(quota.seconds(count) for count, quota in quotas().values())),
        _COST.name: Pair(cost()),
    }


def details() -> str:
    """Every quota."""
    lines = [
        f"| {RESOURCES:,} creates in {STACKS} stacks | how many | a second (at once) | at least | in other Regions |"
        " source |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for what, (count, quota) in sorted(quotas().items(), key=lambda item: -item[1][1].seconds(item[1][0])):
        cells = [
            what,
            f"{count:,.0f}",
            f"{quota.per_second:,g} ({quota.burst:,g})",
            f"{quota.seconds(count) / 60:.0f} min",
            f"{quota.seconds(count, elsewhere=True) / 60:.0f} min",
            quota.source,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


BENCHMARK = Benchmark(rows=(_SYNTH, _FIRST, _COST), play=play, rounds=9, warm_up=play, details=details)
