"""A request of one logical id as its execution records it, earlier or later than the one that asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .executions import Execution, Executions, Purpose, Started
from .request import kind_named, recorded
from .timing import CLOCK_SKEW_SECONDS, SERVICE_TIMEOUT_SECONDS, WORKER_TIMEOUT_SECONDS

# Returns what properties describe: equal for requests that concern the same resource.
Subject = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class PastRequest:
    """A request of the same logical id, earlier or later.

    Attributes:
        execution: Its execution.
        signed_at: When it was signed, in seconds since 1970.
        service: The calls: what is asked for is read when it is needed.
        own_kind: The kind that the request which asks is about, as the API names it.
        cleaner: The execution that answered in its place, if its own one was lost.
    """

    execution: Execution
    signed_at: float
    service: Executions
    own_kind: str
    cleaner: Execution | None = None

    _read: list[tuple[Started, Mapping[str, Any]]] = field(default_factory=list, compare=False, repr=False)

    @property
    def event(self) -> Mapping[str, Any]:
        """The event of CloudFormation."""
        return self._read_once()[1]

    @property
    def answered_success(self) -> bool | None:
        """Whether its answer was SUCCESS; None if it had none while CloudFormation waited."""
        is_success = self._read_once()[0].answered_success if self._ended_in_time(self.execution) else None
        if is_success is None and self.cleaner is not None and self._ended_in_time(self.cleaner):
            return self.service.execution(self.cleaner.arn).answered_success
        return is_success

    def _ended_in_time(self, execution: Execution) -> bool:
        return execution.ended_at <= self.signed_at + SERVICE_TIMEOUT_SECONDS

    def _read_once(self) -> tuple[Started, Mapping[str, Any]]:
        # In Python 3.11 one lock of functools.cached_property serves all objects, and it would be held during the call.
        if not self._read:
            started = self.service.execution(self.execution.arn)
            self._read.append((started, recorded(started.text)))
        return self._read[0]

    @property
    def kind(self) -> str:
        """Create, Update or Delete."""
        return str(self.event["RequestType"])

    @property
    def is_request(self) -> bool:
        """Whether CloudFormation sent it; otherwise it is the background delete of a request."""
        return self.execution.purpose is Purpose.REQUEST

    @property
    def is_of_own_kind(self) -> bool:
        """Whether it is about the same kind: a parent is checked by kind before an execution records the request."""
        return kind_named(str(self.event["ResourceType"]), self.properties) == self.own_kind

    @property
    def physical_id(self) -> str:
        """The id that CloudFormation sent; empty on Create."""
        return str(self.event.get("PhysicalResourceId", ""))

    @property
    def properties(self) -> Mapping[str, Any]:
        """The properties that it asks for."""
        found: Mapping[str, Any] = self.event.get("ResourceProperties") or {}
        return found

    @property
    def old_properties(self) -> Mapping[str, Any]:
        """The properties before an Update; empty otherwise."""
        found: Mapping[str, Any] = self.event.get("OldResourceProperties") or {}
        return found

    def replaces(self, subject: Subject, before: str, after: str) -> bool:
        """Whether this is an Update from one resource to another."""
        return (
            self.kind == "Update"
            and subject(self.old_properties) == before
            and subject(self.properties) == after
            and before != after
        )

    def may_have_called_at(self, moment: float) -> bool:
        """Whether its execution may have called the service at a time, in seconds since 1970."""
        # The last call of a stopped execution may take effect later.
        late = WORKER_TIMEOUT_SECONDS if self.execution.is_lost else 0
        is_over = moment > self.execution.ended_at + CLOCK_SKEW_SECONDS + late
        return self.signed_at <= moment + CLOCK_SKEW_SECONDS and not is_over

    def is_undone_by(self, properties: Mapping[str, Any], old_properties: Mapping[str, Any]) -> bool:
        """Whether an Update with these properties may be the rollback of this one.

        A rollback sends the very properties that were before; a later change back to the same resource may not.
        """
        return self.kind == "Update" and self.old_properties == properties and self.properties == old_properties

    def is_repeated_by(self, later: PastRequest) -> bool:
        """Whether a later Update asks for the same change of the same resource."""
        return (
            self.kind == "Update"
            and self.physical_id == later.physical_id
            and self.properties == later.properties
            and self.old_properties == later.old_properties
        )
