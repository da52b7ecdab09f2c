"""From an HTTP request to an operation and its typed parameters, by the service models alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

from cleanrooms_ml_handlers.model import Operation

from ..calls import CLEAN_ROOMS_ML, SERVICES, SIGNING_NAMES, Call
from ..errors import ApiError
from ..fields import parsed
from ..models import service_model
from .wire import Request

_LABEL = re.compile(r"\{(\w+)\+?\}")
_SIGNED_FOR = re.compile(r"Credential=[^/]*/\d{8}/[^/]*/([^/]+)/aws4_request")


@dataclass(frozen=True)
class Route:
    """An operation with the patterns that its path must match."""

    operation: Operation
    strict: re.Pattern[str]
    lenient: re.Pattern[str]
    fixed_chars: int


class Router:
    """Finds the operation of a request to a service.

    A client writes an ARN in a path with its slashes encoded. A server in front may have decoded the path
    already: then an ARN spans several segments, and the route with the most fixed text that matches is taken.
    """

    def __init__(self, service: str) -> None:
        self._service = service
        self._model = service_model(service)
        self._routes = _routes(service)

    def call(self, request: Request) -> Call:
        """The operation and parameters of a request.

        Raises:
            ApiError: No operation has this path, or the body is no JSON object.
        """
        found = self._match(request)
        if found is None:
            raise ApiError(
                "UnknownOperationException",
                f"{self._service} has no operation for {request.method} {request.path} in the service model of the "
                "sandbox, which is that of its botocore",
                status=404,
            )
        operation, labels = found
        return Call(self._service, operation, self._params(operation, labels, request))

    def knows(self, request: Request) -> bool:
        """Whether an operation has this method and path."""
        return self._match(request) is not None

    def _match(self, request: Request) -> tuple[Operation, dict[str, str]] | None:
        routes = self._routes.get(request.method.upper(), ())
        for decoded in (False, True):
            for route in routes:
                pattern = route.lenient if decoded else route.strict
                match = pattern.fullmatch(request.path)
                if match:
                    return route.operation, {name: unquote(text) for name, text in match.groupdict().items()}
        return None

    def _params(self, operation: Operation, labels: Mapping[str, str], request: Request) -> dict[str, Any]:
        if operation.input is None:
            return {}
        query = parse_qs(request.query, keep_blank_values=True)
        headers = {name.lower(): value for name, value in request.headers.items()}
        members: Mapping[str, Mapping[str, Any]] = self._model.shapes[operation.input].get("members", {})
        params: dict[str, Any] = {}
        in_body: dict[str, str] = {}
        for name, member in members.items():
            location = member.get("location", "body")
            wire_name = member.get("locationName", name)
            if location == "uri":
                params[name] = labels[wire_name]
            elif location == "querystring" and wire_name in query:
                is_list = self._model.shapes[member["shape"]]["type"] == "list"
                params[name] = query[wire_name] if is_list else query[wire_name][0]
            elif location == "header" and wire_name.lower() in headers:
                params[name] = headers[wire_name.lower()]
            elif location == "body":
                in_body[wire_name] = name
        # What travels in the path, the query or a header is text; only the shape says that it is a number.
        params = self._model.cast(operation.name, params)
        for wire_name, value in _json_body(request).items():
            params[in_body.get(wire_name, wire_name)] = value
        return {name: _present(value) for name, value in params.items() if value is not None}


@cache
def _routes(service: str) -> Mapping[str, Sequence[Route]]:
    """The routes of a service by method, those with the most fixed text first."""
    by_method: dict[str, list[Route]] = {}
    for operation in service_model(service).operations.values():
        by_method.setdefault(operation.method, []).append(_route(operation))
    return {method: sorted(routes, key=lambda route: -route.fixed_chars) for method, routes in by_method.items()}


def _route(operation: Operation) -> Route:
    path = operation.request_uri.split("?")[0]
    pieces = _LABEL.split(path)
    strict = lenient = ""
    for index, piece in enumerate(pieces):
        is_label = index % 2 == 1
        strict += f"(?P<{piece}>[^/]+)" if is_label else re.escape(piece)
        spanning = ".+" if piece.endswith("Arn") else "[^/]+"
        lenient += f"(?P<{piece}>{spanning})" if is_label else re.escape(piece)
    return Route(operation, re.compile(strict), re.compile(lenient), sum(map(len, pieces[::2])))


def _present(value: Any) -> Any:
    """A value without the members that are null, which are absent."""
    if isinstance(value, Mapping):
        return {name: _present(item) for name, item in value.items() if item is not None}
    return [_present(item) for item in value] if isinstance(value, list) else value


def _json_body(request: Request) -> dict[str, Any]:
    if not request.body.strip():
        return {}
    try:
        body = parsed(request.body)
    except ValueError as error:
        raise ApiError("SerializationException", f"The body is no JSON: {error}", status=400) from error
    if not isinstance(body, dict):
        raise ApiError("SerializationException", "The body is no JSON object", status=400)
    return body


def service_of(request: Request, routers: Mapping[str, Router]) -> str:
    """The service that a request is meant for.

    By what the request says, by what it is signed for, or by its path: the service of an ARN in it, else the one whose
    model has that path.
    """
    if request.service:
        return request.service
    headers = {name.lower(): value for name, value in request.headers.items()}
    signed = _SIGNED_FOR.search(headers.get("authorization", ""))
    if signed:
        return SERVICES.get(signed[1], CLEAN_ROOMS_ML)
    found = [service for service, router in routers.items() if router.knows(request)]
    of_arn = [service for service in found if f":{SIGNING_NAMES[service]}:" in unquote(request.path)]
    return next(iter([*of_arn, *found]), CLEAN_ROOMS_ML)
