"""Takes the requests of the real boto3 clients before they are sent and hands them to what plays AWS here."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from cleanrooms_ml_cli.sandbox.emulator import DroppedConnection, Emulator, Request
from cleanrooms_ml_handlers.client import Service
from cleanrooms_ml_handlers.resources import SPECS

from .functions import Invocation
from .simulation import Simulation
from .step_functions.api import StatesApi

# The operations that create a resource of any kind.
CREATES = frozenset(spec.create for spec in SPECS)


@dataclass(frozen=True)
class Call:
    """One request of a function to a service.

    Attributes:
        number: Its number among all calls, from 1.
        service: The service's name in boto3.
        operation: The API operation.
        invocation: Who calls; None for a call by the test itself.
    """

    number: int
    service: str
    operation: str
    invocation: Invocation | None


Hook = Callable[[Call], None]
# An HTTP status, headers and a body.
Reply = tuple[int, Mapping[str, str], bytes]
Ask = Callable[[], Reply]
StandIn = Callable[[Call, Ask], Reply | None]
# Between a function and a service: may change the request, and what `ask` answers to it.
Layer = Callable[[Call, AWSPreparedRequest, Ask], Reply]


class _Body(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self, amt: int = 65536, decode_content: bool | None = None) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk


@dataclass
class Wire:
    """The network between the functions and AWS.

    Attributes:
        before: Called before each request takes effect; may raise, sleep, or change the world.
        after: Called when it has, before the caller gets the answer.
        refused: Services whose endpoint refuses connections.
        interleave: Whether each call lets others of the same moment go first.
        objects: What lies in S3, by bucket and key.
        bus: What was put on the default event bus.
        calls: All calls so far.
        callers: The caller of each request that the emulator's journal has, by its number there.
        stand_ins: Asked before a service answers; the first that has an answer of its own gives it.
        layers: What the services do otherwise than in a quiet world, the outermost first; for functions alone.
    """

    simulation: Simulation
    emulator: Emulator
    states: StatesApi
    before: list[Hook] = field(default_factory=list)
    after: list[Hook] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    interleave: bool = False
    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    bus: list[dict[str, Any]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    callers: dict[int, Call] = field(default_factory=dict)
    stand_ins: list[StandIn] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)

    def send(self, service: str, operation: str, request: AWSPreparedRequest, read_timeout: float) -> AWSResponse:
        """Answer a request as the network and the service would."""
        running = self.simulation.running
        call = Call(len(self.calls) + 1, service, operation, running.context if running else None)
        self.calls.append(call)
        if self.interleave:
            self.simulation.sleep(0)
        for hook in self.before:
            hook(call)
        if service in self.refused:
            raise EndpointConnectionError(endpoint_url=request.url)
        sent = self.simulation.now
        status, headers, body = self._through_layers(call, request, tuple(self.layers))
        for hook in self.after:
            hook(call)
        if self.simulation.now - sent > read_timeout:
            raise ReadTimeoutError(endpoint_url=request.url)
        return AWSResponse(request.url, status, headers, _Body(body))

    def _through_layers(self, call: Call, request: AWSPreparedRequest, layers: tuple[Layer, ...]) -> Reply:
        if not layers or call.invocation is None:
            return self._first_answer(call, lambda: self._answer(call, request))
        first, *rest = layers
        return first(call, request, lambda: self._through_layers(call, request, tuple(rest)))

    def _first_answer(self, call: Call, ask: Ask) -> Reply:
        for stand_in in self.stand_ins:
            answer = stand_in(call, ask)
            if answer is not None:
                return answer
        return ask()

    def _answer(self, call: Call, request: AWSPreparedRequest) -> Reply:
        service, operation = call.service, call.operation
        body = request.body or b""
        content = body.encode("utf-8") if isinstance(body, str) else bytes(body)
        address = urlsplit(request.url)
        if service == "stepfunctions":
            status, answer = self.states.handle(operation, content)
            return status, {"content-type": "application/x-amz-json-1.0"}, answer
        if service == "events":
            return 200, {"content-type": "application/x-amz-json-1.1"}, self._put_events(operation, content)
        if service == "s3":
            return self._object(operation, address.netloc, unquote(address.path))
        assert service in ("cleanroomsml", "cleanrooms"), f"nothing plays {service} here"
        headers = {
            name: value.decode("latin-1") if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        journal = self.emulator.journal
        # The emulator writes its line before it lets any time pass.
        self.callers[journal[-1].number + 1 if len(journal) else 1] = call
        try:
            response = self.emulator.handle(
                Request(request.method, address.path, address.query, headers, content, service=service)
            )
        except DroppedConnection as error:
            raise ConnectionClosedError(endpoint_url=request.url) from error
        return response.status, response.headers, response.body

    def _put_events(self, operation: str, body: bytes) -> bytes:
        assert operation == "PutEvents", f"nothing plays {operation} of EventBridge here"
        entries = json.loads(body)["Entries"]
        self.bus += entries
        taken = [{"EventId": str(len(self.bus))} for _ in entries]
        return json.dumps({"FailedEntryCount": 0, "Entries": taken}).encode("utf-8")

    def _object(self, operation: str, host: str, path: str) -> Reply:
        assert operation == "GetObject", f"nothing plays {operation} of S3 here"
        first = host.split(".")[0]
        bucket, _, key = (path[1:] if first == "s3" else f"{first}{path}").partition("/")
        body = self.objects.get((bucket, key))
        if body is not None:
            return 200, {"content-type": "binary/octet-stream", "content-length": str(len(body))}, body
        text = f"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist: {key}</Message></Error>"
        return 404, {"content-type": "application/xml"}, text.encode("utf-8")


def _moment(value: str | float) -> datetime:
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(value, UTC)


class Connected(Service):
    """The real client of the functions, its requests caught by whatever wire is current.

    boto3 clients are expensive to create: one of these serves all tests.
    """

    def __init__(self) -> None:
        # One for all copies that share the clients.
        self._wires: list[Wire | None] = [None]
        session = botocore.session.get_session()
        # A third of a call's time goes into what nobody looks at here.
        session.set_default_client_config(Config(signature_version=UNSIGNED, user_agent="tests"))
        session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
        session.set_config_variable("region", "us-east-1")
        super().__init__(session)

    @property
    def wire(self) -> Wire | None:
        """The current wire."""
        return self._wires[0]

    @wire.setter
    def wire(self, wire: Wire | None) -> None:
        self._wires[0] = wire

    def client(self, service: str) -> Any:
        """The boto3 client, hooked when it is created."""
        is_new = service not in self._clients
        client = super().client(service)
        if is_new:
            client.meta.events.register("before-send", self._caught(service, client.meta.config.read_timeout))
        return client

    def _caught(self, service: str, read_timeout: float) -> Callable[..., AWSResponse]:
        def caught(request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
            assert self.wire is not None, "no test is running"
            return self.wire.send(service, event_name.rsplit(".", 1)[1], request, read_timeout)

        return caught
