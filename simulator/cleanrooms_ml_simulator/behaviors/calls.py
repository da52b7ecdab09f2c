"""What a behavior wants to know of a call."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest

from cleanrooms_ml_cli.sandbox.emulator import Emulator
from cleanrooms_ml_cli.sandbox.emulator.state.lifecycle import Record
from cleanrooms_ml_handlers.resources import SPECS

from ..wire import Call, Reply

_SERVICES = frozenset(spec.service for spec in SPECS)
_ERRORS = {"ConflictException": 409, "ResourceNotFoundException": 404, "ThrottlingException": 429}


def is_of_clean_rooms(call: Call) -> bool:
    """Whether a call is one of Clean Rooms or of Clean Rooms ML."""
    return call.service in _SERVICES


def is_read(call: Call) -> bool:
    """Whether a call changes nothing."""
    return call.operation.startswith(("Get", "List"))


def named_record(emulator: Emulator, request: AWSPreparedRequest) -> Record | None:
    """The record whose ARN is the last part of a request's path."""
    path = unquote(urlsplit(request.url).path)
    return emulator.state.world.records.get(path[path.find("/arn:") + 1 :])


def refusal(code: str, message: str) -> Reply:
    """An error in the wire format of Clean Rooms ML."""
    body = b'{"message": "%s"}' % message.encode("ascii")
    return _ERRORS[code], {"content-type": "application/json", "x-amzn-errortype": code}, body
