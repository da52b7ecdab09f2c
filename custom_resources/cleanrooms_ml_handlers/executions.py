"""The executions of one logical id: which request of CloudFormation is the last, and what becomes of the others.

Requests for one logical id can overlap: a Create that was cancelled but still waits, a rollback while an Update is
still polling. The request that was signed last is the one that counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from .errors import Fault, ServiceError
from .request import Request, line_of

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
    own = next((execution.turn for execution in line if execution.arn == own_arn), None)
    if own is None:
        own = _request_part(own_arn).split("-")[1], float("inf")
    return any(execution.turn > own for execution in line if execution.arn != own_arn)


def stop_older(service: Executions, request: Request, own_arn: str, errands: tuple[Errand, ...]) -> int:
    """Ends what still runs for earlier requests; returns how many there were."""
    stopped = 0
    moment = _request_part(own_arn).split("-")[1]
    for execution in service.executions(running=True, since=0.0):
        if execution.line != line_of(request) or execution.errand not in errands or execution.arn == own_arn:
            continue
        if execution.turn[0] > moment:
            continue
        try:
            service.stop_execution(execution.arn, OVERTAKEN)
        except ServiceError as error:
            if error.fault is not Fault.INVALID:
                raise
            # It has ended meanwhile.
        stopped += 1
    return stopped
