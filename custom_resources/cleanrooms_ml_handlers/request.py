"""A request of CloudFormation: its content, its validity, and the name of its execution."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from .errors import Refused
from .model import boolean
from .reply_address import CLOCK_SECONDS, VALID_SECONDS, may_answer, moment_of, signing_time
from .shared_names import RESOURCE_TYPE_PREFIX, WAIT_RESOURCE_TYPE
from .timing import DEFAULT_TIMEOUT_SECONDS

_HASH_CHARS = 16
# In the order in which CloudFormation sends them, if in the same second.
REQUEST_TYPES = ("Create", "Update", "Delete")
_NO_EVENT: Mapping[str, Any] = {
    "RequestType": "",
    "ResourceType": "",
    "PhysicalResourceId": "",
    "ResourceProperties": {},
}
# An execution takes 256 KiB of input, and a step of it the request together with its progress.
EVENT_BYTES = 224 * 1024


@dataclass(frozen=True)
class Request:
    """One request of CloudFormation for a custom resource.

    Attributes:
        kind: Create, Update or Delete.
        physical_id: The id so far; empty on Create.
        properties: The resource's properties, every scalar a string.
        old_properties: The properties before an Update; empty otherwise.
        signed_at: When CloudFormation signed the reply address, in seconds since 1970.
        text: The whole event as canonical JSON.
    """

    kind: str
    stack_id: str
    logical_id: str
    physical_id: str
    resource_type: str
    reply_address: str
    request_id: str
    properties: Mapping[str, Any]
    old_properties: Mapping[str, Any]
    signed_at: float
    text: str

    @property
    def stack_guid(self) -> str:
        """The part of the stack id that is unique among all stacks, deleted ones included."""
        return self.stack_id.rsplit("/", 1)[-1]

    def is_role_of_stack(self, role_arn: str) -> bool:
        """Whether a role has the path of those that this library creates for the stack."""
        head, name, _ = self.stack_id.split("/")
        _, partition, _, region, account, _ = head.split(":")
        paths = (f"/cleanrooms-ml/{name}/", f"/cleanrooms-ml/{region}/{name}/")
        return any(role_arn.startswith(f"arn:{partition}:iam::{account}:role{path}") for path in paths)

    @property
    def is_wait(self) -> bool:
        """Whether the request is for a `Ready` or a link before one, and not for a resource of the service."""
        return self.resource_type == WAIT_RESOURCE_TYPE

    @property
    def spec_kind(self) -> str:
        """The kind of resource that the request is about, as the API names it."""
        return kind_named(self.resource_type, self.properties)

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings of this library: not part of the API request, and no reason to update anything."""
        return settings_of(self.properties)

    def is_set(self, setting: str) -> bool:
        """Whether a setting is true."""
        return is_set(self.properties, setting)

    @property
    def deadline(self) -> float:
        """When to give up, in seconds since 1970: before CloudFormation does."""
        return self.signed_at + self.timeout_seconds

    @property
    def timeout_seconds(self) -> int:
        """How long this request may take; a Delete always has the default."""
        if self.kind == "Delete":
            return DEFAULT_TIMEOUT_SECONDS
        return min(int(self.settings.get("TimeoutSeconds", DEFAULT_TIMEOUT_SECONDS)), DEFAULT_TIMEOUT_SECONDS)

    @property
    def waited_seconds(self) -> int:
        """How long a chain of links has waited when this request, the last one, reaches its deadline."""
        return self.timeout_seconds + int(self.settings.get("WaitedSeconds", 0))


def settings_of(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of this library in some properties; empty if there are none."""
    settings = properties.get("Settings", {})
    return settings if isinstance(settings, Mapping) else {}


def is_set(properties: Mapping[str, Any], setting: str) -> bool:
    """Whether a setting is true; CloudFormation turns it into a string."""
    return boolean(str(settings_of(properties).get(setting, ""))) is True


def kind_named(resource_type: str, properties: Mapping[str, Any]) -> str:
    """The kind of resource that a request is about, as the API names it."""
    kind = str(properties.get("Kind")) if resource_type == WAIT_RESOURCE_TYPE else resource_type
    return kind.removeprefix(RESOURCE_TYPE_PREFIX)


def parse(event: Mapping[str, Any], environment: Mapping[str, str]) -> Request:
    """Parses an event.

    Raises:
        Refused: The event is not from CloudFormation or not for this stack.
    """
    try:
        event = without_surrogates(event)
        request = Request(
            kind=str(event["RequestType"]),
            stack_id=str(event["StackId"]),
            logical_id=str(event["LogicalResourceId"]),
            physical_id=str(event.get("PhysicalResourceId", "")),
            resource_type=str(event["ResourceType"]),
            reply_address=str(event["ResponseURL"]),
            request_id=str(event["RequestId"]),
            properties=dict(event.get("ResourceProperties") or {}),
            old_properties=dict(event.get("OldResourceProperties") or {}),
            signed_at=signing_time(str(event["ResponseURL"])),
            text=canonical(event),
        )
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(f"not an event of CloudFormation: {type(error).__name__} {error}") from error
    if request.kind not in REQUEST_TYPES:
        raise Refused(f"unknown request type {request.kind!r}")
    if not _is_well_formed(event):
        # What Step Functions records of it is read as long as it keeps that.
        raise Refused("not an event of CloudFormation: its properties or its physical id have another form")
    if request.stack_id != environment.get("STACK_ID"):
        raise Refused(f"the event is for stack {request.stack_id}, not for this function's own")
    if not may_answer(request.reply_address, request.stack_id, environment):
        raise Refused(f"the reply host {urlsplit(request.reply_address).hostname} is not one of CloudFormation's")
    return request


def _is_well_formed(event: Any) -> bool:
    """Whether an event has the members that are read of it later, in the form in which CloudFormation sends them."""
    return (
        isinstance(event, Mapping)
        and event.get("RequestType") in REQUEST_TYPES
        and all(isinstance(event.get(key, {}), Mapping) for key in ("ResourceProperties", "OldResourceProperties"))
        and (event["RequestType"] == "Create" or isinstance(event.get("PhysicalResourceId"), str))
    )


def recorded(text: str) -> Mapping[str, Any]:
    """The event that Step Functions has recorded for an execution, by whatever caller it was started.

    Returns:
        An event of no type if it is none of CloudFormation's.
    """
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return _NO_EVENT
    return {**_NO_EVENT, **event} if _is_well_formed(event) else _NO_EVENT


def check_signing_time(request: Request, now: float, *, is_proven: Callable[[], bool] = bool) -> None:
    """Checks that a request was signed a moment ago.

    Args:
        request: The request.
        now: The time, in seconds since 1970.
        is_proven: Returns whether a request that was signed long ago has been processed since then.

    Raises:
        Refused: It was signed in the future, or too long ago.
    """
    if request.signed_at > now + CLOCK_SECONDS:
        raise Refused("the reply address is signed in the future")
    if request.signed_at < now - VALID_SECONDS and not is_proven():
        raise Refused("the reply address is not valid any more")


def was_valid(request: Request, at: float) -> bool:
    """Whether the reply address of a request was valid at a time, in seconds since 1970."""
    return request.signed_at - CLOCK_SECONDS <= at <= request.signed_at + VALID_SECONDS


def execution_name(request: Request) -> str:
    """The name of a request's execution.

    The same event has the same name, so that it runs once however often it is delivered; a retried deployment reuses
    the request id but not the signing time.
    """
    return f"{request_key(request)}-{moment_of(request.signed_at)}-{digest(request.text, _HASH_CHARS)}"


def request_key(request: Request) -> str:
    """The prefix of the names of all executions for one logical id of one stack."""
    return digest(f"{request.stack_id}\n{request.logical_id}", _HASH_CHARS)


def canonical(value: object) -> str:
    """JSON that is equal for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def without_surrogates(value: Any) -> Any:
    """A value with "?" for each half of a character, which UTF-8 does not have: JSON can contain one."""
    if isinstance(value, str):
        # Most texts, found out at once: every answer of every call passes here.
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    # JSON has no other mappings.
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    return value


def digest(text: str, chars: int) -> str:
    """The first characters of a text's SHA-256, in hexadecimal digits."""
    return sha256(text.encode("utf-8")).hexdigest()[:chars]
