"""Which request of CloudFormation for one logical id is the latest.

Requests for one logical id can overlap: a Create that was canceled but still waits, a rollback while an Update is
still polling. The request that was signed last counts; of those signed in the same second the one that follows from
the content of the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from math import inf
from typing import Any, TypeAlias

from .errors import Fault, ServiceError
from .executions import Execution, Executions, Purpose, executions_since, first_of, listed, signed_second
from .history import CLOCKS_SECONDS
from .identity import Owner, orphaned_at
from .reply_address import moment
from .request import REQUEST_TYPES, Request, recorded, request_key
from .resources import spec_of

# Returns the identity of the resource that properties describe.
Identity: TypeAlias = Callable[[Mapping[str, Any]], str]

# The errors with which an execution is stopped when a later request has taken over: whether it is certain that
# CloudFormation waits for no answer to it.
OVERTAKEN = "Overtaken"
OVERTAKEN_IN_THE_SAME_SECOND = "OvertakenInTheSameSecond"


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
        found = (
            listed(service, running=True) if running else executions_since(service, request.signed_at - CLOCKS_SECONDS)
        )
        executions = [it for it in found if it.is_for(request_key(request))]
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

    def later_events(self) -> list[Mapping[str, Any]]:
        """The events of all later requests."""
        later = (Position.LATER, Position.PERHAPS_LATER)
        return [self._event(it) for it in self._not_earlier() if self._position(it) in later]

    def _not_earlier(self) -> list[Execution]:
        return [it for it in self._others if it.purpose is Purpose.REQUEST and it.signed >= signed_second(self._arn)]

    def earlier(self) -> list[tuple[Execution, str]]:
        """The executions of earlier requests, each with the error with which it is to be stopped."""
        found = []
        for execution in self._others:
            if execution.purpose is not Purpose.REQUEST or execution.signed > signed_second(self._arn):
                continue
            position = self._position(execution)
            if self._request.kind == "Create" and self._event(execution)["RequestType"] == "Delete":
                # It is for what was there before.
                continue
            if position in (Position.EARLIER, Position.PERHAPS_EARLIER):
                error = OVERTAKEN if position is Position.EARLIER else OVERTAKEN_IN_THE_SAME_SECOND
                found.append((execution, error))
        return found

    def watches(self, identity: Identity) -> list[str]:
        """The ARNs of the watches that earlier requests have started for the same resource.

        Args:
            identity: Returns the identity of the resource that properties describe. A replacement is already watched
                when the replaced resource is deleted.
        """
        own = identity(self._request.properties)
        watches = [it for it in self._others if it.purpose is Purpose.WATCH and it.signed <= signed_second(self._arn)]
        return [it.arn for it in watches if identity(self._event(it)["ResourceProperties"]) == own]

    def _event(self, execution: Execution) -> Mapping[str, Any]:
        return recorded(self._service.execution(execution.arn).text)

    def _position(self, other: Execution) -> Position:
        in_time = Position.LATER if other.signed > signed_second(self._arn) else Position.EARLIER
        in_same_second = other.signed == signed_second(self._arn)
        if not in_same_second and self._request.kind != "Delete":
            return in_time
        event, own = self._event(other), json.loads(self._request.text)
        if not event["RequestType"]:
            return Position.UNRELATED
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
        events: dict[float, list[Mapping[str, Any]]] = {}
        found: tuple[float, object] | None = None
        for execution in listed(self._service, running=False):
            if found is not None and execution.started_at < found[0] - CLOCKS_SECONDS:
                # Requests can arrive in another order, but none before it was signed.
                break
            is_request = execution.purpose is Purpose.REQUEST and execution.is_for(request_key(self._request))
            if is_request and execution.signed < signed_second(self._arn):
                event = self._event(execution)
                if event["RequestType"] in ("Create", "Update"):
                    events.setdefault(moment(execution.signed), []).append(event)
                    found = _last_asked(events)
        return found[1] if found is not None else None

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


def stop(service: Executions, arn: str, error: str) -> None:
    """Stops an execution, if it has not ended meanwhile."""
    try:
        service.stop_execution(arn, error)
    except ServiceError as refused:
        if refused.fault is not Fault.INVALID:
            raise


def _follows(event: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether CloudFormation can have sent a request after another one of the same logical id."""
    order, others = (REQUEST_TYPES.index(it["RequestType"]) for it in (event, other))
    if order != others:
        return order > others
    return "OldResourceProperties" in event and event["OldResourceProperties"] == other["ResourceProperties"]


def _last_asked(events: Mapping[float, Sequence[Mapping[str, Any]]]) -> tuple[float, object] | None:
    """When the last of some requests was signed, and the properties that it asked for.

    An Update and its rollback of the same second do not count: they leave what was there before.

    Args:
        events: The requests by the second in which they were signed.
    """
    for second in sorted(events, reverse=True):
        same = events[second]
        last = [it for it in same if not any(_follows(other, it) for other in same if other is not it)]
        if last:
            return second, last[-1]["ResourceProperties"]
    return None
