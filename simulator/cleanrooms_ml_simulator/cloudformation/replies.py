"""Where custom resources send their answers: real HTTP on a free local port.

The host in the reply addresses is always the same, because names and pauses follow from the content of a request: a
port that differs from run to run would make a different run of each.
"""

from __future__ import annotations

import http.client
import threading
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar
from urllib.parse import unquote, urlsplit

DROP = 0

# No name that any computer has.
HOST = "replies.invalid"

Receiver = Callable[[str, bytes], None]


class ReplyServer:
    """Takes PUTs as the bucket of CloudFormation does.

    Attributes:
        current: The one that gets what is sent to `HOST`: the last that was created or reset.
        address: Its host and port.
        faults: What happens to the next PUTs, one each: an HTTP status, or DROP for a closed connection.
        attempts: How many PUTs arrived, refused ones included.
    """

    current: ClassVar[ReplyServer | None] = None

    def __init__(self) -> None:
        self.faults: list[int] = []
        self.attempts = 0
        self._receivers: dict[str, Receiver] = {}
        handler = type("BoundHandler", (_Handler,), {"server_side": self})
        self._http = HTTPServer(("127.0.0.1", 0), handler)
        self.address = f"127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        if ReplyServer.current is None:
            urllib.request.install_opener(urllib.request.build_opener(_ToCurrent, urllib.request.ProxyHandler({})))
        ReplyServer.current = self

    def expect(self, key: str, receiver: Receiver) -> None:
        """Hand what is PUT under a key to a receiver, together with the address's query."""
        self._receivers[key] = receiver

    def reset(self) -> None:
        """Forget what earlier tests expected."""
        ReplyServer.current = self
        self.faults.clear()
        self.attempts = 0
        self._receivers.clear()

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def take(self, path: str, content_type: str, body: bytes) -> int:
        """The status for one PUT; DROP closes the connection without one."""
        self.attempts += 1
        if self.faults:
            fault = self.faults.pop(0)
            if fault != 200:
                return fault
        address = urlsplit(path)
        receiver = self._receivers.get(unquote(address.path.removeprefix("/")))
        # The address is signed for a request without a content type.
        if receiver is None or content_type or "X-Amz-Date=" not in address.query:
            return 403
        receiver(address.query, body)
        return 200


class _ToCurrent(urllib.request.HTTPHandler):
    """Sends what is for `HOST` to the current server."""

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        if request.host == HOST and ReplyServer.current is not None:
            request.host = ReplyServer.current.address
        return super().http_open(request)


class _Handler(BaseHTTPRequestHandler):
    server_side: ClassVar[ReplyServer]
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = self.server_side.take(self.path, self.headers.get("Content-Type") or "", body)
        if status == DROP:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests are quiet."""
