"""Lambda entry point: runs steps of the engine, and answers CloudFormation at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from . import startup
from .client import Service
from .engine import advance
from .errors import Refused
from .executions import ANSWERED_SUCCESS, Purpose, purpose_of
from .log import log
from .outcomes import LAST_MOMENT_SECONDS, UNHURRIED_SECONDS, Outcome
from .proof import was_accepted, was_started_in_time
from .reply import Answer, send
from .request import Request, check_signing_time, parse, request_key
from .rescue import abandoned, rescue
from .shared_names import KINDS
from .steps import LISTINGS, LOST_STEP
from .throttling import Pauses

# Short work is finished within one invocation.
_STAY_SECONDS = 8.0
# Throttled calls are repeated for this long; what remains of the time-out is for calls that take long.
_REPEAT_SECONDS = 30.0
_LONGEST_WAIT_SECONDS = 60
# After an unexpected exception in an execution whose end nobody waits for.
_FAULT_WAIT_SECONDS = 600
_DONE: Mapping[str, Any] = {"done": True, "wait": 0, "progress": {ANSWERED_SUCCESS: None}}


@cache
def _service() -> Service:
    """One per process: clients are expensive to create."""
    return Service()


startup.finish(lambda service: _service().client(service), "cleanroomsml", "stepfunctions")


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
        `done`, `wait` (seconds until the next step) and `progress` (for the next step; at the end, what was answered).
    """
    if "input" not in event or event.get("error"):
        rescue(event, service, os.environ, clock, sleep)
        return dict(_DONE)
    execution = str(event["execution"])
    try:
        request = parse(event["input"], os.environ)
        check_signing_time(request, clock(), is_proven=lambda: was_started_in_time(service, request, execution))
    except Refused as refusal:
        log("refused", reason=str(refusal))
        return dict(_DONE)
    outcome = _refusal(request, service, execution) or _steps(request, service, event, clock, sleep)
    if not outcome.done:
        # A state machine waits for whole seconds. Sleeping the rest here costs less than looking more often.
        whole = int(outcome.wait_seconds)
        sleep(outcome.wait_seconds - whole)
        return {"done": False, "wait": whole, "progress": outcome.progress}
    if outcome.answer is not None:
        send(request, outcome.answer, sleep)
        is_success = outcome.answer.reason is None
        log("answered", request, success=is_success)
        return {**_DONE, "progress": {ANSWERED_SUCCESS: is_success}}
    return dict(_DONE)


def _steps(
    request: Request,
    service: Service,
    event: Mapping[str, Any],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Outcome:
    leave_at = clock() + _STAY_SECONDS
    execution = str(event["execution"])
    progress: Mapping[str, Any] = event.get("progress") or {}
    if event.get("retries"):
        # The lost step may have created what an earlier list does not have.
        progress = {**{key: value for key, value in progress.items() if key != LISTINGS}, LOST_STEP: True}
    until = clock() + _REPEAT_SECONDS
    if purpose_of(execution).is_awaited:
        until = min(until, request.signed_at + LAST_MOMENT_SECONDS)
    pauses = Pauses(clock, sleep, until, f"{request_key(request)} {clock()}")
    patient = service.with_pause(pauses)
    while True:
        try:
            outcome = advance(request, patient, progress, clock(), execution)
        except Exception as error:  # CloudFormation would wait for an hour
            log("fault", request, error=type(error).__name__, at=_position(error))
            if not purpose_of(execution).is_awaited:
                is_over = clock() >= request.signed_at + UNHURRIED_SECONDS
                return Outcome(None, is_over, wait_seconds=_FAULT_WAIT_SECONDS, progress=dict(progress))
            return Outcome(_fault(request, error), done=True)
        if outcome.fault:
            log("fault", request, error=outcome.fault, at=execution)
        paused = int(pauses.take_seconds())
        if paused > outcome.wait_seconds and not outcome.is_throttled:
            # A caller that shares a limit with others polls at the pace of the limit.
            outcome = replace(outcome, wait_seconds=min(paused, _LONGEST_WAIT_SECONDS))
        if outcome.done or clock() + outcome.wait_seconds > leave_at:
            return outcome
        sleep(outcome.wait_seconds)
        progress = outcome.progress


def _refusal(request: Request, service: Service, execution: str) -> Outcome | None:
    """The answer to a request for a kind that the stack's template does not have, so that only its Delete can come.

    What an accepted request has left to a background delete or a watch goes on: a retained run, for example.
    """
    kinds = os.environ.get(KINDS)
    if request.kind == "Delete" or kinds is None or request.spec_kind in kinds.split(","):
        return None
    reason = f"the stack's template has no {request.spec_kind}"
    if purpose_of(execution).is_awaited:
        return Outcome(abandoned(request, reason), done=True)
    if _is_own(request, service, execution):
        return None
    log("refused", request, reason=reason, execution=execution)
    return Outcome(None, done=True)


def _is_own(request: Request, service: Service, execution: str) -> bool:
    """Whether the worker itself can have started an execution for which nobody waits."""
    if purpose_of(execution) is Purpose.WATCH:
        return was_accepted(service, request, execution)
    # An Update that failed leaves a background delete, too. It deletes no more than a Delete, which is never refused.
    return was_started_in_time(service, request, execution)


def _fault(request: Request, error: Exception) -> Answer:
    """The answer to an unexpected exception. Its text may contain anything: only its type and position are shown."""
    return abandoned(request, f"cdk-cleanrooms-ml has a fault: {type(error).__name__} at {_position(error)}")


def _position(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "unknown"
