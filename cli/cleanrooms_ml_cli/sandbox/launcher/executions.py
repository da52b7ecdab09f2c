"""Closes what MiniStack's state machines lack against Step Functions.

- A definition's ``TimeoutSeconds`` ends an execution as TIMED_OUT, with its event on the bus.
- The events of aborted and timed-out executions carry their error and cause.
- What a task does after its execution has ended no longer changes how it ended, and it is not tried again.
- An execution begins with its first state, not with a pause.
"""

from __future__ import annotations

import contextvars
import json
import threading
from collections.abc import Callable
from typing import Any

from .pinned import module

# The execution that a thread runs.
_current = threading.local()


def install() -> None:
    """Hook all of it into the imported MiniStack."""
    states = module("services.stepfunctions")
    events = module("services.eventbridge")
    states.time = _WithoutPause(states.time)
    states._run_execution = _with_time_out(states, _noted(states._run_execution))
    states._invoke_resource = _while_running(states, states._invoke_resource)
    states._fail_execution = _once(states._fail_execution)
    events._put_events = _with_causes(states, events._put_events)


class _WithoutPause:
    """The `time` of MiniStack's state machines, which sleep for 0.15 s before each execution's first state.

    Args:
        time: The module.
    """

    def __init__(self, time: Any) -> None:
        self._time = time

    def __getattr__(self, name: str) -> Any:
        return getattr(self._time, name)

    def sleep(self, seconds: float) -> None:
        """Sleeps, unless the execution of this thread has not begun yet."""
        if getattr(_current, "is_new", False):
            _current.is_new = False
            return
        self._time.sleep(seconds)


def _noted(run: Callable[[str], None]) -> Callable[[str], None]:
    def run_execution(arn: str) -> None:
        _current.arn = arn
        _current.is_new = True
        try:
            run(arn)
        finally:
            _current.arn = None

    return run_execution


def _while_running(states: Any, invoke: Callable[..., Any]) -> Callable[..., Any]:
    """A task is not tried again once its execution was stopped."""

    def invoke_resource(*args: Any, **kwargs: Any) -> Any:
        execution = states._executions.get(getattr(_current, "arn", None)) or {"status": "RUNNING"}
        if execution["status"] != "RUNNING":
            # No error that a retrier could match; `_once` keeps it from changing the end.
            raise RuntimeError(f"the execution is {execution['status']}")
        return invoke(*args, **kwargs)

    return invoke_resource


def _with_time_out(states: Any, run: Callable[[str], None]) -> Callable[[str], None]:
    def run_execution(arn: str) -> None:
        execution = states._executions.get(arn) or {}
        machine = states._state_machines.get(execution.get("stateMachineArn")) or {}
        seconds = _time_out_seconds(machine.get("definition", ""))
        if seconds is None:
            run(arn)
            return
        # The thread needs the account and the Region of the request.
        context = contextvars.copy_context()
        timer = threading.Timer(seconds * states._SFN_WAIT_SCALE, context.run, (_time_out, states, execution))
        timer.daemon = True
        timer.start()
        try:
            run(arn)
        finally:
            timer.cancel()

    return run_execution


def _time_out_seconds(definition: str) -> float | None:
    try:
        seconds = json.loads(definition).get("TimeoutSeconds")
    except ValueError:
        return None
    return float(seconds) if seconds is not None else None


def _time_out(states: Any, execution: dict[str, Any]) -> None:
    if execution["status"] != "RUNNING":
        return
    execution.update(status="TIMED_OUT", stopDate=states.now_iso())
    states._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    states._emit_execution_status_event(execution)


def _once(fail: Callable[..., None]) -> Callable[..., None]:
    """A task that fails after its execution was stopped does not make it FAILED."""

    def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    return fail_execution


def _with_causes(states: Any, put: Callable[..., Any]) -> Callable[..., Any]:
    def put_events(data: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        entries = [_with_cause(states, entry) for entry in data.get("Entries", [])]
        return put({**data, "Entries": entries}, *args, **kwargs)

    return put_events


def _with_cause(states: Any, entry: dict[str, Any]) -> dict[str, Any]:
    if entry.get("Source") != "aws.states":
        return entry
    detail = json.loads(entry["Detail"])
    execution = states._executions.get(detail.get("executionArn"))
    if execution is None or detail.get("status") not in ("ABORTED", "TIMED_OUT"):
        return entry
    details = {name: execution.get(name) or None for name in ("error", "cause")}
    return {**entry, "Detail": json.dumps({**detail, **details})}
