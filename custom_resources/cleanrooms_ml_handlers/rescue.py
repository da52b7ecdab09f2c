"""Rescues a request whose execution or function was lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .errors import Refused
from .executions import LOST_STATUSES, Purpose, name_again, name_for, purpose_of, times_started
from .identity import Owner
from .log import log
from .named_parents import foreign_parent
from .proof import ExecutionReader, was_started_in_time
from .reply import Answer, send
from .request import Request, check_signing_time, execution_name, parse
from .request_order import OVERTAKEN

_STATUS_CHANGE = "Step Functions Execution Status Change"
# A watch or a background delete that is lost so often, each time after minutes of retries, is given up.
_MOST_TIMES = 100


class Executions(ExecutionReader, Protocol):
    """The calls that a rescue needs of the client."""

    def start_execution(self, name: str, text: str) -> None:
        """Starts an execution. Idempotent: one of this name that exists is success."""
        ...


def rescue(
    event: Mapping[str, Any],
    service: Executions,
    environment: Mapping[str, str],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    """Starts an execution that cleans up after a lost request and answers it.

    Args:
        event: The state machine's input for a step that failed after all retries, a status change of Step
            Functions, or Lambda's record of an event that the front could not process.
        service: The calls.
        environment: The process's environment.
        clock: The time in seconds since 1970.
        sleep: Waits for seconds.
    """
    if "requestPayload" in event:
        request = _parsed(event["requestPayload"], environment, clock)
        foreign = foreign_parent(request, environment) if request is not None else ""
        if request is not None and foreign:
            send(request, untouched(request, foreign), sleep)
            log("refused", request, reason="a parent that the template does not name")
        elif request is not None:
            service.start_execution(execution_name(request), request.text)
            log("started again", request)
        return
    if event.get("detail-type") == _STATUS_CHANGE:
        execution = str(event["detail"]["executionArn"])
        ended = service.execution(execution)
        if ended.error == OVERTAKEN or ended.status not in LOST_STATUSES:
            return
        text = json.loads(ended.text)
    else:
        execution = str(event["execution"])
        text = event["input"]
    request = _parsed(text, environment, clock, lambda it: was_started_in_time(service, it, execution))
    if request is None:
        return
    if purpose_of(execution) is Purpose.REQUEST:
        service.start_execution(name_for(Purpose.LOST, execution_name(request)), request.text)
        log("cleaning up after a lost request", request)
    elif purpose_of(execution) is Purpose.LOST:
        answer_abandoned(request, sleep)
    else:
        _start_again(execution, request, service)


def _start_again(execution: str, request: Request, service: Executions) -> None:
    """Continues a watch or a background delete, for which CloudFormation does not wait."""
    if times_started(execution) < _MOST_TIMES:
        service.start_execution(name_again(execution, execution_name(request)), request.text)
        log("started again", request, execution=execution)
    else:
        log("lost", request, execution=execution)


def answer_lost(
    event: Mapping[str, Any],
    service: Executions,
    environment: Mapping[str, str],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    """Answers CloudFormation that a request was lost: the last resort, when the worker cannot be invoked.

    A watch or a background delete is started again instead.

    Args:
        event: Lambda's record of an event that the worker could not process.
        service: The calls.
        environment: The process's environment.
        clock: The time in seconds since 1970.
        sleep: Waits for seconds.
    """
    inner = event["requestPayload"]
    while "requestPayload" in inner:
        inner = inner["requestPayload"]
    execution = ""
    if inner.get("detail-type") == _STATUS_CHANGE:
        if inner["detail"].get("error") == OVERTAKEN or not inner["detail"].get("input"):
            return
        execution = str(inner["detail"]["executionArn"])
        inner = json.loads(inner["detail"]["input"])
    # The worker proves it for what it goes on with.
    request = _parsed(inner, environment, clock, lambda _: not purpose_of(execution).is_awaited)
    if request is None:
        return
    if purpose_of(execution).is_awaited:
        answer_abandoned(request, sleep)
    else:
        _start_again(execution, request, service)


def answer_abandoned(request: Request, sleep: Callable[[float], None]) -> None:
    """Answers FAILED; the Delete that CloudFormation sends next removes what was created."""
    send(request, abandoned(request, "the request was lost in Lambda or Step Functions"), sleep)
    log("answered for a lost request", request)


def abandoned(request: Request, why: str) -> Answer:
    """A failure with a physical id that is safe to delete."""
    owner = Owner.of(request)
    new_id = owner.waiting_id if request.is_wait else owner.orphan_id(request.signed_at)
    return Answer(request.physical_id or new_id, reason=f"{request.logical_id}: {why}; deploy or delete again")


def untouched(request: Request, why: str) -> Answer:
    """The answer to a request on which nothing acts: a failure, unless there is nothing to delete."""
    owner = Owner.of(request)
    if request.kind == "Delete" and request.physical_id == owner.not_created_id:
        return Answer(request.physical_id)
    new_id = owner.waiting_id if request.is_wait else owner.not_created_id
    return Answer(request.physical_id or new_id, reason=f"{request.logical_id}: {why}")


def _parsed(
    event: Mapping[str, Any],
    environment: Mapping[str, str],
    clock: Callable[[], float],
    is_proven: Callable[[Request], bool] = lambda _: False,
) -> Request | None:
    try:
        request = parse(event, environment)
        check_signing_time(request, clock(), is_proven=lambda: is_proven(request))
    except Refused as refusal:
        log("refused", reason=str(refusal))
        return None
    return request
