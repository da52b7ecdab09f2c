"""The wire format of the service: rest-json requests, replies and errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cleanrooms_ml_handlers.model import ServiceModel

from ..errors import ApiError, defect

_NO_CONTENT = 204
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Request:
    """An HTTP request to the service.

    Args:
        method: HTTP method.
        path: Path as sent; a path whose percent signs are decoded already works too.
        query: Query string without the question mark.
        headers: HTTP headers.
        body: Body as sent.
        caller: ARN of the role that signed the request; empty if it is not known.
        account: Account that the request comes from. Default: the emulator's.
        region: Region that the request is for. Default: the emulator's.
        service: Service that is meant, by its name in boto3. Default: the one that the request is signed for.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    caller: str = ""
    account: str = ""
    service: str = ""
    region: str = ""


@dataclass(frozen=True)
class Response:
    """An HTTP reply of the service."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def error_status(model: ServiceModel, error: ApiError) -> int:
    """The HTTP status of an error."""
    if error.status is not None:
        return error.status
    return int(model.shapes.get(error.code, {}).get("error", {}).get("httpStatusCode", _SERVER_ERROR))


def error_response(model: ServiceModel, error: ApiError, request_id: str) -> Response:
    """An error as the service writes it: its type in a header, the rest in the body."""
    body = json.dumps({"message": error.message, **error.members}).encode()
    return Response(error_status(model, error), _headers(request_id, body, error.code), body)


def emulator_error(during: str, error: Exception) -> Response:
    """The reply when the emulator itself fails, in the form of a service's error."""
    failure = defect(during, error)
    body = json.dumps({"message": failure.message}).encode()
    return Response(failure.status or _SERVER_ERROR, _headers("", body, failure.code), body)


def success_response(model: ServiceModel, operation: str, result: Mapping[str, Any], request_id: str) -> Response:
    """The reply of an operation; without members that its output lacks, and without a body where there is none."""
    described = model.operations[operation]
    body = b""
    if described.output and described.response_code != _NO_CONTENT:
        body = json.dumps(shaped(model, described.output, result)).encode()
    return Response(described.response_code, _headers(request_id, body), body)


def shaped(model: ServiceModel, shape_name: str, value: Any) -> Any:
    """A value as the wire has it: only the members of its shape, times as text, reals with a point."""
    shape = model.shapes[shape_name]
    kind = shape["type"]
    if kind == "string":
        return value
    if kind == "structure":
        return {
            member.get("locationName", name): shaped(model, member["shape"], value[name])
            for name, member in shape.get("members", {}).items()
            if value.get(name) is not None
        }
    if kind == "list":
        return [shaped(model, shape["member"]["shape"], item) for item in value]
    if kind == "map":
        return {key: shaped(model, shape["value"]["shape"], item) for key, item in value.items()}
    if kind == "timestamp":
        seconds = epoch_seconds(value) if isinstance(value, str) else float(value)
        return iso8601(seconds) if shape.get("timestampFormat") == "iso8601" else seconds
    if kind in ("double", "float"):
        return float(value)
    return value


def iso8601(seconds: float) -> str:
    """A time in milliseconds and UTC, as the service writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_seconds(text: str) -> float:
    """The seconds since 1970 of an ISO 8601 time."""
    return datetime.fromisoformat(text).timestamp()


def _headers(request_id: str, body: bytes, error_type: str = "") -> dict[str, str]:
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "x-amzn-requestid": request_id,
    }
    if error_type:
        headers["x-amzn-errortype"] = error_type
    return headers
