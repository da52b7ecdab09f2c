"""IAM between the functions and everything else, in the simulator: what no policy allows is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest

from cleanrooms_ml_cli.sandbox.emulator import Request
from cleanrooms_ml_simulator import templates
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

from .policies import Grants, Need

_BUS = f"arn:aws:events:us-east-1:{templates.ACCOUNT}:event-bus/default"

Answer = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True)
class Asked:
    """What one call needed.

    Attributes:
        function: Who called.
        operation: The API operation.
        need: What IAM is asked.
    """

    function: str
    operation: str
    need: Need


@dataclass
class Gate:
    """The gate.

    Args:
        world: What it is put into.
        grants: What each function may do, by the function's name.

    Attributes:
        asked: What calls needed, each once.
        denied: What was refused.
    """

    world: World
    grants: Mapping[str, Grants]
    asked: list[Asked] = field(default_factory=list)
    denied: list[Need] = field(default_factory=list)

    def __post_init__(self) -> None:
        wire = self.world.wire
        answer = wire._answer

        def checked(call: Call, request: AWSPreparedRequest) -> Answer:
            if call.invocation is None:
                return answer(call, request)
            function = call.invocation.function.name
            for need in _needs(self.world, call.service, call.operation, request):
                asked = Asked(function, call.operation, need)
                if asked not in self.asked:
                    self.asked.append(asked)
                if not self.grants[function].allow(need):
                    self.denied.append(need)
                    return _refusal(call.service, need)
            return answer(call, request)

        wire._answer = checked  # type: ignore[method-assign]


def _needs(world: World, service: str, operation: str, request: AWSPreparedRequest) -> Iterator[Need]:
    body = request.body or b""
    content = body.encode("utf-8") if isinstance(body, str) else bytes(body)
    address = urlsplit(request.url)
    if service == "stepfunctions":
        given = json.loads(content)
        yield f"states:{operation}", given.get("stateMachineArn") or given["executionArn"], {}
    elif service == "events":
        for entry in json.loads(content)["Entries"]:
            yield f"events:{operation}", _BUS, {"events:source": entry["Source"]}
    elif service == "s3":
        first = address.netloc.split(".")[0]
        path = address.path[1:] if first == "s3" else f"{first}{address.path}"
        yield f"s3:{operation}", f"arn:aws:s3:::{unquote(path)}", {}
    else:
        headers = {name: _text(value) for name, value in request.headers.items()}
        asked = Request(request.method, address.path, address.query, headers, content)
        yield from world.emulator.authorization(asked)


def _refusal(service: str, need: Need) -> Answer:
    action, resource, _ = need
    message = f"User: function is not authorized to perform: {action} on resource: {resource}"
    code = "AccessDeniedException"
    if service == "s3":
        return 403, {"content-type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>"
    headers = {"content-type": "application/json", "x-amzn-errortype": code}
    return (
        400 if service in ("stepfunctions", "events") else 403,
        headers,
        json.dumps({"__type": code, "message": message}).encode("utf-8"),
    )


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
