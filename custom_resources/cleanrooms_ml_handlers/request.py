"""An event of CloudFormation: what it asks, whether it may ask, and which execution carries it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .errors import Refused
from .spec import DEFAULT_TIMEOUT_SECONDS, WAIT_RESOURCE_TYPE

# Names the host that a sandbox takes replies on. It comes from the process, never from a template.
SANDBOX_REPLY_HOST = "CLEANROOMS_ML_REPLY_HOST"

_REPLY_HOST = re.compile(
    r"cloudformation-custom-resource-response-[a-z0-9-]+\.s3[.-](dualstack\.)?([a-z0-9-]+\.)?"
    r"(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)
_HASH_CHARS = 16


@dataclass(frozen=True)
class Request:
    """One request of CloudFormation for a custom resource.

    Attributes:
        kind: Create, Update or Delete.
        physical_id: The id so far; empty on Create.
        properties: The resource's properties, every scalar a string.
        old_properties: Those before an Update; else empty.
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
        """The part of the stack's id that no other stack ever has."""
        return self.stack_id.rsplit("/", 1)[-1]

    @property
    def is_wait(self) -> bool:
        """Whether it is for a `Ready` or a link before one, and not for a resource of the service."""
        return self.resource_type == WAIT_RESOURCE_TYPE

    @property
    def settings(self) -> Mapping[str, Any]:
        """What we set ourselves: neither part of the API's request nor a reason to update anything."""
        settings = self.properties.get("Settings", {})
        return settings if isinstance(settings, Mapping) else {}

    @property
    def deadline(self) -> float:
        """When to give up, in seconds since 1970, well before CloudFormation does."""
        return self.signed_at + self.timeout_seconds

    @property
    def timeout_seconds(self) -> int:
        """How long this request may take; a Delete has all the time there is, however short the wait was."""
        if self.kind == "Delete":
            return DEFAULT_TIMEOUT_SECONDS
        return int(self.settings.get("TimeoutSeconds", DEFAULT_TIMEOUT_SECONDS))

    @property
    def waited_seconds(self) -> int:
        """How long a chain has waited when this request, the last of it, runs out of time."""
        return self.timeout_seconds + int(self.settings.get("WaitedSeconds", 0))


def parse(event: Mapping[str, Any], environment: Mapping[str, str]) -> Request:
    """Reads an event.

    Raises:
        Refused: The event is not one of CloudFormation's for this stack.
    """
    try:
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
    except (KeyError, ValueError, TypeError) as error:
        raise Refused(f"not an event of CloudFormation: {type(error).__name__} {error}") from error
    if request.kind not in ("Create", "Update", "Delete"):
        raise Refused(f"unknown request type {request.kind!r}")
    if request.stack_id != environment.get("STACK_ID"):
        raise Refused(f"the event is for stack {request.stack_id}, not for this function's own")
    if not may_answer(request.reply_address, environment):
        raise Refused(f"the reply host {urlsplit(request.reply_address).hostname} is not one of CloudFormation's")
    return request


def may_answer(address: str, environment: Mapping[str, str]) -> bool:
    """Whether an address is one that CloudFormation takes replies on."""
    parts = urlsplit(address)
    sandbox = environment.get(SANDBOX_REPLY_HOST)
    if sandbox and parts.netloc == sandbox:
        return True
    return parts.scheme == "https" and _REPLY_HOST.fullmatch(parts.netloc) is not None


def signing_time(address: str) -> float:
    """When a presigned address was signed, in seconds since 1970.

    Raises:
        ValueError: The address does not say.
    """
    query = parse_qs(urlsplit(address).query)
    if "X-Amz-Date" in query:
        moment = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")
        return moment.replace(tzinfo=UTC).timestamp()
    if "Expires" in query:
        # Signature version 2 carries the end alone; CloudFormation signs for two hours.
        return float(query["Expires"][0]) - 7200
    raise ValueError("the reply address has no signing time")


def execution_name(request: Request) -> str:
    """The name of the execution that carries a request.

    The same event gives the same name, so that however often it is delivered it runs once; a retried deployment
    reuses the request id but not the time.
    """
    moment = datetime.fromtimestamp(request.signed_at, UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{line_of(request)}-{moment}-{digest(request.text, _HASH_CHARS)}"


def line_of(request: Request) -> str:
    """What the names of all executions for one logical id of one stack begin with."""
    return digest(f"{request.stack_id}\n{request.logical_id}", _HASH_CHARS)


def canonical(value: object) -> str:
    """JSON that is equal for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str, chars: int) -> str:
    """The first characters of a text's SHA-256, in hexadecimal digits."""
    return sha256(text.encode("utf-8")).hexdigest()[:chars]
