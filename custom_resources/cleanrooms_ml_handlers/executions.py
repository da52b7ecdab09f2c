"""The executions of one logical id: their purposes and names, and which request of CloudFormation is the latest.

Requests for one logical id can overlap: a Create that was canceled but still waits, a rollback while an Update is
still polling. The request that was signed last counts; of those signed in the same second the one that follows from
the content of the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import Any, Protocol, TypeAlias

from .errors import Fault, ServiceError
from .identity import Owner, orphaned_at
from .request import Request, request_key
from .resources import spec_of

# Returns the identity of the resource that properties describe.
Identity: TypeAlias = Callable[[Mapping[str, Any]], str]

# The errors with which an execution is stopped when a later request has taken over: whether it is certain that
# CloudFormation waits for no answer to it.
OVERTAKEN = "Overtaken"
OVERTAKEN_IN_THE_SAME_SECOND = "OvertakenInTheSameSecond"

# CloudFormation sends them in this order, if in the same second.
_KINDS = ("Create", "Update", "Delete")


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
        """Its position among the requests of its logical id, as far as its name says: the signing time, the start."""
        return self.signed, self.started_at

    @property
    def signed(self) -> str:
        """The second in which its request was signed, in the order of time."""
        return _signed(self.name)


@dataclass(frozen=True)
class Started:
    """How an execution was started, and how it ended.

    Attributes:
        text: Its input.
        started_at: When it was started, in seconds since 1970.
        status: Its status.
        error: The error with which it ended; empty if there was none.
    """

    text: str
    started_at: float
    status: str
    error: str


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
    """

    def __init__(self, service: Executions) -> None:
        self._service = service
        self._pages: dict[str, Page] = {}

    def executions(self, *, running: bool, token: str) -> Page:
        """A page; those that run are asked for only if the list has more pages than are known."""
        if running:
            known = self._whole_list()
            if known is None:
                return self._service.executions(running=True, token=token)
            return Page([it for it in known if it.is_running])
        if token not in self._pages:
            self._pages[token] = self._service.executions(running=False, token=token)
        return self._pages[token]

    def _whole_list(self) -> list[Execution] | None:
        """All executions; None if there are pages that nobody has asked for."""
        found, token = list[Execution](), ""
        while token in self._pages:
            found += self._pages[token].executions
            token = self._pages[token].token
            if not token:
                return found
        return None

    def stop_execution(self, arn: str, error: str) -> None:
        """Stops an execution."""
        self._service.stop_execution(arn, error)

    def execution(self, execution_arn: str) -> Started:
        """How an execution was started, and how it ended."""
        return self._service.execution(execution_arn)


def executions_since(service: Executions, since: float) -> Iterator[Execution]:
    """The executions, the newest first, back to a time in seconds since 1970."""
    for execution in _listed(service, running=False):
        if execution.started_at < since:
            return
        yield execution


def _listed(service: Executions, *, running: bool) -> Iterator[Execution]:
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


def name_for(purpose: Purpose, name: str) -> str:
    """The name of an execution with another purpose for the same request."""
    part = _request_part(name)
    return f"{purpose.value}_{part}" if purpose.value else part


def name_again(name: str) -> str:
    """The name of the execution that continues one that was lost: `watch_…`, then `watch.2_…`, `watch.3_…`."""
    return f"{purpose_of(name).value}.{times_started(name) + 1}_{_request_part(name)}"


def times_started(arn_or_name: str) -> int:
    """How many executions of one purpose a request has had up to this one."""
    head = arn_or_name.rsplit(":", 1)[-1].partition("_")[0]
    return int(head.partition(".")[2] or 1)


def first_of(arn: str) -> str:
    """The ARN of the execution that the front started for the same request."""
    return f"{arn.rpartition(':')[0]}:{_request_part(arn)}"


def _request_part(arn_or_name: str) -> str:
    return arn_or_name.rsplit(":", 1)[-1].rpartition("_")[2]


def _signed(arn_or_name: str) -> str:
    return _request_part(arn_or_name).split("-")[1]


# -- which request is the latest ---------------------------------------------------------------------------------------


class Position(Enum):
    """The position of another request in relation to one's own."""

    EARLIER = "earlier"
    LATER = "later"
    # Signed in the same second, and their contents say nothing: the one that arrived first counts as the earlier one.
    PERHAPS_EARLIER = "perhaps earlier"
    PERHAPS_LATER = "perhaps later"
    # It concerns another resource, or is repeated: neither ends the other.
    UNRELATED = "unrelated"


class Requests:
    """The requests of one logical id, as Step Functions lists their executions.

    Args:
        service: The calls.
        request: The own request.
        own_arn: The ARN of an execution for it.
        running: Whether only executions that run now count, the oldest included.
    """

    def __init__(self, service: Executions, request: Request, own_arn: str, *, running: bool = False) -> None:
        self._service = service
        self._request = request
        self._arn = first_of(own_arn)
        # An execution starts before its request's signing time by the difference of two clocks at most.
        listed = _listed(service, running=True) if running else executions_since(service, request.signed_at - 60)
        executions = [it for it in listed if it.request_key == request_key(request)]
        self._own = next((it for it in executions if it.arn == self._arn), None)
        self._others = [it for it in executions if it.arn != self._arn]

    @property
    def is_complete(self) -> bool:
        """Whether the own execution is listed, and therefore every one that was started before it."""
        return self._own is not None

    def later(self) -> Position | None:
        """The position of a request that is later than the own one; None if there is none."""
        found = [self._position(it) for it in self._not_earlier()]
        return next((it for it in (Position.LATER, Position.PERHAPS_LATER) if it in found), None)

    def later_events(self) -> list[dict[str, Any]]:
        """The events of all later requests."""
        later = (Position.LATER, Position.PERHAPS_LATER)
        return [self._event(it) for it in self._not_earlier() if self._position(it) in later]

    def _not_earlier(self) -> list[Execution]:
        return [it for it in self._others if it.purpose is Purpose.REQUEST and it.signed >= _signed(self._arn)]

    def stop_earlier(self, purposes: Collection[Purpose], identity: Identity) -> int:
        """Stops the executions of earlier requests; returns their number.

        Args:
            purposes: Only executions with these purposes.
            identity: Returns the identity of the resource that properties describe. A replacement is already watched
                when the replaced resource is deleted.
        """
        stopped = 0
        for execution in self._others:
            if execution.purpose not in purposes or execution.signed > _signed(self._arn):
                continue
            if execution.purpose is Purpose.WATCH:
                watched = self._event(execution)["ResourceProperties"]
                if self._request.kind == "Delete" and identity(watched) != identity(self._request.properties):
                    continue
                error = OVERTAKEN
            else:
                position = self._position(execution)
                if position not in (Position.EARLIER, Position.PERHAPS_EARLIER):
                    continue
                error = OVERTAKEN if position is Position.EARLIER else OVERTAKEN_IN_THE_SAME_SECOND
            self._stop(execution, error)
            stopped += 1
        return stopped

    def _stop(self, execution: Execution, error: str) -> None:
        try:
            self._service.stop_execution(execution.arn, error)
        except ServiceError as refused:
            if refused.fault is not Fault.INVALID:
                raise
            # It has ended meanwhile.

    def _event(self, execution: Execution) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self._service.execution(execution.arn).text)
        return event

    def _position(self, other: Execution) -> Position:
        in_time = Position.LATER if other.signed > _signed(self._arn) else Position.EARLIER
        in_same_second = other.signed == _signed(self._arn)
        if not in_same_second and self._request.kind != "Delete":
            return in_time
        event, own = self._event(other), json.loads(self._request.text)
        if event["RequestType"] == own["RequestType"] == "Delete" and (
            in_same_second or event["PhysicalResourceId"] != self._request.physical_id
        ):
            # After two replacements in a row CloudFormation deletes two resources of one logical id at the same time,
            # and waits for an answer to both. Two Deletes of one resource do no harm.
            return Position.UNRELATED
        if not in_same_second:
            return in_time
        if self._is_unrelated_delete(event, own) or self._is_unrelated_delete(own, event):
            return Position.UNRELATED
        is_later, is_earlier = _follows(event, own), _follows(own, event)
        if is_later and is_earlier:
            # An update and its rollback: the one that changes what was there before them came first.
            before = self._properties_before()
            is_later, is_earlier = before == own["OldResourceProperties"], before == event["OldResourceProperties"]
        if is_later != is_earlier:
            return Position.LATER if is_later else Position.EARLIER
        arrived_last = (other.started_at, other.arn) > (self._own.started_at if self._own else inf, self._arn)
        return Position.PERHAPS_LATER if arrived_last else Position.PERHAPS_EARLIER

    def _properties_before(self) -> object:
        """What the last request of an earlier second asked for; None if there is none."""
        for execution in _listed(self._service, running=False):
            is_earlier = execution.request_key == request_key(self._request) and execution.signed < _signed(self._arn)
            if is_earlier and execution.purpose is Purpose.REQUEST:
                event = self._event(execution)
                if event["RequestType"] != "Delete":
                    return event["ResourceProperties"]
        return None

    def _is_unrelated_delete(self, event: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Whether a request is a Delete of something else than another request of the same second is for.

        CloudFormation learns an id from an answer, so that what has the id of a Delete existed before a Create that is
        still running. For a Create that it canceled it invents an id.
        """
        if event["RequestType"] != "Delete" or other["RequestType"] == "Delete":
            return False
        physical_id = str(event["PhysicalResourceId"])
        owner, orphaned = Owner.of(self._request), orphaned_at(physical_id)
        is_answered = (
            physical_id in (owner.not_created_id, owner.waiting_id)
            or (orphaned is not None and orphaned < self._request.signed_at)
            or spec_of(self._request.spec_kind).identifiers(physical_id) is not None
        )
        return is_answered and other.get("PhysicalResourceId") != physical_id


def _follows(event: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether CloudFormation can have sent a request after another one of the same logical id."""
    order, others = _KINDS.index(event["RequestType"]), _KINDS.index(other["RequestType"])
    if order != others:
        return order > others
    return "OldResourceProperties" in event and event["OldResourceProperties"] == other["ResourceProperties"]
