"""What waiting for a run costs: looks, state transitions, Lambda time and money, in the simulator's virtual time.

The framework looks every 5 s, with two functions of the default size and one state transition for each look, and gives
up after an hour. A function that sleeps is paid for every second, and starts itself again every 15 minutes. A call of
AWS is assumed to take 50 ms on both sides: the simulator's takes no time.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cdk_cleanrooms_ml._functions import MEMORY_MB
from cdk_cleanrooms_ml._waiting import link_count
from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_simulator.behaviors import WELL_BEHAVED
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.lifecycle.cases import JOB, THING
from cleanrooms_ml_simulator.templates import linked, template
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World

from .prices import STATE_TRANSITION, lambda_cost
from .protocol import Benchmark, Of, Pair, Row

HOURS = (1, 10, 25)

_HOUR_SECONDS = 3600
_CALL_SECONDS = 0.05
_DEFAULT_MB = 128
# Of the framework.
_INTERVAL_SECONDS, _LONGEST_SECONDS = 5, 3600
_LONGEST_INVOCATION_SECONDS = 900
_PROVIDER, _SLEEPER = "`custom_resources.Provider`", "a function that sleeps"


@dataclass(frozen=True)
class Wait:
    """What one wait took.

    Attributes:
        looks: How often the run was looked at.
        lag_seconds: How long after its end that was seen.
        transitions: State transitions of the state machine.
        invocations: Invocations of functions.
        seconds: How long these took in all.
    """

    looks: int
    lag_seconds: float
    transitions: int
    invocations: int
    seconds: float

    @property
    def cost(self) -> float:
        """In USD."""
        return self.transitions * STATE_TRANSITION + lambda_cost(self.invocations, self.seconds, MEMORY_MB)


@cache
def waited(hours: int) -> Wait:
    """A run of so many hours, from its start to the answer of `Ready`."""
    replies = ReplyServer()
    world = World(replies, Connected(), behaviors=WELL_BEHAVED)
    try:
        seconds = hours * _HOUR_SECONDS
        world.emulator.order_run(RunOrder(JOB.spec.kind, seconds=seconds))
        begun = world.simulation.now
        # The links of a wait that is a quarter of an hour longer than the run.
        resources = linked(JOB.resources(), THING, link_count(seconds + _LONGEST_INVOCATION_SECONDS))
        with contextlib.redirect_stdout(io.StringIO()):
            status = world.stack().create(template(resources))
        assert status == "CREATE_COMPLETE", status
        lag = world.simulation.now - begun - seconds
        # An execution ends after its answer.
        world.settle()
        invocations = world.functions.invocations
        spent = sum((it.ended or it.started) - it.started for it in invocations)
        return Wait(
            looks=world.calls(JOB.get),
            lag_seconds=lag,
            transitions=sum(sum(execution.steps.values()) for execution in world.states.executions()),
            invocations=len(invocations),
            seconds=spent + _CALL_SECONDS * len(world.wire.calls),
        )
    finally:
        world.close()
        replies.close()


def provider_cost(hours: int) -> float | None:
    """What the framework's looks cost; None for a wait that it does not have."""
    if hours * _HOUR_SECONDS > _LONGEST_SECONDS:
        return None
    looks = hours * _HOUR_SECONDS // _INTERVAL_SECONDS
    # The user's function makes the call; the framework's one waits for it.
    return looks * STATE_TRANSITION + lambda_cost(2 * looks, 2 * looks * _CALL_SECONDS, _DEFAULT_MB)


def sleeper_cost(hours: int) -> float:
    """What a function costs that sleeps."""
    seconds = hours * _HOUR_SECONDS
    return lambda_cost(seconds / _LONGEST_INVOCATION_SECONDS, seconds, _DEFAULT_MB)


_LOOKS = Row("looks at a run of an hour", "looks", "one every 5 s", bound=140, of=Of.OURS, counted=True)
_LAG = Row("seen after its end, at most, of runs of 1, 10 and 25 h", "s", bound=60, of=Of.OURS, counted=True)
_COST = Row("wait of an hour, at list price", "USD", _PROVIDER, bound=1.0, counted=True)
_SLEEPERS = {hours: Row(f"wait of {hours} h, at list price", "USD", _SLEEPER, counted=True) for hours in HOURS}


def play() -> Mapping[str, Pair]:
    """One round; nothing varies."""
    waits = {hours: waited(hours) for hours in HOURS}
    return {
        _LOOKS.name: Pair(waits[1].looks, _HOUR_SECONDS / _INTERVAL_SECONDS),
        _LAG.name: Pair(max(wait.lag_seconds for wait in waits.values())),
        _COST.name: Pair(waits[1].cost, provider_cost(1)),
        **{row.name: Pair(waits[hours].cost, sleeper_cost(hours)) for hours, row in _SLEEPERS.items()},
    }


def details() -> str:
    """What each wait is made of."""
    lines = [
        f"| a run of | looks | state transitions | invocations | seconds of Lambda at {MEMORY_MB} MB | USD |"
        f" {_PROVIDER} | {_SLEEPER} |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for hours in HOURS:
        wait, provider = waited(hours), provider_cost(hours)
        cells = [
            f"{hours} h",
            f"{wait.looks}",
            f"{wait.transitions}",
            f"{wait.invocations}",
            f"{wait.seconds:.0f}",
            f"{wait.cost:.4f}",
            "gives up after an hour" if provider is None else f"{provider:.4f}",
            f"{sleeper_cost(hours):.4f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


BENCHMARK = Benchmark(rows=(_LOOKS, _LAG, _COST, *_SLEEPERS.values()), play=play, rounds=1, details=details)
