"""Step Functions: runs executions of Standard state machines by the definition that the provider deploys."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ..simulation import Simulation
from .language import DATA_LIMIT_BYTES, StateError, delay_seconds, fill, matches, read_path, through_json, write_path

# An execution of a Standard workflow ends as FAILED when its history is longer.
HISTORY_LIMIT = 25_000
_KNOWN = {
    "Pass": {"Result", "ResultPath", "Parameters"},
    "Task": {"Resource", "Parameters", "ResultSelector", "ResultPath", "Retry", "Catch", "TimeoutSeconds"},
    "Choice": {"Choices", "Default"},
    "Wait": {"SecondsPath", "Seconds"},
    "Succeed": set(),
    "Fail": {"Error", "Cause"},
}

# Starts a function: name, payload, and what to call with its answer or a StateError.
Invoke = Callable[[str, Any, Callable[[Any], None]], None]


@dataclass(eq=False)
class Execution:
    """One execution.

    Attributes:
        events: Length of its history.
        steps: How often each state was entered.
    """

    arn: str
    name: str
    state_machine: StateMachine
    text: str
    started: float
    status: str = "RUNNING"
    stopped: float | None = None
    error: str = ""
    cause: str = ""
    output: Any = None
    events: int = 1
    steps: dict[str, int] = field(default_factory=dict)
    # Counts visits of states: what a late answer of an earlier visit brings is dropped.
    visit: int = 0

    @property
    def is_running(self) -> bool:
        return self.status == "RUNNING"


class StateMachine:
    """One state machine.

    Args:
        arn: Its ARN.
        definition: The definition in the Amazon States Language.
        simulation: The clock.
        invoke: Starts a function.
        ended: Called with each execution that has ended.
    """

    def __init__(
        self,
        arn: str,
        definition: Mapping[str, Any],
        simulation: Simulation,
        invoke: Invoke,
        ended: Callable[[Execution], None],
    ) -> None:
        self.arn = arn
        self.executions: dict[str, Execution] = {}
        self._definition = definition
        self._states: Mapping[str, Mapping[str, Any]] = definition["States"]
        self._simulation = simulation
        self._invoke = invoke
        self._ended = ended
        for name, state in self._states.items():
            unknown = set(state) - _KNOWN[state["Type"]] - {"Type", "Next", "End", "Comment"}
            assert not unknown, f"the simulation of Step Functions does not know {unknown} of state {name}"

    @property
    def now(self) -> float:
        """The time, in seconds since 1970."""
        return self._simulation.now

    def start(self, name: str, text: str) -> Execution:
        """Start an execution; its name is free and its input fits."""
        arn = f"{self.arn.replace(':stateMachine:', ':execution:')}:{name}"
        execution = Execution(arn, name, self, text, self._simulation.now)
        self.executions[name] = execution
        self._simulation.after(0, lambda: self._enter(execution, self._definition["StartAt"], through_json_text(text)))
        if "TimeoutSeconds" in self._definition:
            self._simulation.after(self._definition["TimeoutSeconds"], lambda: self.end(execution, "TIMED_OUT"))
        return execution

    def end(self, execution: Execution, status: str, error: str = "", cause: str = "", output: Any = None) -> None:
        """End an execution; without effect on one that has ended."""
        if not execution.is_running:
            return
        execution.status, execution.error, execution.cause = status, error, cause
        execution.output = output
        execution.stopped = self._simulation.now
        execution.events += 1
        self._ended(execution)

    def _enter(self, execution: Execution, name: str, data: Any) -> None:
        if not execution.is_running:
            return
        execution.visit += 1
        execution.steps[name] = execution.steps.get(name, 0) + 1
        self._count(execution, 1)
        state = self._states[name]
        try:
            getattr(self, f"_{state['Type'].lower()}")(execution, name, data)
        except StateError as error:
            self.end(execution, "FAILED", error.name, error.cause)

    def _go_on(self, execution: Execution, name: str, data: Any) -> None:
        self._count(execution, 1)
        state = self._states[name]
        if state.get("End"):
            self.end(execution, "SUCCEEDED", output=data)
        else:
            self._simulation.after(0, lambda: self._enter(execution, state["Next"], data))

    def _count(self, execution: Execution, events: int) -> None:
        if not execution.is_running:
            return
        execution.events += events
        if execution.events >= HISTORY_LIMIT:
            self.end(execution, "FAILED", "States.Runtime", f"the history reached {HISTORY_LIMIT} events")

    # -- the kinds of states -------------------------------------------------------------------------------------

    def _pass(self, execution: Execution, name: str, data: Any) -> None:
        state = self._states[name]
        value = state.get("Result", data)
        if "Parameters" in state:
            value = fill(state["Parameters"], data, context_of(execution))
        self._go_on(execution, name, write_path(state.get("ResultPath", "$"), data, value))

    def _choice(self, execution: Execution, name: str, data: Any) -> None:
        state = self._states[name]
        following = state.get("Default")
        for rule in state["Choices"]:
            assert set(rule) == {"Variable", "BooleanEquals", "Next"}, f"a rule that the simulation lacks: {rule}"
            value = read_path(rule["Variable"], data, {})
            if isinstance(value, bool) and value == rule["BooleanEquals"]:
                following = rule["Next"]
                break
        if following is None:
            raise StateError("States.NoChoiceMatched", name)
        self._count(execution, 1)
        self._simulation.after(0, lambda: self._enter(execution, following, data))

    def _wait(self, execution: Execution, name: str, data: Any) -> None:
        state = self._states[name]
        seconds = state["Seconds"] if "Seconds" in state else read_path(state["SecondsPath"], data, {})
        if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds <= 99_999_999:
            raise StateError("States.Runtime", f"a state waits a whole number of seconds, not {seconds!r}")
        self._simulation.after(seconds, lambda: self._go_on(execution, name, data))

    def _succeed(self, execution: Execution, name: str, data: Any) -> None:
        self._count(execution, 1)
        self.end(execution, "SUCCEEDED", output=data)

    def _fail(self, execution: Execution, name: str, data: Any) -> None:
        state = self._states[name]
        self.end(execution, "FAILED", state.get("Error", ""), state.get("Cause", ""))

    def _task(self, execution: Execution, name: str, data: Any) -> None:
        self._attempt(execution, name, data, {})

    def _attempt(self, execution: Execution, name: str, data: Any, attempts: dict[int, int]) -> None:
        if not execution.is_running:
            return
        state = self._states[name]
        assert state["Resource"].endswith(":states:::lambda:invoke"), f"{name} is no invocation of a function"
        context = {**context_of(execution), "State": {"Name": name, "RetryCount": sum(attempts.values())}}
        parameters = fill(state["Parameters"], data, context)
        self._count(execution, 2)
        execution.visit += 1
        visit = execution.visit

        def answered(answer: Any) -> None:
            if not execution.is_running or execution.visit != visit:
                return
            execution.visit += 1
            self._count(execution, 1)
            try:
                if isinstance(answer, StateError):
                    raise answer
                result: Any = through_json({"ExecutedVersion": "$LATEST", "StatusCode": 200, "Payload": answer})
                if "ResultSelector" in state:
                    result = fill(state["ResultSelector"], result, context_of(execution))
                self._go_on(execution, name, write_path(state.get("ResultPath", "$"), data, result))
            except StateError as error:
                self._failed(execution, name, data, error, attempts)

        if "TimeoutSeconds" in state:
            late = StateError("States.Timeout", "")
            self._simulation.after(state["TimeoutSeconds"], lambda: answered(late))
        self._invoke(parameters["FunctionName"], through_json(parameters["Payload"]), answered)

    def _failed(self, execution: Execution, name: str, data: Any, error: StateError, attempts: dict[int, int]) -> None:
        state = self._states[name]
        for number, retrier in enumerate(state.get("Retry", ())):
            if matches(retrier["ErrorEquals"], error):
                done = attempts.get(number, 0)
                if done >= retrier.get("MaxAttempts", 3):
                    break
                attempts[number] = done + 1
                wait = delay_seconds(retrier, done)
                self._simulation.after(wait, lambda: self._attempt(execution, name, data, attempts))
                return
        for catcher in state.get("Catch", ()):
            if matches(catcher["ErrorEquals"], error):
                caught = {"Error": error.name, "Cause": error.cause}
                result = write_path(catcher.get("ResultPath", "$"), data, caught)
                self._count(execution, 1)
                self._simulation.after(0, partial(self._enter, execution, catcher["Next"], result))
                return
        self.end(execution, "FAILED", error.name, error.cause)


def context_of(execution: Execution) -> dict[str, Any]:
    """The context object."""
    return {
        "Execution": {
            "Id": execution.arn,
            "Name": execution.name,
            "StartTime": datetime.fromtimestamp(execution.started, UTC).isoformat(),
            "Input": through_json_text(execution.text),
        },
        "StateMachine": {"Id": execution.state_machine.arn},
    }


def through_json_text(text: str) -> Any:
    """An execution's input, which StartExecution has checked."""
    assert len(text.encode("utf-8")) <= DATA_LIMIT_BYTES
    return json.loads(text)
