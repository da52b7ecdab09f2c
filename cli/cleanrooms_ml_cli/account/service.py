"""The client of the engine, read-only: reads go to the services, changes are recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .errors import CannotDo, Expired
from .handlers import SPECS, Execution, Fault, Page, ServiceError, Started, client, service_model
from .intrinsics import Unknown, has_unknown
from .session import Session, translated

_TRIES = 3
_READS = ("Get", "List")


class Reader(Protocol):
    """What reads Clean Rooms ML."""

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an operation; raises ServiceError."""
        ...


class Service:
    """Clean Rooms ML, through the client that the functions use too.

    Args:
        session: Where its clients come from.
        sleep: Lets time pass between two tries.
    """

    def __init__(self, session: Session, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client(session.core)
        self._region = session.region
        self._sleep = sleep

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of a service.

        Raises:
            ServiceError: The service refused for a reason that concerns the resource.
            CannotDo: It refused the caller, or cannot be reached.
        """
        for attempt in range(_TRIES):
            try:
                answer: dict[str, Any] = self._client.call(service, operation, request)
                return answer
            except ServiceError as error:
                cause = error.__cause__
                line = translated(cause, self._region) if isinstance(cause, Exception) else CannotDo(str(error))
                if isinstance(line, Expired):
                    raise line from error
                if error.fault in (Fault.THROTTLED, Fault.UNCERTAIN) and attempt < _TRIES - 1:
                    self._sleep(2**attempt / 4)
                elif error.fault in (Fault.NOT_FOUND, Fault.CONFLICT, Fault.INVALID) and not _is_of_caller(error):
                    raise
                else:
                    raise line from error
        raise AssertionError("the last try raises")


def _is_of_caller(error: ServiceError) -> bool:
    """Whether an error is about who calls, or the call as such, and not about the resource."""
    return error.code not in ("ResourceNotFoundException", "ConflictException", "ValidationException")


@dataclass(frozen=True)
class Mutation:
    """A call that would change something.

    Attributes:
        service: The service.
        operation: The API operation.
        request: Its parameters.
    """

    service: str
    operation: str
    request: Mapping[str, Any]


@dataclass
class Rehearsal:
    """Stands in for the engine's client: reads go to the service, changes are only recorded.

    Attributes:
        reader: Makes the reads.
        own_arn: The ARN of the request's own execution.
        started_at: When that began.
        mutations: What would have been changed, in order.
    """

    reader: Reader
    own_arn: str
    started_at: float
    mutations: list[Mutation] = field(default_factory=list)
    _seen_names: set[tuple[str, str]] = field(default_factory=set)

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Reads, or records the change and answers as the service would."""
        if operation.startswith(_READS):
            if has_unknown(request):
                # What it would be in is not there yet.
                raise ServiceError(operation, "ResourceNotFoundException", "it does not exist yet", status=404)
            answer = self._updated(operation, request, self.reader.call(service, operation, request))
            self._notice(operation, answer)
            return answer
        spec = _CREATED_BY.get(operation)
        if spec is not None and spec.names_are_unique:
            name = str(request.get(spec.name_field, ""))
            if (spec.kind, name) in self._seen_names:
                # What the service does with a name that is taken.
                raise ServiceError(operation, "ConflictException", f"the name {name} is taken", status=409)
        self.mutations.append(Mutation(service, operation, request))
        return _answer(service, operation, request)

    def _updated(self, operation: str, request: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        """The answer of a get operation after the updates of the same resource, which the engine reads back."""
        for spec in SPECS:
            if spec.get != operation or not spec.update:
                continue
            for mutation in self.mutations:
                if mutation.operation == spec.update and request.items() <= mutation.request.items():
                    changed = {key: value for key, value in mutation.request.items() if key not in request}
                    inner = {**answer[spec.answer_field], **changed} if spec.answer_field else changed
                    answer = {**answer, **({spec.answer_field: inner} if spec.answer_field else inner)}
        return answer

    def _notice(self, operation: str, answer: Mapping[str, Any]) -> None:
        for spec in SPECS:
            if spec.list == operation:
                summaries = answer.get(spec.list_field, ())
                self._seen_names |= {(spec.kind, str(one.get(spec.shown_name_field))) for one in summaries}

    def read_text(self, bucket: str, key: str, most_bytes: int) -> str:
        """Represents the text of an S3 object, which a rehearsal need not know."""
        return f"s3://{bucket}/{key}"

    def template_names(self, name: str) -> bool:
        """The template that is rehearsed names what its resources belong to."""
        return True

    def start_execution(self, name: str, text: str) -> None:
        """Nothing is started."""

    def put_event(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Nothing is put."""

    def executions(self, *, running: bool, token: str) -> Page:
        """Nothing else is under way."""
        return Page([Execution(self.own_arn, self.own_arn.rpartition(":")[2], self.started_at, is_running=True)])

    def stop_execution(self, arn: str, error: str) -> None:
        """Nothing is stopped."""

    def execution(self, execution_arn: str) -> Started:
        """There is no other execution."""
        raise ServiceError("DescribeExecution", "ExecutionDoesNotExist", "it does not exist", status=400)


_CREATED_BY = {spec.create: spec for spec in SPECS}
AFTER_DEPLOY = Unknown("(known after deploy)")


def _answer(service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """What an operation answers as far as it can be known before it was called."""
    model = service_model(service)
    output = model.operations[operation].output
    members = model.members(output) if output else {}
    spec = _CREATED_BY.get(operation)
    ids = {"id": AFTER_DEPLOY, **({spec.arn_field: AFTER_DEPLOY} if spec and spec.arn_field else {})}
    if spec is not None and spec.answer_field:
        return {spec.answer_field: {**request, **ids}}
    return {name: ids.get(name, request.get(name, AFTER_DEPLOY)) for name in members if name != "versionIdentifier"}
