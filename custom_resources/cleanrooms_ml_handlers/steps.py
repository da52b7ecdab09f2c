"""What a step of the engine works with: the request, the service, the clock, and what earlier steps left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from .errors import Failure, Fault, ServiceError
from .executions import Errand, Executions, is_overtaken, stop_older
from .identity import MARK_KEY, Owner, Record, Wanted, is_asset, left
from .model import service_model
from .request import Request
from .spec import SETTLING_SECONDS, WORKER_TIMEOUT_SECONDS, Phase, ResourceSpec

# A role, or a policy, made a moment ago takes a while to act.
PROPAGATION_SECONDS = 120


# Shorter texts are not worth hiding: they would blank out innocent words.
_SECRET_CHARS = 4


class Caller(Executions, Protocol):
    """What the engine needs of the client."""

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an operation; raises ServiceError."""
        ...

    def read_text(self, bucket: str, key: str) -> str:
        """The text of an S3 object; raises ServiceError."""
        ...

    def start_execution(self, name: str, text: str) -> None:
        """Starts an execution; one that was started before is success."""
        ...

    def put_event(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Puts an event on the default bus; raises ServiceError."""
        ...


class Overtaken(Exception):
    """A later request for the same logical id has come: neither act nor answer."""


class Unfinished(Exception):
    """There is nothing to do but wait; the text says for what."""


@dataclass
class Step:
    """One step for one resource.

    Attributes:
        progress: What one step tells the next, plain JSON without any of the request's content.
        now: The time, in seconds since 1970.
        execution: ARN of the execution that the step belongs to.
        secrets: What this step read of what AWS marks sensitive: it never leaves the step.
    """

    spec: ResourceSpec
    request: Request
    service: Caller
    progress: dict[str, Any]
    now: float
    execution: str
    secrets: set[str] = field(default_factory=set)
    _is_last: bool = False

    def take_turn(self) -> None:
        """Goes on only for the last request of the logical id, and ends what still runs for earlier ones.

        Raises:
            Overtaken: Another one is later.
            Unfinished: What was ended may still be in the middle of a call.
        """
        if "turn" not in self.progress:
            self.be_last()
            if self.request.kind != "Create":
                errands = (Errand.REQUEST, Errand.WATCH) if self.request.kind == "Delete" else (Errand.REQUEST,)
                stopped = stop_older(self.service, self.request, self.execution, errands, self._identity)
                if stopped and not self.request.is_wait:
                    self.progress["quiet_until"] = self.now + WORKER_TIMEOUT_SECONDS
            self.progress["turn"] = True
        if self.now < self.progress.get("quiet_until", 0.0):
            raise Unfinished("waiting for an earlier request to end")

    def be_last(self) -> None:
        """Makes sure, once in a step, that no later request has come.

        Raises:
            Overtaken: One has.
        """
        if not self._is_last and is_overtaken(self.service, self.request, self.execution):
            raise Overtaken
        self._is_last = True

    def _identity(self, properties: Mapping[str, Any]) -> str:
        return Wanted(self.spec, properties).identity

    @property
    def owner(self) -> Owner:
        """Who the resource belongs to."""
        return Owner.of(self.request)

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an operation of the resource's service; raises ServiceError."""
        return self.service.call(self.spec.service, operation, parameters)

    def get(self, identifiers: Mapping[str, str]) -> Record | None:
        """The resource as it is now; None if the service does not show it."""
        if self.spec.get is None:
            return next(self._listed(identifiers), None) if self.spec.list else None
        try:
            answer = self.call(self.spec.get, identifiers)
        except ServiceError as error:
            if error.fault is Fault.NOT_FOUND:
                return None
            raise
        model = service_model(self.spec.service)
        output = model.operations[self.spec.get].output
        self.secrets.update(model.sensitive_texts(output, answer) if output else ())
        members = answer[self.spec.answer_field] if self.spec.answer_field else answer
        return self._with_tags(self.record({**identifiers, **members}))

    def record(self, members: Mapping[str, Any]) -> Record:
        """A record from the members that the service shows of it."""
        arn, name = members.get(self.spec.arn_field, ""), members.get(self.spec.shown_name_field, "")
        return Record(self.spec.physical_id(members), str(arn), str(name), members)

    def _with_tags(self, record: Record) -> Record:
        """The record with its tags, which not every get operation shows."""
        if "tags" in record.answer or not self.spec.is_taggable or not record.arn:
            return record
        tags = self.call("ListTagsForResource", {"resourceArn": record.arn}).get("tags", {})
        return replace(record, answer={**record.answer, "tags": tags})

    def _listed(self, identifiers: Mapping[str, str]) -> Iterator[Record]:
        for summary in self._summaries(identifiers):
            if all(str({**identifiers, **summary}[key]) == value for key, value in identifiers.items()):
                yield self.record({**identifiers, **summary})

    def phase(self, record: Record) -> Phase | None:
        """What a record's status means; None for one that this version does not know."""
        return self.spec.statuses.get(record.status) if self.spec.statuses else Phase.READY

    def named(self, record: Record) -> str:
        """A record for a message."""
        return f'{self.spec.kind} "{record.name}"'

    def find(self, wanted: Wanted) -> list[Record]:
        """All records that bear the name, fixed or generated; whose they are is still to be looked at."""
        found = []
        for summary in self._summaries(wanted.request):
            name = str(summary.get(self.spec.shown_name_field, ""))
            if name == wanted.fixed_name if wanted.fixed_name else self.owner.named(name, wanted.identity):
                place = {key: wanted.request[key] for key in self.spec.list_parameters if key in wanted.request}
                identifiers = self.spec.identifiers(self.record({**place, **summary}).id)
                record = self.get(identifiers) if identifiers else None
                if record is not None:
                    found.append(record)
                elif not self.settled():
                    # Either a moment after its creation or a moment after its end.
                    raise Unfinished(f'{self.spec.kind} "{name}" is listed, but does not show')
        return found

    def _summaries(self, known: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        parameters: dict[str, Any] = {}
        if self.spec.list:
            # The longest pages that the service gives: a step has to end within its function's time-out.
            model = service_model(self.spec.service)
            parameters["maxResults"] = model.shapes[model.input_members(self.spec.list)["maxResults"]]["max"]
        for key in self.spec.list_parameters:
            value = known[key] if key in known else self._looked_up(key, known)
            if value is None:
                # Without it nothing could have been created.
                return
            parameters[key] = value
        while self.spec.list:
            page = self._unless_gone(self.spec.list, parameters)
            if page is None:
                # What they would belong to is gone, and they with it.
                return
            yield from page.get(self.spec.list_field, ())
            if not page.get("nextToken"):
                return
            parameters = {**parameters, "nextToken": page["nextToken"]}

    def _looked_up(self, key: str, known: Mapping[str, Any]) -> object | None:
        lookup = self.spec.list_lookups.get(key)
        if lookup is None or any(parameter not in known for parameter in lookup.parameters):
            return None
        answer = self._unless_gone(lookup.operation, {parameter: known[parameter] for parameter in lookup.parameters})
        found: object | None = answer[lookup.field] if answer is not None else None
        return found

    def _unless_gone(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer of a call that asks about what a resource belongs to; None if that is not there.

        Raises:
            Unfinished: It does not show; it may have been made a moment ago.
        """
        try:
            return self.call(operation, parameters)
        except ServiceError as error:
            if error.fault is not Fault.NOT_FOUND:
                raise
            if not self.settled():
                raise Unfinished(str(error)) from error
            return None

    def with_texts(self, value: Any) -> Any:
        """A part of the request in which the texts of S3 objects stand for their places."""
        if is_asset(value):
            text = self.service.read_text(value["S3Bucket"], value["S3Key"])
            self.secrets.add(text)
            return text
        if isinstance(value, Mapping):
            return {key: self.with_texts(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.with_texts(item) for item in value]
        return value

    def redacted(self, text: str) -> str:
        """A text from which what AWS marks sensitive is taken out, should a service repeat it."""
        model = service_model(self.spec.service)
        shape = model.operations[self.spec.create].input
        secrets = set(self.secrets)
        for properties in (self.request.properties, self.request.old_properties):
            secrets.update(model.sensitive_texts(shape, properties) if shape else ())
        # The longest first: it may hold a shorter one.
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= _SECRET_CHARS:
                text = text.replace(secret, "***")
        return text

    def settled(self) -> bool:
        """Whether what was made before this request was signed would show by now."""
        return self.now >= self.request.signed_at + SETTLING_SECONDS

    def owns(self, record: Record, wanted: Wanted | None = None) -> bool:
        """Whether a record is this owner's: what `wanted` asks for, or anything.

        What can bear no mark is known by its generated name. With a name of the user's it is known by the id that
        CloudFormation has for it, or by being what is asked for and made since then.
        """
        if self.owner.owns(record, wanted.identity if wanted else None):
            return True
        if self.spec.is_taggable:
            return False
        if wanted is None:
            return record.id == self.request.physical_id
        is_known = record.id == self.request.physical_id or record.created_at >= self.request.signed_at
        return is_known and wanted.is_shown_by(record)

    def still_there(self, record: Record | None) -> Record:
        """The record of what an update changes.

        Raises:
            Unfinished: It does not show; it may have been made a moment ago.
            Failure: It is gone.
        """
        if record is not None:
            return record
        what = f"{self.spec.kind} {self.request.physical_id}"
        if self.spec.identifiers(self.request.physical_id) and not self.settled():
            raise Unfinished(f"{what} does not show")
        raise Failure(
            f"{what} is gone: it was deleted outside CloudFormation. Change a property that replaces it, or remove it "
            "from the stack and add it again"
        )

    def leave(self, record: Record) -> None:
        """Marks a record as one whose deletion has begun, so that nothing adopts it again."""
        mark = record.tags.get(MARK_KEY)
        if mark is None or record.is_left:
            return
        try:
            self.call("TagResource", {"resourceArn": record.arn, "tags": {MARK_KEY: left(mark)}})
        except ServiceError as error:
            # A record that cannot be tagged any more is INACTIVE or going; a denied or late call is tried again.
            if error.fault not in (Fault.CONFLICT, Fault.INVALID, Fault.NOT_FOUND):
                raise
