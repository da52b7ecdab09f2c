"""What goes wrong in the sandbox is said in one sentence, by the API, by Python and by the command."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from cleanrooms_ml_cli.sandbox import Prerequisite, Sandbox, SandboxError
from cleanrooms_ml_cli.sandbox.control import call


@pytest.fixture(params=[(500, b""), (500, b'{"error": "why"}'), (500, b"<html>"), (200, b"<html>")])
def answering(request: pytest.FixtureRequest) -> Iterator[tuple[str, int, bytes]]:
    """The address of a server with one answer, and the answer."""
    status, body = request.param

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test's output stays readable."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", status, body
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_failed_control_request_says_why(answering: tuple[str, int, bytes]) -> None:
    endpoint, status, body = answering
    with pytest.raises(SandboxError) as caught:
        call(endpoint, "GET", "/_cleanroomsml/records")
    expected = {
        b"": "GET /_cleanroomsml/records answered 500: without an explanation; the sandbox's log has more",
        b'{"error": "why"}': "GET /_cleanroomsml/records answered 500: why",
        b"<html>": "GET /_cleanroomsml/records answered 500: <html>"
        if status == 500
        else f"GET /_cleanroomsml/records answered something that is not JSON; {endpoint} is no sandbox",
    }
    assert str(caught.value) == expected[body]


def test_a_control_request_names_what_is_allowed_without_braces(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError) as caught:
        sandbox.emulator.release("CreateChannel")
    reason = "operation is CreateChannel, which the service does not have"
    assert str(caught.value) == f"POST /_cleanroomsml/release answered 400: {reason}"


def test_the_cdk_cli_without_a_command_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(Prerequisite, match="no command for the CDK CLI"):
        sandbox.cdk()
