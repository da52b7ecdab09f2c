"""A request of CloudFormation: its content, its validity, and the name of its execution."""

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
from .model import boolean
from .spec import DEFAULT_TIMEOUT_SECONDS, WAIT_RESOURCE_TYPE

# Environment variable with the host on which a sandbox accepts replies: set by its process, never by a template.
SANDBOX_REPLY_HOST = "CLEANROOMS_ML_REPLY_HOST"

_REPLY_HOST = re.compile(
    r"cloudformation-custom-resource-response-[a-z0-9-]+\.s3[.-](dualstack\.)?([a-z0-9-]+\.)?"
    r"(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)
_HASH_CHARS = 16
_MOMENT = "%Y%m%dT%H%M%SZ"


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

    @property
    def is_wait(self) -> bool:
        """Whether the request is for a `Ready` or a link before one, and not for a resource of the service."""
        return self.resource_type == WAIT_RESOURCE_TYPE

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings of this library: not part of the API request, and no reason to update anything."""
        settings = self.properties.get("Settings", {})
        return settings if isinstance(settings, Mapping) else {}

    def is_set(self, setting: str) -> bool:
        """Whether a setting is true; CloudFormation turns it into a string."""
        return boolean(str(self.settings.get(setting, ""))) is True

    @property
    def deadline(self) -> float:
        """When to give up, in seconds since 1970: before CloudFormation does."""
        return self.signed_at + self.timeout_seconds

    @property
    def timeout_seconds(self) -> int:
        """How long this request may take; a Delete always has the default."""
        if self.kind == "Delete":
            return DEFAULT_TIMEOUT_SECONDS
        return int(self.settings.get("TimeoutSeconds", DEFAULT_TIMEOUT_SECONDS))

    @property
    def waited_seconds(self) -> int:
        """How long a chain of links has waited when this request, the last one, reaches its deadline."""
        return self.timeout_seconds + int(self.settings.get("WaitedSeconds", 0))


def parse(event: Mapping[str, Any], environment: Mapping[str, str]) -> Request:
    """Parses an event.

    Raises:
        Refused: The event is not from CloudFormation or not for this stack.
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
    """Whether CloudFormation accepts replies at an address."""
    parts = urlsplit(address)
    sandbox = environment.get(SANDBOX_REPLY_HOST)
    if sandbox and parts.netloc == sandbox:
        return True
    return parts.scheme == "https" and _REPLY_HOST.fullmatch(parts.netloc) is not None


def signing_time(address: str) -> float:
    """When a presigned address was signed, in seconds since 1970.

    Raises:
        ValueError: The address has no signing time.
    """
    query = parse_qs(urlsplit(address).query)
    if "X-Amz-Date" in query:
        return moment(query["X-Amz-Date"][0])
    if "Expires" in query:
        # Signature version 2 has only the expiry time; CloudFormation signs for two hours.
        return float(query["Expires"][0]) - 7200
    raise ValueError("the reply address has no signing time")


def execution_name(request: Request) -> str:
    """The name of a request's execution.

    The same event has the same name, so that it runs once however often it is delivered; a retried deployment reuses
    the request id but not the signing time.
    """
    return f"{request_key(request)}-{moment_of(request.signed_at)}-{digest(request.text, _HASH_CHARS)}"


def moment_of(seconds: float) -> str:
    """A signing time as names and ids show it."""
    return datetime.fromtimestamp(seconds, UTC).strftime(_MOMENT)


def moment(text: str) -> float:
    """The time that `moment_of` shows, in seconds since 1970.

    Raises:
        ValueError: The text has another form.
    """
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC).timestamp()


def request_key(request: Request) -> str:
    """The prefix of the names of all executions for one logical id of one stack."""
    return digest(f"{request.stack_id}\n{request.logical_id}", _HASH_CHARS)


def canonical(value: object) -> str:
    """JSON that is equal for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str, chars: int) -> str:
    """The first characters of a text's SHA-256, in hexadecimal digits."""
    return sha256(text.encode("utf-8")).hexdigest()[:chars]
