"""The context of a step of the engine: the request, the service, the clock and the progress of earlier steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Protocol

from .errors import Failure, Fault, ServiceError
from .executions import Executions, Position, Purpose, Requests, name_for, purpose_of
from .history import PastRequest, requests
from .identity import (
    ASSET_KEY,
    OWNERSHIP_TAG_KEY,
    TEXT_PATH,
    Desired,
    Owner,
    Record,
    is_asset,
    with_deletion_marker,
)
from .model import service_model
from .request import Request, canonical, digest
from .spec import (
    CLOCK_SKEW_SECONDS,
    SETTLING_SECONDS,
    WORKER_TIMEOUT_SECONDS,
    Phase,
    ResourceSpec,
)

# Operations that change nothing.
_READING = ("Get", "List")

# A new role or policy takes this long to take effect.
PROPAGATION_SECONDS = 120

# The largest file asset: the characters that the service takes for a query, of four bytes at most.
_TEXT_BYTES = 4 * int(service_model("cleanroomsml").shapes["ProtectedQuerySQLParametersQueryStringString"]["max"])

# Shorter texts are not redacted: that would hide ordinary words.
_SECRET_CHARS = 4

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
# Those which say that this request created something, or may have.
CREATED = "created"
LOST_STEP = "lost_step"
OPEN_QUESTIONS = frozenset({"uncertain_at", "conflict_at", LOST_STEP, CREATED})
# What the list operation has returned so far, if the last step ended in the middle of it.
LISTINGS = "listings"
_KEY_CHARS = 10


class Caller(Executions, Protocol):
    """The calls that the engine needs of the client."""

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an operation; raises ServiceError."""
        ...

    def read_text(self, bucket: str, key: str, most_bytes: int) -> str:
        """The text of an S3 object, at most so long; raises ServiceError."""
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
    """

    def __init__(self, why: str, seconds: int = 0) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass
class Step:
    """One step for one resource.

    Attributes:
        progress: What one step passes to the next: plain JSON without any content of the request.
        now: The time, in seconds since 1970.
        execution: ARN of the execution that the step belongs to.
        secrets: Sensitive texts that this step has read: they never leave the step.
    """

    spec: ResourceSpec
    request: Request
    service: Caller
    progress: dict[str, Any]
    now: float
    execution: str
    secrets: set[str] = field(default_factory=set)
    _looked_at: float = inf
    _past: tuple[float, list[PastRequest]] | None = None

    def supersede_earlier(self) -> None:
        """Continues only for the latest request of the logical id, and stops the executions of earlier ones.

        A Create stops none, and asks only before it changes anything.

        Raises:
            Overtaken: Another request is later.
            Unfinished: A stopped execution may still be in a call, or one may not be listed yet.
            Failure: A request of the same second may be later.
        """
        if self.request.kind != "Create" and _ORDERED not in self.progress:
            self.ensure_latest()
            running = Requests(self.service, self.request, self.execution, running=True)
            purposes = (Purpose.REQUEST, Purpose.WATCH) if self.request.kind == "Delete" else (Purpose.REQUEST,)
            if running.stop_earlier(purposes, self.identity) and not self.request.is_wait:
                self.progress[_QUIET_UNTIL] = self.now + WORKER_TIMEOUT_SECONDS
            self.progress[_ORDERED] = True
        if self.now < self.progress.get(_QUIET_UNTIL, 0.0):
            raise Unfinished("waiting for an earlier request to end")

    def ensure_latest(self) -> None:
        """Ensures that no later request has come. A request that comes from now on stops this one's execution.

        Raises:
            Overtaken: One has come.
            Unfinished: Step Functions does not list this request yet; perhaps others too.
            Failure: One was signed in the same second, and nothing shows which of the two is the later one.
        """
        if self.now < self.progress.get(_LATEST_AT, 0.0) + _LATEST_SECONDS:
            return
        requests = Requests(self.service, self.request, self.execution)
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
            since: Since when at least, in seconds since 1970.
        """
        if self._past is None or since < self._past[0]:
            self._past = since, requests(self.service, self.request, self.execution, since)
        return self._past[1]

    def start(self, purpose: Purpose) -> None:
        """Starts another execution for work that continues after the answer. Idempotent."""
        self.service.start_execution(name_for(purpose, self.execution), self.request.text)

    @property
    def owner(self) -> Owner:
        """The owner of the resource."""
        return Owner.of(self.request)

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an operation of the resource's service; a request that has been overtaken changes nothing.

        Raises:
            ServiceError: The service refused, or did not answer.
            Overtaken: The operation changes something, and a later request has come.
        """
        changes = not operation.startswith(_READING)
        if changes and purpose_of(self.execution) is Purpose.REQUEST:
            self.ensure_latest()
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

    def get(self, identifiers: Mapping[str, str]) -> Record | None:
        """The resource as it is now; None if the service does not return it."""
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
        record = self.record({**identifiers, **members})
        if self.spec.versions and record.id != self.spec.physical_id(identifiers):
            # Without a version the service returns the latest one, and the first one is meant.
            first = next((it for it in self._versions(identifiers) if not it.get(self.spec.version_field)), None)
            if first is None:
                return None
            record = self.record({**identifiers, **first})
        return self._with_tags(record)

    def _versions(self, identifiers: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """The summaries of all versions of an ARN; of a kind without versions none."""
        model = service_model(self.spec.service)
        operation = self.spec.versions or ""
        members = model.input_members(operation)
        parameters = {key: value for key, value in identifiers.items() if key in members}
        parameters["maxResults"] = model.shapes[members["maxResults"]]["max"]
        while True:
            page = self._unless_gone(operation, parameters)
            if page is None:
                return
            yield from page.get(self.spec.list_field, ())
            if not page.get("nextToken"):
                return
            parameters = {**parameters, "nextToken": page["nextToken"]}

    def _meant(self, identifiers: dict[str, str], desired: Desired) -> list[dict[str, str]]:
        """The versions of a listed resource that a request can mean: the list returns only the latest."""
        version = self.spec.version_field
        if not version or version not in identifiers:
            return [identifiers]
        shared = {key: value for key, value in identifiers.items() if key != version}
        found = [shared if not it.get(version) else {**shared, version: it[version]} for it in self._versions(shared)]
        continues = bool(desired.request.get(self.spec.continues_field))
        return [each for each in found if continues or version not in each]

    def record(self, members: Mapping[str, Any]) -> Record:
        """A record from the members that the service returns."""
        arn, name = members.get(self.spec.arn_field, ""), members.get(self.spec.shown_name_field, "")
        return Record(self.spec.physical_id(members), str(arn), str(name), members)

    def _with_tags(self, record: Record) -> Record:
        """The record with its tags, which not every get operation returns."""
        if "tags" in record.answer or not self.spec.is_taggable or not record.arn:
            return record
        try:
            tags = self.call("ListTagsForResource", {"resourceArn": record.arn}).get("tags", {})
        except ServiceError as error:
            if error.fault is not Fault.NOT_FOUND:
                raise
            # The record shows, its tags do not: it was created or deleted a moment ago.
            return record
        return replace(record, answer={**record.answer, "tags": tags})

    def _listed(self, identifiers: Mapping[str, str]) -> Iterator[Record]:
        parameters = self._list_parameters(identifiers)
        for summary in self._summaries(parameters) if parameters else ():
            if all(str({**identifiers, **summary}[key]) == value for key, value in identifiers.items()):
                yield self.record({**identifiers, **summary})

    def phase(self, record: Record) -> Phase | None:
        """The phase of a record; None for a status that this version does not know."""
        return self.spec.statuses.get(record.status) if self.spec.statuses else Phase.READY

    def named(self, record: Record) -> str:
        """A record as messages name it."""
        return f'{self.spec.kind} "{record.name}"'

    def find(self, desired: Desired) -> list[Record]:
        """All records that have the name, fixed or generated; the caller checks whose they are."""
        found = []
        for physical_id, name in self._with_name(desired):
            listed = self.spec.identifiers(physical_id)
            for identifiers in self._meant(listed, desired) if listed else ():
                record = self.get(identifiers)
                if record is not None:
                    found.append(record)
                elif not self.settled():
                    # It was created or deleted a moment ago.
                    raise Unfinished(f'{self.spec.kind} "{name}" is listed, but does not show')
        return found

    def _with_name(self, desired: Desired) -> list[tuple[str, str]]:
        """Physical ids and names of all that have the name.

        A step that is throttled in the middle of the list leaves its position to the next one.
        """
        parameters = self._list_parameters(desired.request)
        if parameters is None:
            return []
        key = digest(canonical([desired.identity, desired.fixed_name]), _KEY_CHARS)
        listing = self.progress.setdefault(LISTINGS, {}).setdefault(key, {"since": self.now, "found": [], "next": ""})
        known = {key: value for key, value in parameters.items() if key in desired.request}
        while listing["next"] is not None:
            page = self._page(parameters, listing["next"])
            for summary in page.get(self.spec.list_field, ()):
                name = str(summary.get(self.spec.shown_name_field, ""))
                if name == desired.fixed_name if desired.fixed_name else self.owner.named(name, desired.identity):
                    listing["found"].append((self.record({**known, **summary}).id, name))
            listing["next"] = page.get("nextToken")
        self._looked_at = min(self._looked_at, listing["since"])
        return list(map(tuple, listing["found"]))

    def _list_parameters(self, known: Mapping[str, Any]) -> dict[str, Any] | None:
        """The parameters of the list operation; None if nothing can be listed."""
        if self.spec.list is None:
            return None
        # The largest pages that the service returns: a step must end within its function's time-out.
        model = service_model(self.spec.service)
        parameters = {"maxResults": model.shapes[model.input_members(self.spec.list)["maxResults"]]["max"]}
        for key in self.spec.list_parameters:
            value = known[key] if key in known else self._looked_up(key, known)
            if value is None:
                # Without it nothing could have been created.
                return None
            parameters[key] = value
        return parameters

    def _summaries(self, parameters: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        token: str | None = ""
        while token is not None:
            page = self._page(parameters, token)
            yield from page.get(self.spec.list_field, ())
            token = page.get("nextToken")

    def _page(self, parameters: Mapping[str, Any], token: str) -> Mapping[str, Any]:
        """A page of the list; without the parent an empty one, because its resources are gone with it."""
        assert self.spec.list is not None
        return self._unless_gone(self.spec.list, {**parameters, **({"nextToken": token} if token else {})}) or {}

    def _looked_up(self, key: str, known: Mapping[str, Any]) -> object | None:
        lookup = self.spec.list_lookups.get(key)
        if lookup is None or any(parameter not in known for parameter in lookup.parameters):
            return None
        answer = self._unless_gone(lookup.operation, {parameter: known[parameter] for parameter in lookup.parameters})
        found: object | None = answer[lookup.field] if answer is not None else None
        return found

    def _unless_gone(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer of a call about the parent of a resource; None if the parent does not exist.

        Raises:
            Unfinished: The parent does not show; it may have been created a moment ago.
        """
        try:
            return self.call(operation, parameters)
        except ServiceError as error:
            if error.fault is not Fault.NOT_FOUND:
                raise
            if not self.settled():
                raise Unfinished(str(error)) from error
            return None

    def with_texts(self, value: Any, path: tuple[str, ...] = ()) -> Any:
        """A part of the request with the stack's file assets replaced by their texts, where constructs write them.

        Raises:
            ServiceError: One cannot be read.
            Failure: One has a key that is none of a file asset.
        """
        if is_asset(value) and path[-len(TEXT_PATH) :] == TEXT_PATH:
            key = str(value["S3Key"])
            if not ASSET_KEY.fullmatch(key):
                raise Failure(f"{'.'.join(path)} is not a file asset of this stack")
            text = self.service.read_text(str(value["S3Bucket"]), key, _TEXT_BYTES)
            self.secrets.add(text)
            return text
        if isinstance(value, Mapping):
            return {key: self.with_texts(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.with_texts(item, path) for item in value]
        return value

    def with_versions(self, request: dict[str, Any]) -> dict[str, Any]:
        """A create request that says which version a run continues: where it does not, the latest one."""
        if not request.get(self.spec.continues_field) or self.spec.get is None:
            return request
        version, channels = self.spec.version_field, []
        for channel in request[self.spec.continues_field]:
            if not channel.get(version):
                members = service_model(self.spec.service).input_members(self.spec.get)
                known = {key: value for key, value in {**request, **channel}.items() if key in members}
                latest = self.call(self.spec.get, known).get(version)
                channel = {**channel, version: latest} if latest else channel
            channels.append(channel)
        return {**request, self.spec.continues_field: channels}

    def redacted(self, text: str) -> str:
        """A text without what AWS marks as sensitive, should a service repeat it."""
        model = service_model(self.spec.service)
        shape = model.operations[self.spec.create].input
        secrets = set(self.secrets)
        for properties in (self.request.properties, self.request.old_properties):
            secrets.update(model.sensitive_texts(shape, properties) if shape else ())
        # The longest first: it may contain a shorter one.
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= _SECRET_CHARS:
                text = text.replace(secret, "***")
        return text

    def settled(self) -> bool:
        """Whether a resource created before this request was signed would show by now."""
        return self.looked_at >= self.request.signed_at + SETTLING_SECONDS

    @property
    def looked_at(self) -> float:
        """The time of what this step knows of the service, in seconds since 1970: that of the oldest list it uses."""
        return min(self.now, self._looked_at)

    def owns(self, record: Record, desired: Desired | None = None) -> bool:
        """Whether a record is this owner's, in the desired state or, if omitted, in any.

        A record that cannot have the ownership tag is known by its generated name. With a name of the user's it is
        known by the physical id, or by being in the desired state and created since the request was signed. A record
        that has lost its tag, or never had room for it, is known by the physical id and the generated name.

        Raises:
            Unfinished: It may have a tag that does not show yet.
        """
        is_named = self.owner.owns(record, desired.identity if desired else None)
        is_answered = record.id == self.request.physical_id
        if self.spec.versions and is_answered and self.owner.is_in_stack(record):
            # All versions of an ARN share their tags: this may be the tag of the resource of another version.
            return True
        if self.spec.is_taggable:
            if OWNERSHIP_TAG_KEY not in record.tags and self._tags_may_be_late(record):
                raise Unfinished(f"{self.named(record)} does not show its tags yet")
            return is_named and (is_answered or OWNERSHIP_TAG_KEY in record.tags)
        if desired is None:
            return is_named or is_answered
        is_known = is_answered or self.is_of_this_request(record)
        return is_named or (is_known and desired.is_shown_by(record))

    def _tags_may_be_late(self, record: Record) -> bool:
        if self.phase(record) in (Phase.GONE, Phase.DELETING):
            return False
        if "tags" not in record.answer:
            return not self.settled()
        return self.now < record.created_at + SETTLING_SECONDS

    def is_of_this_request(self, record: Record) -> bool:
        """Whether this request created a record: since it was signed, or with a clock that is behind."""
        if record.created_at >= self.request.signed_at or record.id == self.progress.get(CREATED):
            return True
        may_be = not OPEN_QUESTIONS.isdisjoint(self.progress)
        return may_be and record.created_at >= self.request.signed_at - CLOCK_SKEW_SECONDS

    def is_proven(self, record: Record) -> bool:
        """Whether identity and time of creation prove that a request may delete a record without marking it first."""
        properties = self.request.properties if self.request.kind == "Delete" else self.request.old_properties
        identities = {self.identity(properties), self.identity(self.request.properties)}
        return any(self.owner.owns(record, identity) for identity in identities) and (
            self.request.kind != "Delete" or record.created_at < self.request.signed_at + WORKER_TIMEOUT_SECONDS
        )

    def require_present(self, record: Record | None) -> Record:
        """The record of the resource that an update changes.

        Raises:
            Unfinished: It does not show; it may have been created a moment ago.
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

    def mark_for_deletion(self, record: Record) -> bool:
        """Adds the deletion marker to a record's ownership tag, so that nothing adopts it again.

        Returns:
            Whether it has the marker; a kind without tags needs none.
        """
        tag_value = record.tags.get(OWNERSHIP_TAG_KEY)
        if not self.spec.is_taggable or record.is_marked_for_deletion:
            return True
        if tag_value is None:
            return False
        tags = {OWNERSHIP_TAG_KEY: with_deletion_marker(tag_value)}
        try:
            self.call("TagResource", {"resourceArn": record.arn, "tags": tags})
        except ServiceError as error:
            # A record that cannot be tagged is pending, INACTIVE or being deleted; a denied or lost call is retried.
            if error.fault not in (Fault.CONFLICT, Fault.INVALID, Fault.NOT_FOUND):
                raise
            return False
        return True
