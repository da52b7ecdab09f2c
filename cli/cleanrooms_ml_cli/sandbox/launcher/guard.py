"""Refuses what a web page sends: the sandbox runs code, and every page in a browser can send requests to this machine.

A request acts for whichever program sent it only if that program is no page of another site. Browsers say so in
headers that a page cannot change: `Origin`, `Sec-Fetch-Site`, and `Host`, which a page whose name was rebound to
127.0.0.1 still has from its own name.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from ..environment import PAGE_PATH

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

_ADDRESSES = ("127.0.0.1", "localhost", "[::1]")
# Browsers and resolvers keep these names on this machine (RFC 6761): virtual hosts of S3 and of functions.
_LOCAL_DOMAIN = ".localhost"
_OWN_SITES = ("none", "same-origin")
# Of two of these only one would be looked at.
_DECIDING = (b"host", b"origin", b"sec-fetch-site", b"content-type")
# The parameter with the operation of the query protocol, which takes orders by GET, too.
_ACTION = "Action"
# These take orders that no signature covers; a reply to CloudFormation is a PUT to an address nobody can guess.
_CONTROL_PATHS = ("/_cleanroomsml/", "/_ministack/", "/_localstack/")
_JSON = "application/json"

_FORBIDDEN = 403
_UNSUPPORTED_MEDIA_TYPE = 415
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")
# What the sandbox stores, an HTML file in a bucket for example, is no page of its own: as a document it gets an origin
# that equals no other one, so that its requests are those of another site.
_CSP = b"content-security-policy"
_STORED = b"sandbox allow-scripts allow-forms"


class Guard:
    """The ASGI application in front of all others.

    Args:
        inner: What answers the requests that may pass.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Handle one connection event of the server."""
        if scope["type"] not in ("http", "websocket"):
            await self._inner(scope, receive, send)
            return
        refused = refusal(scope)
        if refused is None:
            await self._inner(scope, receive, _Guarded(send, is_page=scope["path"] == PAGE_PATH))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refused[1]})
        else:
            await _answer(send, *refused)


class _Guarded:
    """Sends on without the header that lets every page read the answer, and keeps what is stored from acting as a page.

    Args:
        send: The server's; `gateway` finds the connection through it.
        is_page: Whether the answer is the sandbox's own page, which has a policy of its own.
    """

    def __init__(self, send: Send, *, is_page: bool) -> None:
        self.send = send
        self._is_page = is_page

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            kept = [header for header in message.get("headers", ()) if not _allows_any_origin(*header)]
            if not self._is_page:
                # With a policy that is there already both apply. A bucket's name as host leaves the path to its keys.
                kept.append((_CSP, _STORED))
            message = {**message, "headers": kept}
        await self.send(message)


def refusal(scope: Mapping[str, Any]) -> tuple[int, str] | None:
    """Why a request may not pass, with the HTTP status; None if it may."""
    headers: Mapping[str, str] = {
        name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, value in scope["headers"]
    }
    names = [name.lower() for name, _ in scope["headers"]]
    if any(names.count(name) > 1 for name in _DECIDING):
        return _FORBIDDEN, "A header that says whose request it is came twice; send one"
    host = headers.get("host", "")
    if not _is_own(host):
        allowed = f"{', '.join(_ADDRESSES)} and names that end with {_LOCAL_DOMAIN}"
        return _FORBIDDEN, f"The host {host!r} is not the sandbox's; allowed are {allowed}"
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        return _FORBIDDEN, f"The origin {origin!r} is not the sandbox's; a page of another origin may not use it"
    site = headers.get("sec-fetch-site", "none")
    if site not in _OWN_SITES:
        return _FORBIDDEN, f"A page of another origin may not use the sandbox (Sec-Fetch-Site: {site})"
    if "sec-fetch-site" in headers and _ACTION in parse_qs(scope["query_string"].decode("latin-1")):
        # A link in a mail has no origin, and neither has a redirect from an address that somebody typed.
        return _FORBIDDEN, f"A browser may not send an order as an address ({_ACTION}=...); send it with the AWS CLI"
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if scope.get("method") == "POST" and scope["path"].startswith(_CONTROL_PATHS) and content_type != _JSON:
        return _UNSUPPORTED_MEDIA_TYPE, f"{scope['path']} takes JSON; send it with the header Content-Type: {_JSON}"
    return None


def _is_own(host: str) -> bool:
    name, _, port = host.lower().rpartition(":")
    if not name or not port.isdecimal():
        name = host.lower()
    return name in _ADDRESSES or name.endswith(_LOCAL_DOMAIN)


def _allows_any_origin(name: bytes, value: bytes) -> bool:
    return (name.lower(), value.strip()) == _ANY_ORIGIN


async def _answer(send: Send, status: int, message: str) -> None:
    # Services call it `message`, the control endpoint `error`.
    body = json.dumps({"message": message, "error": message}).encode()
    headers = [(b"content-type", _JSON.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
