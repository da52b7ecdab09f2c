"""Lambda: invocations, asynchronous delivery with its retries, time-outs and on-failure destinations."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .simulation import Process, Simulation
from .step_functions.language import StateError

# Lambda waits so long before its first and its second retry of an asynchronous event.
RETRY_SECONDS = (60, 120)
# And so long, growing, while the function is throttled.
_THROTTLE_SECONDS = 1
_LONGEST_THROTTLE_SECONDS = 300


class CrashError(BaseException):
    """The runtime died in the middle of what it did: memory, a lost host. Nothing in the function sees it."""


@dataclass(eq=False)
class Function:
    """A function of the provider.

    Attributes:
        name: "front" or "worker".
        run: What it does with an event.
        environment: Its environment variables.
        retries: How often Lambda tries a failed asynchronous event again.
        age_seconds: How old an asynchronous event may become.
        on_failure: Where an event goes that failed for good.
        timeout_seconds: How long an invocation may take.
        throttled_until: Lambda refuses invocations before this time.
        failing_until: Every invocation before this time fails before it does anything.
    """

    name: str
    arn: str
    run: Callable[[Any], Any]
    environment: Mapping[str, str]
    retries: int
    age_seconds: float
    timeout_seconds: float = 60
    on_failure: Function | None = None
    throttled_until: float = 0
    failing_until: float = 0


@dataclass(eq=False)
class Invocation:
    """One run of a function.

    Attributes:
        error: Name of the error as Step Functions and destinations report it; empty if there was none.
    """

    function: Function
    event: Any
    started: float
    ended: float | None = None
    error: str = ""
    cause: str = ""
    answer: Any = None

    @property
    def request(self) -> Mapping[str, Any]:
        """CloudFormation's event in it; empty for events of another kind."""
        event: Mapping[str, Any] = self.event.get("input", self.event)
        return event if "RequestType" in event else {}


@dataclass
class Lambda:
    """The service.

    Attributes:
        copies: How often an asynchronous event is delivered, always at the same moment.
        delay: How long an asynchronous event takes to arrive, in seconds; asked for each.
        invocations: Everything that ran.
        on_the_way: How many asynchronous events wait for their delivery.
    """

    simulation: Simulation
    copies: int = 1
    delay: Callable[[], float] = lambda: 0.0
    invocations: list[Invocation] = field(default_factory=list)
    on_the_way: int = 0

    def deliver(self, function: Function, event: Any, after_seconds: float = 0) -> None:
        """Take an asynchronous event."""
        after_seconds += self.delay()
        for _ in range(self.copies):
            self._later(after_seconds, function, event, self.simulation.now, 1)

    def invoke(self, function: Function, event: Any, done: Callable[[Any], None]) -> None:
        """Run a function now; `done` gets its answer, or a StateError."""
        if self.simulation.now < function.throttled_until:
            done(StateError("Lambda.TooManyRequestsException", "Rate Exceeded."))
            return
        invocation = Invocation(function, json.loads(json.dumps(event)), self.simulation.now)
        self.invocations.append(invocation)

        def ended(process: Process) -> None:
            invocation.ended = self.simulation.now
            error = process.error
            if error is None:
                invocation.answer = process.result
                done(process.result)
                return
            if isinstance(error, AssertionError):
                raise error
            invocation.error = "Lambda.Unknown" if isinstance(error, CrashError) else type(error).__name__
            words = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": []}
            invocation.cause = json.dumps(words)
            done(StateError(invocation.error, invocation.cause))

        def out_of_time() -> None:
            if not process.ended:
                process.kill()
                invocation.ended = self.simulation.now
                invocation.error = "Sandbox.Timedout"
                words = f"Task timed out after {function.timeout_seconds:.2f} seconds"
                invocation.cause = json.dumps({"errorMessage": words})
                done(StateError(invocation.error, invocation.cause))

        def run() -> Any:
            if self.simulation.now < function.failing_until:
                raise CrashError("the runtime does not start")
            return json.loads(json.dumps(function.run(invocation.event)))

        process = self.simulation.spawn(run, ended, invocation, function.environment)
        self.simulation.after(function.timeout_seconds, out_of_time)

    def _later(self, seconds: float, *attempt: Any) -> None:
        self.on_the_way += 1

        def arrive() -> None:
            self.on_the_way -= 1
            self._attempt(*attempt)

        self.simulation.after(seconds, arrive)

    def _attempt(self, function: Function, event: Any, taken: float, number: int, throttled: int = 0) -> None:
        def ended(answer: Any) -> None:
            if not isinstance(answer, StateError):
                return
            if answer.name == "Lambda.TooManyRequestsException":
                wait: float = min(_THROTTLE_SECONDS * 2**throttled, _LONGEST_THROTTLE_SECONDS)
                again, condition = (number, throttled + 1), "EventAgeExceeded"
                is_over = False
            else:
                wait = RETRY_SECONDS[min(number, 2) - 1]
                again, condition = (number + 1, 0), "RetriesExhausted"
                is_over = number > function.retries
            if not is_over and self.simulation.now + wait - taken <= function.age_seconds:
                self._later(wait, function, event, taken, *again)
            elif function.on_failure is not None:
                self.deliver(function.on_failure, failure_record(function, event, condition, number, answer))

        self.invoke(function, event, ended)


def failure_record(function: Function, event: Any, condition: str, count: int, error: StateError) -> dict[str, Any]:
    """What Lambda sends to an on-failure destination."""
    return {
        "version": "1.0",
        "timestamp": "2026-01-31T12:00:00.000Z",
        "requestContext": {
            "requestId": "00000000-0000-4000-8000-000000000000",
            "functionArn": f"{function.arn}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": count,
        },
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": error.cause, "errorType": error.name},
    }
