"""The answer to CloudFormation: its form, its size and its delivery."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .request import Request, without_surrogates

# CloudFormation discards a longer answer, and with it the reason.
LIMIT_BYTES = 4096
_TRIES = 5
_ELLIPSIS = "…"
# A character takes at most twelve bytes of JSON, and no reason needs more characters.
_REASON_CHARS = 4000


@dataclass(frozen=True)
class Answer:
    """The end of a request.

    Attributes:
        physical_id: The resource's id; after a failure the id that CloudFormation should keep.
        attributes: Attributes for Fn::GetAtt: every declared one, none of them None.
        reason: The reason of a failure; None is success.
    """

    physical_id: str
    attributes: Mapping[str, object] = field(default_factory=dict)
    reason: str | None = None


class ReplyError(Exception):
    """The answer did not arrive."""


def render(request: Request, answer: Answer) -> bytes:
    """The answer in CloudFormation's format, at most `LIMIT_BYTES` long: the end of the reason is cut."""
    reason = answer.reason
    body = _body(request, answer, reason)
    if len(body) <= LIMIT_BYTES:
        return body
    if reason is None:
        failed = Answer(answer.physical_id, reason=f"the attributes take {len(body)} bytes; allowed are {LIMIT_BYTES}")
        return render(request, failed)
    reason = reason[:_REASON_CHARS]
    while reason and len(body := _body(request, answer, reason + _ELLIPSIS)) > LIMIT_BYTES:
        surplus = len(body) - LIMIT_BYTES
        # A character takes one to twelve bytes of JSON: never cut more than needed.
        reason = reason[: -max(1, surplus // 12)]
    return body


def _body(request: Request, answer: Answer, reason: str | None) -> bytes:
    fields: dict[str, object] = {
        "Status": "SUCCESS" if answer.reason is None else "FAILED",
        "PhysicalResourceId": answer.physical_id,
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_id,
        "Data": dict(answer.attributes),
    }
    if reason is not None:
        fields["Reason"] = reason
    return json.dumps(without_surrogates(fields), separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def send(request: Request, answer: Answer, sleep: Callable[[float], None]) -> None:
    """Puts the answer to the request's address; retries a failed put.

    Raises:
        ReplyError: The answer was not accepted.
    """
    body = render(request, answer)
    for trial in range(_TRIES):
        # The address was checked against CloudFormation's hosts when the event was parsed.
        put = urllib.request.Request(request.reply_address, data=body, method="PUT")  # noqa: S310
        # The address is signed for an empty content type.
        put.add_header("Content-Type", "")
        try:
            with urllib.request.urlopen(put, timeout=10):  # noqa: S310
                return
        except urllib.error.HTTPError as error:
            fault = f"HTTP {error.code}"
            error.close()
            if error.code < 500 and error.code not in (408, 429):
                break
        except OSError as error:
            fault = type(error).__name__
        sleep(2**trial / 2)
    # Neither the address nor the answer belongs in a log.
    raise ReplyError(f"the answer for {request.logical_id} was not accepted: {fault}")
