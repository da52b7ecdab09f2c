"""Clocks that differ, requests that arrive in any order, and executions and functions that fail."""

from __future__ import annotations

import json
from dataclasses import dataclass

from botocore.awsrequest import AWSPreparedRequest

from cleanrooms_ml_handlers.executions import Purpose, purpose_of

from ..step_functions.states import Execution
from ..wire import Ask, Call, Reply
from .behavior import Surroundings


@dataclass(frozen=True)
class ClockBehind:
    """The clock of the service is behind those of CloudFormation and Lambda.

    Attributes:
        seconds: How far.
    """

    seconds: float = 5

    def __str__(self) -> str:
        return f"the service's clock is {self.seconds:g} s behind"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""
        world.behind_seconds = self.seconds


@dataclass(frozen=True)
class Reorders:
    """CloudFormation signs requests in one second, and Lambda delivers them in any order.

    Attributes:
        longest_seconds: The longest delay of a delivery.
    """

    longest_seconds: float = 2

    def __str__(self) -> str:
        return f"requests of one second, delivered up to {self.longest_seconds:g} s late in any order"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""
        world.reaction_seconds = 0
        world.functions.delay = lambda: world.chance.choice((0.0, 0.0, self.longest_seconds / 2, self.longest_seconds))


@dataclass(frozen=True)
class ExecutionsLag:
    """ListExecutions shows late that an execution has started or ended.

    Attributes:
        seconds: How late.
        is_uneven: Whether only every second list is late.
    """

    seconds: float = 5
    is_uneven: bool = False

    def __str__(self) -> str:
        return f"{'every second ' if self.is_uneven else ''}ListExecutions lags by {self.seconds:g} s"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""
        if not self.is_uneven:
            world.states.list_lag_seconds = self.seconds
            return

        def alternate(call: Call) -> None:
            if call.operation == "ListExecutions":
                world.states.list_lag_seconds = self.seconds - world.states.list_lag_seconds

        world.wire.after.append(alternate)


@dataclass(frozen=True)
class StartsThrottled:
    """Step Functions throttles StartExecution.

    Attributes:
        share: The share of calls that it hits.
    """

    share: float = 0.3

    def __str__(self) -> str:
        return f"{self.share:.0%} of StartExecution throttled"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""

        def layer(call: Call, _request: AWSPreparedRequest, ask: Ask) -> Reply:
            if call.operation != "StartExecution" or world.chance.random() >= self.share:
                return ask()
            body = json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}).encode()
            return 400, {"content-type": "application/x-amz-json-1.0"}, body

        world.wire.layers.append(layer)


_UNHURRIED = (Purpose.WATCH, Purpose.BACKGROUND_DELETE)


@dataclass(frozen=True)
class LostExecutions:
    """A watch or a background delete is lost once, some time after it started.

    Attributes:
        seconds: How long after.
    """

    seconds: float = 20

    def __str__(self) -> str:
        return f"watches and background deletes lost after {self.seconds:g} s"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""
        lost: set[str] = set()

        def lose_later(execution: Execution) -> None:
            purpose = purpose_of(execution.arn)
            # That which continues one that was lost has its number in the name.
            key = f"{purpose.value}_{execution.name.rpartition('_')[2].split('-')[0]}"
            if purpose in _UNHURRIED and key not in lost:
                lost.add(key)
                world.after(self.seconds, lambda: lose(execution))

        world.states.started.append(lose_later)


@dataclass(frozen=True)
class WorkerFails:
    """The worker does not run for a while, whichever caller invokes it.

    Attributes:
        after_seconds: When that begins.
        seconds: How long it lasts.
        throttled: Whether Lambda refuses the invocations, rather than start them in vain.
    """

    after_seconds: float = 2
    seconds: float = 600
    throttled: bool = False

    def __str__(self) -> str:
        return f"no {'capacity for the' if self.throttled else 'working'} worker for {self.seconds / 60:g} minutes"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""
        world.after(self.after_seconds, lambda: stop_workers(world, self.seconds, throttled=self.throttled))


def lose(execution: Execution) -> None:
    """Let an execution end for a reason of Step Functions' own."""
    execution.state_machine.end(execution, "FAILED", "States.Runtime", "An internal error occurred")


def stop_workers(world: Surroundings, seconds: float, *, throttled: bool) -> None:
    """Let no worker run for a while."""
    for provider in world.providers.values():
        until = world.simulation.now + seconds
        if throttled:
            provider.worker.throttled_until = until
        else:
            provider.worker.failing_until = until
