"""The context of a step of the engine: the request, the service, the clock and the progress of earlier steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Protocol

from .errors import Failure, Fault, ServiceError
from .executions import Executions, ListedOnce, Purpose, executions_since, is_watch_of, name_for, purpose_of
from .history import CLOCKS_SECONDS, before, requests
from .identity import Desired, Owner, Record
from .past_request import PastRequest
from .request import Request, execution_name, request_key
from .request_order import OVERTAKEN, Position, Requests, stop
from .spec import Phase, ResourceSpec
from .timing import CLOCK_SKEW_SECONDS, SERVICE_TIMEOUT_SECONDS, SETTLING_SECONDS, WORKER_TIMEOUT_SECONDS

# Operations that change nothing.
_READING = ("Get", "List")

# A new role or policy takes this long to take effect.
PROPAGATION_SECONDS = 120

# Step Functions lists an execution within seconds; after this time the engine goes on without.
_LISTED_SECONDS = 30
_LISTING_SECONDS = 5
# A later request stops this one's execution. Until that is seen to have happened, it asks again this often.
_LATEST_SECONDS = 300

# Keys of the progress. They are state of running executions: a new version of the worker continues with them.
_ORDERED = "turn"
_LATEST_AT = "latest_at"
_UNLISTED_SINCE = "unlisted_since"
_QUIET_UNTIL = "quiet_until"
_EARLIER_ENDED_AT = "earlier_ended_at"
_WATCHES = "watches"
# Those which say that this request may have created something.
LOST_STEP = "lost_step"
# The physical id of a resource that existed already and that this request may have tagged as the stack's.
ADOPTED = "adopted"
OPEN_QUESTIONS = frozenset({"uncertain_at", "conflict_at", LOST_STEP, ADOPTED})
# What the list operation has returned so far, if the last step ended in the middle of it.
LISTINGS = "listings"


class Caller(Executions, Protocol):
    """The calls that the engine needs of the client."""

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an operation; raises ServiceError."""
        ...

    def read_text(self, bucket: str, key: str, most_bytes: int) -> str:
        """The text of an S3 object, at most so long; raises ServiceError."""
        ...

    def template_names(self, name: str) -> bool:
        """Whether the stack's template names this parent of a kind without tags."""
        ...

    def start_execution(self, name: str, text: str) -> None:
        """Starts an execution. Idempotent: one of this name that exists is success."""
        ...

    def put_event(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Puts an event on the default bus; raises ServiceError."""
        ...


class Overtaken(Exception):
    """A later request for the same logical id has come: this one neither acts nor answers."""


class Unfinished(Exception):
    """The step has to wait; the text says for what.

    Attributes:
        seconds: At least how long.
        since: When what it waits for has begun, in seconds since 1970, if that was before the request.
    """

    def __init__(self, why: str, seconds: int = 0, since: float = inf) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.since = since


@dataclass
class Step:
    """One step for one resource.

    Attributes:
        progress: What one step passes to the next: plain JSON without any content of the request.
        now: The time, in seconds since 1970.
        execution: ARN of the execution that the step belongs to.
        secrets: Sensitive texts that this step has read: they never leave the step.
        oldest_list: When the oldest list that this step uses was read, in seconds since 1970.
    """

    spec: ResourceSpec
    request: Request
    service: Caller
    progress: dict[str, Any]
    now: float
    execution: str
    secrets: set[str] = field(default_factory=set)
    oldest_list: float = inf
    _listed: Executions | None = None
    _past: tuple[float, list[PastRequest]] | None = None

    def supersede_earlier(self) -> None:
        """Continues only for the latest request of the logical id, and stops the executions of earlier ones.

        CloudFormation sends no Delete for a canceled Create whose resource is retained, so that the next Create stops
        it, too.

        Raises:
            Overtaken: Another request is later.
            Unfinished: A stopped execution may still be in a call, or one may not be listed yet.
            Failure: A request of the same second may be later.
        """
        if _ORDERED not in self.progress:
            self.ensure_latest()
            running = Requests(self._listed or self.service, self.request, self.execution, running=True)
            earlier = running.earlier()
            follows = self.request.kind != "Create"
            if not self.request.is_wait and (earlier or follows):
                self.progress[_QUIET_UNTIL] = self._quiet_until(has_earlier=bool(earlier))
            if not self.request.is_wait and follows:
                self.progress[_EARLIER_ENDED_AT] = self._earlier_ended_at()
            for execution, error in earlier:
                stop(self.service, execution.arn, error)
            if self.request.kind == "Delete":
                self.progress[_WATCHES] = running.watches(self.identity)
            self.progress[_ORDERED] = True
        self.ensure_quiet()

    def stop_watches(self) -> None:
        """Stops the watches of what this request deletes: what happens to it from now on is no end to report.

        Not before: a Delete may leave a run alone that is retained, and its watch has to go on.

        Raises:
            Unfinished: One may still be in a call.
        """
        if not self.progress.get(_WATCHES):
            return
        # Before it stops any: the answer to that may be lost.
        self.progress[_QUIET_UNTIL] = max(self.progress.get(_QUIET_UNTIL, 0.0), self.now + WORKER_TIMEOUT_SECONDS)
        for arn in self.progress[_WATCHES]:
            # The caller of the worker can make the progress up.
            if is_watch_of(arn, request_key(self.request)):
                stop(self.service, arn, OVERTAKEN)
        del self.progress[_WATCHES]
        self.ensure_quiet()

    def ensure_quiet(self) -> None:
        """Continues only when no request that this one has stopped may still be in a call; else raises Unfinished."""
        if self.now < self.progress.get(_QUIET_UNTIL, 0.0):
            raise Unfinished("waiting for an earlier request to end")

    def _quiet_until(self, *, has_earlier: bool) -> float:
        """Until when a lost execution may still be in a call, whether this request has stopped it or not."""
        past = self.past(self.request.signed_at - SERVICE_TIMEOUT_SECONDS)
        lost = [it.execution.ended_at for it in past if it.is_request and it.execution.is_lost]
        last = self.now if has_earlier else max(lost, default=0.0)
        return min(last, self.now) + WORKER_TIMEOUT_SECONDS

    def _earlier_ended_at(self) -> float:
        """When the last of the earlier requests ended, in seconds since 1970; 0 if none has."""
        past = before(self.past(self.request.signed_at - SERVICE_TIMEOUT_SECONDS), self.request.signed_at)
        return max((it.execution.ended_at for it in past if it.execution.ended_at < inf), default=0.0)

    def ensure_latest(self) -> None:
        """Ensures that no later request has come. A request that comes from now on stops this one's execution.

        Raises:
            Overtaken: One has come.
            Unfinished: Step Functions does not list this request yet; perhaps others too.
            Failure: One was signed in the same second, and nothing shows which of the two is the later one.
        """
        if self.now < self.progress.get(_LATEST_AT, 0.0) + _LATEST_SECONDS:
            return
        # What the request does next often depends on earlier requests, too.
        # Only a Delete, an Update or a Ready stops many. What a Create stops was sent by the last deployment, and a
        # call more for each would halve how many creates a Region lets pass.
        self._listed = ListedOnce(self.service, asks_for_running=self.request.kind != "Create")
        requests = Requests(self._listed, self.request, self.execution)
        unlisted_since: float = self.progress.setdefault(_UNLISTED_SINCE, self.now)
        if not requests.is_complete and self.now < unlisted_since + _LISTED_SECONDS:
            raise Unfinished("waiting for Step Functions to list the request", seconds=_LISTING_SECONDS)
        position = requests.later()
        if position is Position.LATER:
            raise Overtaken
        if position is not None:
            raise Failure(
                f"{self.request.logical_id}: CloudFormation sent another request in the same second; deploy again"
            )
        self.progress[_LATEST_AT] = self.now

    def identity(self, properties: Mapping[str, Any]) -> str:
        """The identity of the resource that the properties of a request describe."""
        return Desired(self.spec, properties).identity

    def past(self, since: float) -> list[PastRequest]:
        """The other requests of the logical id, listed once per step.

        Args:
            since: Since when they were started, in seconds since 1970.

        Raises:
            Unfinished: A list that lacks the own execution may lack earlier ones, too: not every list is equally late.
        """
        if self._past is None or since < self._past[0]:
            self._listed = listed = self._listed or ListedOnce(self.service)
            begun = since - CLOCKS_SECONDS
            is_own_due = since <= self.request.signed_at <= self.now < self.request.signed_at + _LISTED_SECONDS
            if is_own_due and all(it.arn != self.execution for it in executions_since(listed, begun)):
                self._listed = None
                raise Unfinished("waiting for Step Functions to list the request")
            self._past = since, requests(listed, self.request, self.execution, since)
        return [it for it in self._past[1] if it.execution.started_at >= since - CLOCKS_SECONDS]

    def start(self, purpose: Purpose) -> None:
        """Starts another execution for work that continues after the answer. Idempotent."""
        self.service.start_execution(name_for(purpose, execution_name(self.request)), self.request.text)

    @property
    def owner(self) -> Owner:
        """The owner of the resource."""
        return Owner.of(self.request)

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an operation of the resource's service; a request that has been overtaken changes nothing.

        Raises:
            ServiceError: The service refused, or did not answer.
            Overtaken: The operation changes something, and a later request has come.
            Unfinished: An earlier request may still be in a call.
        """
        changes = not operation.startswith(_READING)
        if changes and purpose_of(self.execution) is Purpose.REQUEST:
            self.ensure_latest()
            self.supersede_earlier()
        try:
            answer = self.service.call(self.spec.service, operation, parameters)
        except ServiceError as error:
            if changes and error.fault is not Fault.THROTTLED:
                self.progress.pop(LISTINGS, None)
            raise
        if changes:
            # What was listed before may not be so any more.
            self.progress.pop(LISTINGS, None)
        return answer

    def record(self, members: Mapping[str, Any]) -> Record:
        """A record from the members that the service returns."""
        arn, name = members.get(self.spec.arn_field, ""), members.get(self.spec.shown_name_field, "")
        return Record(self.spec.physical_id(members), str(arn), str(name), members)

    def phase(self, record: Record) -> Phase | None:
        """The phase of a record; None for a status that this version does not know."""
        return self.spec.statuses.get(record.status) if self.spec.statuses else Phase.READY

    def named(self, record: Record) -> str:
        """A record as messages name it."""
        return f'{self.spec.kind} "{record.name}"'

    def settled(self) -> bool:
        """Whether a resource would show by now that was created before this request was signed.

        An earlier request that ended meanwhile by itself may have created it after that.
        """
        ended_at: float = self.progress.get(_EARLIER_ENDED_AT, 0.0)
        return self.looked_at >= max(self.request.signed_at, ended_at) + SETTLING_SECONDS

    @property
    def shows_earlier_changes(self) -> bool:
        """Whether what an earlier request changed would show by now, the last call of a stopped one included."""
        return self.settled() and self.looked_at >= self.progress.get(_QUIET_UNTIL, 0.0) + SETTLING_SECONDS

    @property
    def looked_at(self) -> float:
        """The time of what this step knows of the service, in seconds since 1970: that of the oldest list it uses."""
        return min(self.now, self.oldest_list)

    def is_of_this_request(self, record: Record) -> bool:
        """Whether this request created a record: since it was signed, or with a clock that is behind."""
        if record.created_at >= self.request.signed_at:
            return True
        may_be = not OPEN_QUESTIONS.isdisjoint(self.progress)
        return may_be and record.created_at >= self.request.signed_at - CLOCK_SKEW_SECONDS
