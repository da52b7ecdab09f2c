"""Rescues a request whose execution or function was lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .errors import Refused
from .executions import OVERTAKEN, Purpose, name_for, purpose_of
from .identity import Owner
from .log import log
from .reply import Answer, send
from .request import Request, execution_name, parse

_STATUS_CHANGE = "Step Functions Execution Status Change"


class Executions(Protocol):
    """The calls that a rescue needs of the client."""

    def execution(self, execution_arn: str) -> tuple[str, str]:
        """The input with which an execution was started, and the error with which it ended."""
        ...

    def start_execution(self, name: str, text: str) -> None:
        """Starts an execution. Idempotent: one of this name that exists is success."""
        ...


def rescue(
    event: Mapping[str, Any],
    service: Executions,
    environment: Mapping[str, str],
    sleep: Callable[[float], None],
) -> None:
    """Starts an execution that cleans up after a lost request and answers it.

    Args:
        event: The state machine's input for a step that failed after all retries, a status change of Step
            Functions, or Lambda's record of an event that the front could not process.
        service: The calls.
        environment: The process's environment.
        sleep: Waits for seconds.
    """
    if "requestPayload" in event:
        request = _parsed(event["requestPayload"], environment)
        if request is not None:
            service.start_execution(execution_name(request), request.text)
            log("started again", request)
        return
    if event.get("detail-type") == _STATUS_CHANGE:
        execution = str(event["detail"]["executionArn"])
        text, error = service.execution(execution)
        if error == OVERTAKEN:
            return
        request = _parsed(json.loads(text), environment)
    else:
        execution = str(event["execution"])
        request = _parsed(event["input"], environment)
    if request is None:
        return
    if purpose_of(execution) is Purpose.REQUEST:
        service.start_execution(name_for(Purpose.LOST, execution), request.text)
        log("cleaning up after a lost request", request)
    elif purpose_of(execution) is Purpose.LOST:
        answer_abandoned(request, sleep)
    else:
        # CloudFormation does not wait for it, and the Delete of the resource does not need it.
        log("lost", request, execution=execution)


def answer_lost(event: Mapping[str, Any], environment: Mapping[str, str], sleep: Callable[[float], None]) -> None:
    """Answers CloudFormation that a request was lost: the last resort, when the worker cannot be invoked.

    Args:
        event: Lambda's record of an event that the worker could not process.
        environment: The process's environment.
        sleep: Waits for seconds.
    """
    inner = event["requestPayload"]
    while "requestPayload" in inner:
        inner = inner["requestPayload"]
    if inner.get("detail-type") == _STATUS_CHANGE:
        if inner["detail"].get("error") == OVERTAKEN or not inner["detail"].get("input"):
            return
        inner = json.loads(inner["detail"]["input"])
    request = _parsed(inner, environment)
    if request is not None:
        answer_abandoned(request, sleep)


def answer_abandoned(request: Request, sleep: Callable[[float], None]) -> None:
    """Answers FAILED; the Delete that CloudFormation sends next removes what was created."""
    send(request, abandoned(request, "the request was lost in Lambda or Step Functions"), sleep)
    log("answered for a lost request", request)


def abandoned(request: Request, why: str) -> Answer:
    """A failure with a physical id that is safe to delete."""
    owner = Owner.of(request)
    new_id = owner.waiting_id if request.is_wait else owner.orphan_id(request.signed_at)
    return Answer(request.physical_id or new_id, reason=f"{request.logical_id}: {why}; deploy or delete again")


def _parsed(event: Mapping[str, Any], environment: Mapping[str, str]) -> Request | None:
    try:
        return parse(event, environment)
    except Refused as refusal:
        log("refused", reason=str(refusal))
        return None
