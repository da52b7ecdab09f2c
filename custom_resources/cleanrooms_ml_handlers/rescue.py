"""Answers for a request whose execution, or whose function, was lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .errors import Refused
from .identity import Owner
from .log import log
from .reply import Answer, send
from .request import Request, parse
from .spec import WAIT_RESOURCE_TYPE

_STATUS_CHANGE = "Step Functions Execution Status Change"


class Executions(Protocol):
    """What a rescue needs of the client."""

    def execution_input(self, execution_arn: str) -> str:
        """The input that an execution was started with."""
        ...


def lost_request(event: Mapping[str, Any], service: Executions | None) -> Mapping[str, Any]:
    """The event of CloudFormation inside what reports its loss.

    Args:
        event: A Lambda destination's record, a status change of Step Functions, or the event itself.
        service: For reading an execution whose input the status change does not repeat.

    Raises:
        Refused: There is none in it.
    """
    if "requestPayload" in event:
        return lost_request(event["requestPayload"], service)
    if "input" in event and "progress" in event:
        return lost_request(event["input"], service)
    if event.get("detail-type") == _STATUS_CHANGE:
        detail = event["detail"]
        text = detail.get("input") or (service and service.execution_input(detail["executionArn"]))
        return lost_request(json.loads(text), service) if text else {}
    return event


def abandoned(request: Request, why: str) -> Answer:
    """The answer for a lost request: FAILED, with an id that is safe to delete.

    A Create leaves the cleaning to the Delete that CloudFormation sends next; what else happened is not known,
    so nothing is touched.
    """
    owner = Owner.of(request)
    new_id = owner.waiting_id if request.resource_type == WAIT_RESOURCE_TYPE else owner.unknown_id
    return Answer(request.physical_id or new_id, reason=f"{request.logical_id}: {why}; deploy or delete again")


def answer_lost(
    event: Mapping[str, Any],
    environment: Mapping[str, str],
    service: Executions | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Tells CloudFormation that a request was lost."""
    try:
        request = parse(lost_request(event, service), environment)
    except Refused as refusal:
        log("refused", reason=str(refusal))
        return
    error = event.get("error") or {}
    cause = error.get("Error") or event.get("requestContext", {}).get("condition") or "its execution ended early"
    send(request, abandoned(request, f"the request was lost in Lambda or Step Functions ({cause})"), sleep)
    log("answered for a lost request", request, cause=str(cause))
