"""The executions of one logical id: which request of CloudFormation is the last, and what becomes of the others.

Requests for one logical id can overlap: a Create that was cancelled but still waits, a rollback while an Update is
still polling. The request that was signed last is the one that counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeAlias

from .errors import Fault, ServiceError
from .request import Request, line_of

# What makes properties those of one resource and not of another.
Identity: TypeAlias = Callable[[Mapping[str, Any]], str]

# The error that an execution is stopped with when a later request has taken over.
OVERTAKEN = "Overtaken"


class Errand(Enum):
    """What an execution is for; the value begins its name."""

    REQUEST = ""
    # Cleans up and answers for a request whose own execution was lost.
    LOST = "lost"
    # Watches a run that nobody waits for.
    WATCH = "watch"
    # Deletes what was busy when its Delete had to be answered.
    LATER = "later"


@dataclass(frozen=True)
class Execution:
    """An execution, as its name tells.

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
    def errand(self) -> Errand:
        """What it is for."""
        return errand_of(self.arn)

    @property
    def line(self) -> str:
        """What is the same for all requests of one logical id."""
        return _request_part(self.name).split("-")[0]

    @property
    def turn(self) -> tuple[str, float]:
        """Its place among the requests of its logical id: when the request was signed, then when it came."""
        return _request_part(self.name).split("-")[1], self.started_at


class Executions(Protocol):
    """What is needed of the client."""

    def executions(self, *, running: bool, since: float) -> Iterator[Execution]:
        """The machine's executions, the newest first, back to a time in seconds since 1970."""
        ...

    def stop_execution(self, arn: str, error: str) -> None:
        """Ends an execution."""
        ...

    def execution(self, execution_arn: str) -> tuple[str, str]:
        """The input that an execution was started with, and the error that it ended with."""
        ...


def errand_of(arn_or_name: str) -> Errand:
    """What an execution is for, by its ARN or name."""
    name = arn_or_name.rsplit(":", 1)[-1]
    head, _, rest = name.partition("_")
    return Errand(head) if rest else Errand.REQUEST


def name_for(errand: Errand, name: str) -> str:
    """The name of the execution that has an errand for a request's own execution."""
    part = _request_part(name)
    return f"{errand.value}_{part}" if errand.value else part


def _request_part(arn_or_name: str) -> str:
    return arn_or_name.rsplit(":", 1)[-1].rpartition("_")[2]


def is_overtaken(service: Executions, request: Request, own_arn: str) -> bool:
    """Whether a later request for the same logical id has come, no matter whether it has ended."""
    # An execution starts at most as much before its request's signing as two clocks differ.
    line = [
        execution
        for execution in service.executions(running=False, since=request.signed_at - 60)
        if execution.errand is Errand.REQUEST and execution.line == line_of(request)
    ]
    own = _own_turn(line, own_arn)
    return any(
        execution.turn > own and not _is_apart(service, request, execution)
        for execution in line
        if execution.arn != own_arn
    )


def _own_turn(line: list[Execution], own_arn: str) -> tuple[str, float]:
    """The turn of an execution; one that does not show yet is the latest of its moment."""
    shown = next((execution.turn for execution in line if execution.arn == own_arn), None)
    return shown or (_request_part(own_arn).split("-")[1], float("inf"))


def _is_apart(service: Executions, request: Request, execution: Execution, identity: Identity | None = None) -> bool:
    """Whether a Delete and another execution do not concern each other.

    After a replacement that was replaced in its turn CloudFormation deletes two resources of one logical id at the
    same time, and waits for an answer to both. And what was put in the place of a resource is watched already when
    that resource is deleted.
    """
    if request.kind != "Delete" or execution.errand not in (Errand.REQUEST, Errand.WATCH):
        return False
    other = json.loads(service.execution(execution.arn)[0])
    if execution.errand is Errand.WATCH:
        return identity is not None and identity(other["ResourceProperties"]) != identity(request.properties)
    return bool(other["RequestType"] == "Delete" and other["PhysicalResourceId"] != request.physical_id)


def stop_older(
    service: Executions, request: Request, own_arn: str, errands: tuple[Errand, ...], identity: Identity
) -> int:
    """Ends what still runs for earlier requests; returns how many there were."""
    stopped = 0
    line = [it for it in service.executions(running=True, since=0.0) if it.line == line_of(request)]
    own = _own_turn(line, own_arn)
    for execution in line:
        if execution.errand not in errands or execution.arn == own_arn or execution.turn > own:
            continue
        if _is_apart(service, request, execution, identity):
            continue
        try:
            service.stop_execution(execution.arn, OVERTAKEN)
        except ServiceError as error:
            if error.fault is not Fault.INVALID:
                raise
            # It has ended meanwhile.
        stopped += 1
    return stopped
