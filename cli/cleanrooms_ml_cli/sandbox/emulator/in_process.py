"""A boto3 client that talks to an emulator in the same process, without a socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .api.wire import Request
from .calls import SERVICES
from .emulator import Emulator
from .errors import DroppedConnection

_EVENTS: Mapping[str, str] = {f"before-send.{service}.*": service for service in SERVICES.values()}


def attach(client_or_session: Any, emulator: Emulator, caller: str = "", account: str = "") -> Callable[[], None]:
    """Lets an emulator answer a boto3 client, or the `cleanroomsml` and `cleanrooms` clients of a session.

    Args:
        client_or_session: A boto3 client, or a botocore or boto3 session.
        emulator: What answers.
        caller: ARN of the role that the journal is to name.
        account: The account that the requests come from. Default: the emulator's.

    Returns:
        A function that detaches the emulator again.
    """
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.exceptions import ConnectionClosedError

    def answer(request: AWSPreparedRequest, service: str) -> AWSResponse:
        url = urlsplit(request.url)
        body = request.body or b""
        headers = {name: _text(value) for name, value in request.headers.items()}
        content = body.encode() if isinstance(body, str) else bytes(body)
        try:
            response = emulator.handle(
                Request(request.method, url.path, url.query, headers, content, caller, account, service)
            )
        except DroppedConnection as error:
            raise ConnectionClosedError(endpoint_url=request.url) from error
        return AWSResponse(request.url, response.status, response.headers, _Raw(response.body))

    events = getattr(client_or_session, "events", None) or client_or_session.meta.events
    hooks = {event: _hook(answer, service) for event, service in _EVENTS.items()}
    for event, hook in hooks.items():
        events.register(event, hook)

    def detach() -> None:
        for event, hook in hooks.items():
            events.unregister(event, hook)

    return detach


def _hook(answer: Callable[[Any, str], Any], service: str) -> Callable[..., Any]:
    def hook(request: Any, **_: object) -> Any:
        return answer(request, service)

    return hook


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


class _Raw:
    """The part of a urllib3 response that botocore reads."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: object, **__: object) -> Any:
        yield self._body
