"""A boto3 client that talks to an emulator in the same process, without a socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .emulator import Emulator
from .wire import DroppedConnection, Request

_EVENT = "before-send.cleanroomsml.*"


def attach(client_or_session: Any, emulator: Emulator, caller: str = "") -> Callable[[], None]:
    """Lets an emulator answer a boto3 client, or the `cleanroomsml` clients that a session will make.

    Args:
        client_or_session: A boto3 client, or a botocore or boto3 session.
        emulator: What answers.
        caller: ARN of the role that the journal is to name.

    Returns:
        A function that detaches the emulator again.
    """
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.exceptions import ConnectionClosedError

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        url = urlsplit(request.url)
        body = request.body or b""
        headers = {name: _text(value) for name, value in request.headers.items()}
        content = body.encode() if isinstance(body, str) else bytes(body)
        try:
            response = emulator.handle(Request(request.method, url.path, url.query, headers, content, caller))
        except DroppedConnection as error:
            raise ConnectionClosedError(endpoint_url=request.url) from error
        return AWSResponse(request.url, response.status, response.headers, _Raw(response.body))

    events = getattr(client_or_session, "events", None) or client_or_session.meta.events
    events.register(_EVENT, answer)
    return lambda: events.unregister(_EVENT, answer)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


class _Raw:
    """The part of a urllib3 response that botocore reads."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Any:
        yield self._body
