"""The executions of one logical id: which request of CloudFormation is the latest, and what becomes of the others.

Requests for one logical id can overlap: a Create that was canceled but still waits, a rollback while an Update is
still polling. The request that was signed last counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeAlias

from .errors import Fault, ServiceError
from .request import Request, request_key

# Returns the identity of the resource that properties describe.
Identity: TypeAlias = Callable[[Mapping[str, Any]], str]

# The error with which an execution is stopped when a later request has taken over.
OVERTAKEN = "Overtaken"


class Purpose(Enum):
    """The purpose of an execution; the value is the prefix of its name."""

    REQUEST = ""
    # Cleans up and answers for a request whose own execution was lost.
    LOST = "lost"
    # Watches a run that no `Ready` waits for.
    WATCH = "watch"
    # Deletes what was busy when its Delete had to be answered.
    BACKGROUND_DELETE = "later"


@dataclass(frozen=True)
class Execution:
    """An execution, with what its name says.

    Attributes:
        arn: Its ARN.
        name: Its name.
        started_at: When it was started, in seconds since 1970.
        is_running: Whether it has not ended.
    """

    arn: str
    name: str
    started_at: float
    is_running: bool

    @property
    def purpose(self) -> Purpose:
        """Its purpose."""
        return purpose_of(self.arn)

    @property
    def request_key(self) -> str:
        """The request key: equal for all requests of one logical id."""
        return _request_part(self.name).split("-")[0]

    @property
    def request_order(self) -> tuple[str, float]:
        """Its position among the requests of its logical id: the signing time, then the start."""
        return _request_part(self.name).split("-")[1], self.started_at


class Executions(Protocol):
    """The calls needed of the client."""

    def executions(self, *, running: bool, since: float) -> Iterator[Execution]:
        """The state machine's executions, the newest first, back to a time in seconds since 1970."""
        ...

    def stop_execution(self, arn: str, error: str) -> None:
        """Stops an execution."""
        ...

    def execution(self, execution_arn: str) -> tuple[str, str]:
        """The input with which an execution was started, and the error with which it ended."""
        ...


def purpose_of(arn_or_name: str) -> Purpose:
    """The purpose of an execution, by its ARN or name."""
    name = arn_or_name.rsplit(":", 1)[-1]
    head, _, rest = name.partition("_")
    return Purpose(head) if rest else Purpose.REQUEST


def name_for(purpose: Purpose, name: str) -> str:
    """The name of an execution with another purpose for the same request."""
    part = _request_part(name)
    return f"{purpose.value}_{part}" if purpose.value else part


def _request_part(arn_or_name: str) -> str:
    return arn_or_name.rsplit(":", 1)[-1].rpartition("_")[2]


def is_overtaken(service: Executions, request: Request, own_arn: str) -> bool:
    """Whether a later request for the same logical id has come, running or ended."""
    # An execution starts before its request's signing time by the difference of two clocks at most.
    executions = [
        execution
        for execution in service.executions(running=False, since=request.signed_at - 60)
        if execution.purpose is Purpose.REQUEST and execution.request_key == request_key(request)
    ]
    own = _own_order(executions, own_arn)
    return any(
        execution.request_order > own and not _is_unrelated(service, request, execution)
        for execution in executions
        if execution.arn != own_arn
    )


def _own_order(executions: list[Execution], own_arn: str) -> tuple[str, float]:
    """The request order of an execution; one that does not show yet is the latest of its second."""
    shown = next((execution.request_order for execution in executions if execution.arn == own_arn), None)
    return shown or (_request_part(own_arn).split("-")[1], float("inf"))


def _is_unrelated(
    service: Executions, request: Request, execution: Execution, identity: Identity | None = None
) -> bool:
    """Whether a Delete and another execution concern different resources.

    After two replacements in a row CloudFormation deletes two resources of one logical id at the same time, and
    waits for an answer to both. A replacement is already watched when the replaced resource is deleted.
    """
    if request.kind != "Delete" or execution.purpose not in (Purpose.REQUEST, Purpose.WATCH):
        return False
    other = json.loads(service.execution(execution.arn)[0])
    if execution.purpose is Purpose.WATCH:
        return identity is not None and identity(other["ResourceProperties"]) != identity(request.properties)
    return bool(other["RequestType"] == "Delete" and other["PhysicalResourceId"] != request.physical_id)


def stop_older(
    service: Executions, request: Request, own_arn: str, purposes: tuple[Purpose, ...], identity: Identity
) -> int:
    """Stops the running executions of earlier requests; returns their number."""
    stopped = 0
    executions = [it for it in service.executions(running=True, since=0.0) if it.request_key == request_key(request)]
    own = _own_order(executions, own_arn)
    for execution in executions:
        if execution.purpose not in purposes or execution.arn == own_arn or execution.request_order > own:
            continue
        if _is_unrelated(service, request, execution, identity):
            continue
        try:
            service.stop_execution(execution.arn, OVERTAKEN)
        except ServiceError as error:
            if error.fault is not Fault.INVALID:
                raise
            # It has ended meanwhile.
        stopped += 1
    return stopped
