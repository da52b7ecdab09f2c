"""The one address: what is Clean Rooms ML or Clean Rooms goes to the emulator, everything else to MiniStack."""

from __future__ import annotations

import asyncio
import contextvars
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..emulator import DroppedConnection, Emulator, Request, Response, emulator_error
from ..emulator.calls import SERVICES
from ..environment import IDENTITY_PATH, PAGE_PATH
from ..page import POLICY, document
from .guard import Receive, Send
from .pinned import VERSION, module
from .unsupported import Answer, unsupported

CONTROL_PREFIX = "/_cleanroomsml/"

_MODULE = "cleanroomsml"
# A fault may answer minutes late; these calls must not use up MiniStack's own workers.
_THREADS = 64

# None when the call is allowed, else the refusal.
Authorize = Callable[[Request, Mapping[str, str], Mapping[str, list[str]]], Answer | None]


@dataclass(frozen=True)
class _Wire:
    """The request as it came, which MiniStack's handlers get only in decoded form."""

    path: str
    query: str


_wire: contextvars.ContextVar[_Wire] = contextvars.ContextVar("cleanrooms_ml_wire")


class _Drop(BaseException):  # not an Exception: MiniStack would turn that into an answer with 500
    """Ends a request without an answer."""


class Service:
    """Clean Rooms ML and Clean Rooms in the form of one of MiniStack's service modules."""

    def __init__(self, emulator: Emulator, authorize: Authorize | None) -> None:
        self._emulator = emulator
        self._authorize = authorize
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="cleanrooms-ml")

    def register(self) -> None:
        """Enter it into MiniStack's registries; its reset then resets this one, too."""
        app = module("app")
        app._loaded_modules[_MODULE] = self
        for name in SERVICES:
            app.SERVICE_REGISTRY[name] = {"module": _MODULE}
            app.SERVICE_HANDLERS[name] = app._lazy_handler(_MODULE)
            # The router takes a service by the credential scope when it has patterns of that name.
            module("core.router").SERVICE_PATTERNS[name] = {"host_patterns": [rf"{re.escape(name)}\."]}

    async def handle_request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, list[str]],
    ) -> Answer:
        """Answer one call of a service."""
        wire = _wire.get()
        account: str = module("core.responses").get_account_id()
        region: str = module("core.responses").get_region()
        request = Request(
            method, wire.path, wire.query, headers, body, caller=_caller(), account=account, region=region
        )
        try:
            if self._authorize is not None and (refusal := self._authorize(request, headers, query_params)):
                return refusal
            response = await self._in_thread(self._emulator.handle, request)
        except DroppedConnection:
            raise _Drop from None
        except Exception as error:  # MiniStack's own answer would not say what went wrong
            response = emulator_error(f"{method} {wire.path}", error)
        return response.status, dict(response.headers), response.body  # MiniStack adds to the headers

    async def control(self, request: Request) -> Response:
        """Answer one call of the control endpoint."""
        return await self._in_thread(self._emulator.control, request)

    def reset(self) -> None:
        """Part of MiniStack's own reset."""
        self._emulator.reset()

    def get_state(self) -> None:
        """Nothing is kept over a restart."""

    async def _in_thread(self, work: Callable[[Request], Response], request: Request) -> Response:
        # The context carries the account of the request, which the role check needs.
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: context.run(work, request))


class Gateway:
    """The ASGI application in front of MiniStack's."""

    def __init__(self, inner: Any, service: Service, identity: Mapping[str, Any], claim_https: bool) -> None:
        self._inner = inner
        self._service = service
        self._identity = {**identity, "ministack": VERSION}
        self._claim_https = claim_https

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Handle one connection event of the server."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        if scope["path"].startswith(CONTROL_PREFIX):
            await self._control(scope, receive, send)
            return
        if refused := unsupported(scope):
            await _answer(send, Response(*refused))
            return
        _wire.set(_Wire(scope["raw_path"].decode("ascii"), scope["query_string"].decode("ascii")))
        if self._claim_https:
            # Buckets with enforce_ssl, the bootstrap bucket among them, refuse plain HTTP once policies
            # are evaluated. Nothing leaves this machine, so each request counts as encrypted.
            scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
        try:
            await self._inner(scope, receive, send)
        except _Drop:
            _abort(send)

    async def _control(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        if scope["path"] == IDENTITY_PATH:
            said = json.dumps(self._identity).encode()
            response = Response(200, {"content-type": "application/json", "content-length": str(len(said))}, said)
        elif scope["path"] == PAGE_PATH and scope["method"] in ("GET", "HEAD"):
            response = _page(scope["method"])
        else:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            query = scope["query_string"].decode("ascii")
            response = await self._service.control(
                Request(scope["method"], scope["path"], query, headers, body, caller="")
            )
        await _answer(send, response)


async def _answer(send: Send, response: Response) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": [(name.encode(), value.encode()) for name, value in response.headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": response.body})


def _page(method: str) -> Response:
    content = document().encode()
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(content)),
        "content-security-policy": POLICY,
        "cross-origin-opener-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cache-control": "no-store",
    }
    return Response(200, headers, b"" if method == "HEAD" else content)


def _caller() -> str:
    """The role that calls, as MiniStack knows it: only when it checks signatures (``--iam``)."""
    if not module("app").AUTH:
        return ""
    arn: str = module("core.iam_evaluator").caller_arn()
    if ":assumed-role/" not in arn:
        return arn
    name = arn.split(":assumed-role/", 1)[1].split("/", 1)[0]
    role = module("services.iam")._roles.get(name)
    return str(role["Arn"]) if role else arn


def _abort(send: Any) -> None:
    """Close the socket of a request at once.

    ASGI has no word for it. ``send`` is the guard's, around one that belongs to the server's stream, which knows its
    protocol, which knows the connection.
    """
    connection = send.send.__self__.send.__self__.send.__self__
    connection.writer.transport.abort()
