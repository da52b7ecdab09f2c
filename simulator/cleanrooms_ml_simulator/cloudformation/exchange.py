"""One request of CloudFormation to a custom resource, and the answers to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

LIMIT_BYTES = 4096


@dataclass(frozen=True)
class Answer:
    """An answer as CloudFormation reads it.

    Attributes:
        rejection: Why CloudFormation rejects it; empty if it does not.
    """

    at: float
    text: bytes
    status: str
    physical_id: str
    data: Mapping[str, Any]
    reason: str
    rejection: str = ""

    @property
    def is_success(self) -> bool:
        return self.status == "SUCCESS" and not self.rejection


@dataclass(eq=False)
class Exchange:
    """One request.

    Attributes:
        event: What the function gets.
        deadline: When CloudFormation stops waiting.
        answers: Everything that was PUT to the reply address, late answers included.
        was_cancelled: Whether CloudFormation lost interest before it knew the end.
        is_late: Whether the deadline has passed without an answer.
    """

    event: Mapping[str, Any]
    sent: float
    deadline: float
    answers: list[Answer] = field(default_factory=list)
    was_cancelled: bool = False
    is_late: bool = False

    @property
    def kind(self) -> str:
        return str(self.event["RequestType"])

    @property
    def logical_id(self) -> str:
        return str(self.event["LogicalResourceId"])

    @property
    def physical_id(self) -> str:
        """The id that CloudFormation sent along; empty on Create."""
        return str(self.event.get("PhysicalResourceId", ""))

    @property
    def answer(self) -> Answer | None:
        """The answer that counts."""
        return self.answers[0] if self.answers and not self.is_late else None

    @property
    def is_over(self) -> bool:
        return self.is_late or bool(self.answers)

    @property
    def seconds(self) -> float:
        """How long the answer took."""
        assert self.answer is not None, f"{self.kind} of {self.logical_id} was not answered"
        return self.answer.at - self.sent

    def take(self, at: float, text: bytes) -> None:
        """Receive an answer."""
        self.answers.append(read(self.event, at, text))


def read(event: Mapping[str, Any], at: float, text: bytes) -> Answer:
    """An answer, checked as CloudFormation checks it."""
    if len(text) > LIMIT_BYTES:
        return Answer(at, text, "FAILED", "", {}, "", "Response object is too long.")
    try:
        fields = json.loads(text)
    except ValueError:
        return Answer(at, text, "FAILED", "", {}, "", "Invalid Json in the response object")
    rejection = ""
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        if fields.get(name) != event[name]:
            rejection = f"Invalid {name} in the response object"
    physical_id = fields.get("PhysicalResourceId")
    if not isinstance(physical_id, str) or not 0 < len(physical_id) <= 1024:
        physical_id, rejection = "", "Invalid PhysicalResourceId"
    if fields.get("Status") not in ("SUCCESS", "FAILED"):
        rejection = "Invalid Status"
    if fields.get("Status") == "FAILED" and not fields.get("Reason"):
        rejection = "Reason is required for a failure"
    data = fields.get("Data") or {}
    if any(value is None for value in data.values()):
        rejection = "Template error: attributes must not be null"
    reason = str(fields.get("Reason", ""))
    return Answer(at, text, str(fields.get("Status")), physical_id, data, reason, rejection)


def reason_of(exchange: Exchange) -> str:
    """What CloudFormation shows for a request that failed."""
    request_id = exchange.event["RequestId"]
    answer = exchange.answer
    if answer is None:
        return (
            "CloudFormation did not receive a response from your Custom Resource. "
            f"Please check your logs for requestId [{request_id}]."
        )
    if answer.rejection:
        return answer.rejection
    return (
        f"Received response status [FAILED] from custom resource. Message returned: {answer.reason} "
        f"(RequestId: {request_id})"
    )


def signed_address(host: str, key: str, now: float) -> str:
    """A reply address in the form of CloudFormation's, with its signing time and a secret in the query."""
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={moment}&X-Amz-SignedHeaders=host&X-Amz-Expires=7200"
        f"&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F{moment[:8]}%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Signature=5ec4e75ec4e75ec4e75ec4e75ec4e7"
    )
    return f"http://{host}/{quote(key, safe='')}?{query}"
