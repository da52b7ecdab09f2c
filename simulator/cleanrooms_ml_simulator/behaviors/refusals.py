"""Calls that the service refuses although a quiet world would take them, and words that are hard to read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSPreparedRequest

from cleanrooms_ml_cli.sandbox.emulator.state.lifecycle import BUSY
from cleanrooms_ml_cli.sandbox.emulator.state.throttle import Rate, Throttle
from cleanrooms_ml_handlers.model import service_model

from ..wire import Ask, Call, Reply
from .behavior import Surroundings
from .calls import is_of_clean_rooms, named_record, refusal

# Half of a character outside the Basic Multilingual Plane, which is no UTF-8.
LONE_SURROGATE = "\ud83d"


@dataclass(frozen=True)
class RefusesTags:
    """Tags of a record that is pending or inactive cannot be changed: 409."""

    def __str__(self) -> str:
        return "409 of tag changes while pending or inactive"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""

        def layer(call: Call, request: AWSPreparedRequest, ask: Ask) -> Reply:
            if call.operation in ("TagResource", "UntagResource"):
                record = named_record(world.emulator, request)
                status = record.status(world.emulator.state.world.now()) if record is not None else ""
                if status in BUSY or status == "INACTIVE":
                    return refusal("ConflictException", f"The resource is {status}")
            return ask()

        world.wire.layers.append(layer)


@dataclass(frozen=True)
class Conflicts:
    """Something else is going on with the resource: 409, wherever the service model declares it.

    Attributes:
        share: The share of calls that it hits.
    """

    share: float = 0.2

    def __str__(self) -> str:
        return f"409 for {self.share:.0%} of the calls that declare it"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""

        def layer(call: Call, _request: AWSPreparedRequest, ask: Ask) -> Reply:
            if (
                is_of_clean_rooms(call)
                and "ConflictException" in _declared(call)
                and world.chance.random() < self.share
            ):
                return refusal("ConflictException", "Another request for the resource is in progress")
            return ask()

        world.wire.layers.append(layer)


def _declared(call: Call) -> tuple[str, ...]:
    operation = service_model(call.service).operations.get(call.operation)
    return operation.errors if operation else ()


@dataclass(frozen=True)
class SharedBucket:
    """One token bucket for all operations of the service together.

    Attributes:
        per_second: Its rate.
        burst: How many calls at once after a pause.
    """

    per_second: float = 5
    burst: float = 5

    def __str__(self) -> str:
        return f"{self.per_second:g} calls a second for all operations together, burst {self.burst:g}"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""
        limit, throttle = Rate(self.per_second, self.burst), Throttle()

        def layer(call: Call, _request: AWSPreparedRequest, ask: Ask) -> Reply:
            if is_of_clean_rooms(call) and not throttle.allows(limit, ("", "", ""), world.simulation.now):
                return refusal("ThrottlingException", "Rate exceeded")
            return ask()

        world.wire.layers.append(layer)


@dataclass(frozen=True)
class LoneSurrogates:
    """The service's messages hold half of a character."""

    def __str__(self) -> str:
        return "messages with a lone surrogate"

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""

        def layer(call: Call, _request: AWSPreparedRequest, ask: Ask) -> Reply:
            status, headers, body = ask()
            if not is_of_clean_rooms(call) or b'"message"' not in body:
                return status, headers, body
            changed = json.dumps(_with_messages(json.loads(body), lambda text: text + LONE_SURROGATE)).encode("ascii")
            return status, {**headers, "content-length": str(len(changed))}, changed

        world.wire.layers.append(layer)


def _with_messages(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {
            key: change(item) if key == "message" and isinstance(item, str) else _with_messages(item, change)
            for key, item in value.items()
        }
    return [_with_messages(item, change) for item in value] if isinstance(value, list) else value
