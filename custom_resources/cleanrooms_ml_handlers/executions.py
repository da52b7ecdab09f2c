"""The executions of the state machine: their purposes and names, and how they are listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import Protocol

from .reply_address import CLOCK_SECONDS, moment, moment_of

# What an ended execution leaves in its progress: whether its answer was SUCCESS, None if it has sent none.
ANSWERED_SUCCESS = "answered_success"
# Statuses of an execution that has ended in any other way than by itself.
LOST_STATUSES = ("FAILED", "TIMED_OUT", "ABORTED")


class Purpose(Enum):
    """The purpose of an execution; the value is the prefix of its name."""

    REQUEST = ""
    # Cleans up and answers for a request whose own execution was lost.
    LOST = "lost"
    # Watches a run that no `Ready` waits for.
    WATCH = "watch"
    # Deletes what was busy when its Delete had to be answered.
    BACKGROUND_DELETE = "later"

    @property
    def is_awaited(self) -> bool:
        """Whether CloudFormation waits for the answer of such an execution."""
        return self in (Purpose.REQUEST, Purpose.LOST)


@dataclass(frozen=True)
class Execution:
    """An execution, with what its name says.

    Attributes:
        arn: Its ARN.
        name: Its name.
        started_at: When it was started, in seconds since 1970.
        is_running: Whether it has not ended.
        ended_at: When it ended, in seconds since 1970; infinite if it has not, or if that does not show yet.
        is_lost: Whether it has ended in any other way than by itself; a step of it may still be in a call.
    """

    arn: str
    name: str
    started_at: float
    is_running: bool
    ended_at: float = inf
    is_lost: bool = False

    @property
    def purpose(self) -> Purpose:
        """Its purpose."""
        return purpose_of(self.arn)

    @property
    def request_key(self) -> str:
        """The request key: equal for all requests of one logical id."""
        return _request_part(self.name).split("-")[0]

    def is_for(self, request_key: str) -> bool:
        """Whether it is for a logical id, by a name that the functions can have given it.

        Anyone who may start an execution can give it any name. A request that is signed in the year 3000 would be later
        than every other one; no function starts an execution for it.
        """
        return self.request_key == request_key and self._is_named_by_us()

    def _is_named_by_us(self) -> bool:
        try:
            signed_at = moment(self.signed)
            times_started(self.name)
            self.purpose  # noqa: B018
        except (ValueError, IndexError):
            return False
        # Times of other forms do not sort.
        return moment_of(signed_at) == self.signed and signed_at <= self.started_at + 2 * CLOCK_SECONDS

    @property
    def request_order(self) -> tuple[str, float]:
        """Its position among the requests of its logical id, as far as its name says: the signing time, the start."""
        return self.signed, self.started_at

    @property
    def signed(self) -> str:
        """The second in which its request was signed, in the order of time."""
        return signed_second(self.name)


@dataclass(frozen=True)
class Started:
    """How an execution was started, and how it ended.

    Attributes:
        text: Its input.
        started_at: When it was started, in seconds since 1970.
        status: Its status.
        error: The error with which it ended; empty if there was none.
        answered_success: Whether it answered CloudFormation with SUCCESS (False: with FAILED); None if it has sent no
            answer. One of a version that did not record it counts as SUCCESS.
    """

    text: str
    started_at: float
    status: str
    error: str
    answered_success: bool | None = None


@dataclass(frozen=True)
class Page:
    """A part of the list of executions.

    Attributes:
        executions: The newest first.
        token: For the next page; empty on the last one.
    """

    executions: Sequence[Execution]
    token: str = ""


class Executions(Protocol):
    """The calls needed of the client."""

    def executions(self, *, running: bool, token: str) -> Page:
        """A page of the state machine's executions: the first one without a token."""
        ...

    def stop_execution(self, arn: str, error: str) -> None:
        """Stops an execution."""
        ...

    def execution(self, execution_arn: str) -> Started:
        """How an execution was started, and how it ended."""
        ...


class ListedOnce:
    """The calls, with every page of the list asked for once, when it is needed.

    Args:
        service: The calls.
        asks_for_running: Whether those that run are asked for if the list has more pages than are known; otherwise
            they are those of the known pages.
    """

    def __init__(self, service: Executions, *, asks_for_running: bool = True) -> None:
        self._service = service
        self._asks_for_running = asks_for_running
        self._pages: dict[str, Page] = {}

    def executions(self, *, running: bool, token: str) -> Page:
        """A page; those that run are asked for only if the list has more pages than are known."""
        if running:
            known = self._known_executions()
            if known is None:
                return self._service.executions(running=True, token=token)
            return Page([it for it in known if it.is_running])
        if token not in self._pages:
            self._pages[token] = self._service.executions(running=False, token=token)
        return self._pages[token]

    def _known_executions(self) -> list[Execution] | None:
        """All executions; None if there are pages that nobody has asked for, and those that run are to be."""
        found, token = list[Execution](), ""
        while token in self._pages:
            found += self._pages[token].executions
            token = self._pages[token].token
            if not token:
                return found
        return None if self._asks_for_running else found

    def stop_execution(self, arn: str, error: str) -> None:
        """Stops an execution."""
        self._service.stop_execution(arn, error)

    def execution(self, execution_arn: str) -> Started:
        """How an execution was started, and how it ended."""
        return self._service.execution(execution_arn)


def executions_since(service: Executions, since: float) -> Iterator[Execution]:
    """The executions, the newest first, back to a time in seconds since 1970."""
    for execution in listed(service, running=False):
        if execution.started_at < since:
            return
        yield execution


def listed(service: Executions, *, running: bool) -> Iterator[Execution]:
    """The executions, the newest first, or those that run now."""
    token: str | None = None
    while token != "":
        page = service.executions(running=running, token=token or "")
        yield from page.executions
        token = page.token


def purpose_of(arn_or_name: str) -> Purpose:
    """The purpose of an execution, by its ARN or name."""
    name = arn_or_name.rsplit(":", 1)[-1]
    head, _, rest = name.partition("_")
    return Purpose(head.partition(".")[0]) if rest else Purpose.REQUEST


def is_watch_of(arn: str, request_key: str) -> bool:
    """Whether an execution is a watch for a logical id, by its ARN."""
    return purpose_of(arn) is Purpose.WATCH and _request_part(arn).split("-")[0] == request_key


def name_for(purpose: Purpose, name: str) -> str:
    """The name of an execution with another purpose for the same request."""
    return f"{purpose.value}_{name}" if purpose.value else name


def name_again(arn_or_name: str, name: str) -> str:
    """The name of the execution that continues one that was lost: `watch_…`, then `watch.2_…`, `watch.3_…`.

    Args:
        arn_or_name: The one that was lost.
        name: The name of the execution of the request.
    """
    return f"{purpose_of(arn_or_name).value}.{times_started(arn_or_name) + 1}_{name}"


def times_started(arn_or_name: str) -> int:
    """How many executions of one purpose a request has had up to this one."""
    head = arn_or_name.rsplit(":", 1)[-1].partition("_")[0]
    return int(head.partition(".")[2] or 1)


def first_of(arn: str) -> str:
    """The ARN of the execution that the front started for the same request."""
    return f"{arn.rpartition(':')[0]}:{_request_part(arn)}"


def signed_second(arn_or_name: str) -> str:
    """The second in which an execution's request was signed, in the order of time."""
    return _request_part(arn_or_name).split("-")[1]


def _request_part(arn_or_name: str) -> str:
    return arn_or_name.rsplit(":", 1)[-1].rpartition("_")[2]
