"""Lambda entry point: runs steps of the engine, and answers CloudFormation at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from .client import Service
from .engine import Outcome, advance
from .errors import Refused
from .log import log
from .reply import Answer, send
from .request import Request, parse
from .rescue import abandoned, rescue
from .steps import LOST_STEP, Caller

# Short work is finished within one invocation.
_STAY_SECONDS = 8.0
_DONE: Mapping[str, Any] = {"done": True, "wait": 0, "progress": {}}


@cache
def _service() -> Service:
    """One per process: clients are expensive to create."""
    return Service()


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Called by the state machine, and with requests that the front or the state machine lost."""
    return run(event, _service())


def run(
    event: Mapping[str, Any],
    service: Service,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Runs the steps that can run now.

    Args:
        event: From the state machine `input` (the request), `execution`, `progress` and `retries` (how often this
            step was lost), with `error` if the request is lost; otherwise the record of a Lambda destination or a
            status change of Step Functions.
        service: The calls.
        clock: The time in seconds since 1970.
        sleep: Waits for seconds.

    Returns:
        `done`, `wait` (seconds until the next step) and `progress` (for the next step).
    """
    if "input" not in event or event.get("error"):
        rescue(event, service, os.environ, sleep)
        return dict(_DONE)
    try:
        request = parse(event["input"], os.environ)
    except Refused as refusal:
        log("refused", reason=str(refusal))
        return dict(_DONE)
    outcome = _steps(request, service, event, clock, sleep)
    if not outcome.done:
        return {"done": False, "wait": outcome.wait_seconds, "progress": outcome.progress}
    if outcome.answer is not None:
        send(request, outcome.answer, sleep)
        log("answered", request, success=outcome.answer.reason is None)
    return dict(_DONE)


def _steps(
    request: Request,
    service: Caller,
    event: Mapping[str, Any],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Outcome:
    leave_at = clock() + _STAY_SECONDS
    progress: Mapping[str, Any] = event.get("progress") or {}
    if event.get("retries"):
        progress = {**progress, LOST_STEP: True}
    while True:
        try:
            outcome = advance(request, service, progress, clock(), str(event["execution"]))
        except Exception as error:  # CloudFormation would wait for an hour
            log("fault", request, error=type(error).__name__, at=_position(error))
            return Outcome(_fault(request, error), done=True)
        if outcome.done or clock() + outcome.wait_seconds > leave_at:
            return outcome
        sleep(outcome.wait_seconds)
        progress = outcome.progress


def _fault(request: Request, error: Exception) -> Answer:
    """The answer to an unexpected exception. Its text may contain anything: only its type and position are shown."""
    return abandoned(request, f"cdk-cleanrooms-ml has a fault: {type(error).__name__} at {_position(error)}")


def _position(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "unknown"
