"""What happens to a request whose execution, or whose function, was lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .errors import Refused
from .executions import OVERTAKEN, Errand, errand_of, name_for
from .identity import Owner
from .log import log
from .reply import Answer, send
from .request import Request, execution_name, parse

_STATUS_CHANGE = "Step Functions Execution Status Change"


class Executions(Protocol):
    """What a rescue needs of the client."""

    def execution(self, execution_arn: str) -> tuple[str, str]:
        """The input that an execution was started with, and the error that it ended with."""
        ...

    def start_execution(self, name: str, text: str) -> None:
        """Starts an execution; one that was started before is success."""
        ...


def rescue(
    event: Mapping[str, Any],
    service: Executions,
    environment: Mapping[str, str],
    sleep: Callable[[float], None],
) -> None:
    """Sees to it that a lost request is cleaned up after and answered, in an execution of its own.

    Args:
        event: What the state machine says of a step that failed for good, a status change of Step Functions, or
            the record that Lambda makes of an event that the front could not take.
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
    if errand_of(execution) is Errand.REQUEST:
        service.start_execution(name_for(Errand.LOST, execution), request.text)
        log("cleaning up after a lost request", request)
    elif errand_of(execution) is Errand.LOST:
        answer_abandoned(request, sleep)
    else:
        # Nobody waits for it, and the Delete of the resource does not need it.
        log("lost", request, execution=execution)


def answer_lost(event: Mapping[str, Any], environment: Mapping[str, str], sleep: Callable[[float], None]) -> None:
    """Tells CloudFormation that a request was lost; the last resort, when not even the worker can be reached.

    Args:
        event: The record that Lambda makes of an event that the worker could not take.
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
    """Answers FAILED; what was made is left to the Delete that CloudFormation sends next."""
    send(request, abandoned(request, "the request was lost in Lambda or Step Functions"), sleep)
    log("answered for a lost request", request)


def abandoned(request: Request, why: str) -> Answer:
    """A failure with an id that is safe to delete."""
    owner = Owner.of(request)
    new_id = owner.waiting_id if request.is_wait else owner.unknown_id
    return Answer(request.physical_id or new_id, reason=f"{request.logical_id}: {why}; deploy or delete again")


def _parsed(event: Mapping[str, Any], environment: Mapping[str, str]) -> Request | None:
    try:
        return parse(event, environment)
    except Refused as refusal:
        log("refused", reason=str(refusal))
        return None
