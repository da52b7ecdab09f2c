"""What can go wrong with one operation: errors, lost and late answers, permissions that are late, throttling."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.exceptions import ConnectionClosedError

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS

from .wire import CREATES, Call, Reply

if TYPE_CHECKING:
    from .world import World

ALWAYS = 10**9
# Later than the client reads, and later than the function may run.
_LATE_SECONDS = 20.0
_SILENT_SECONDS = 70.0
# How long what was created, or allowed, takes to show.
_LAG_SECONDS = 20.0
_NOT_FOUND = "ResourceNotFoundException"
_THROTTLED_SHARE = 0.8
# An answer that only something that did take effect can get: the service would have to lie.
_IMPOSSIBLE = frozenset({("StartExecution", "ExecutionAlreadyExists")})


@dataclass(frozen=True)
class OperationFault:
    """One thing that can go wrong with an operation.

    Attributes:
        name: What it is called in the matrix.
        count: How many calls it hits.
        arm: Starts it: the world, the service and the operation.
    """

    name: str
    count: int
    arm: Callable[[World, str, str], None]

    def __str__(self) -> str:
        return self.name if self.count == 1 else f"{self.name}, always"


def disarm(world: World) -> None:
    """End everything that was armed."""
    world.emulator.clear_faults()
    world.wire.stand_ins.clear()


def operation_faults(service: str, operation: str) -> Iterator[OperationFault]:
    """Everything that can go wrong with an operation, once and for ever."""
    for count in (1, ALWAYS):
        for code in declared_errors(service, operation):
            # That what exists is not found can be true for a while only.
            is_lie = count > 1 and code == _NOT_FOUND and operation.startswith(("Get", "List"))
            yield (
                OperationFault(f"not found for {_LAG_SECONDS:g} s", 1, _for_a_while(code))
                if is_lie
                else _error(code, count)
            )
        yield _of_emulator("5xx before", count, kind="error")
        yield _of_emulator("5xx after", count, kind="lost_reply")
        yield _of_emulator("dropped before", count, kind="drop_before")
        yield _of_emulator("dropped after", count, kind="drop_after")
    yield _of_emulator(f"answer after {_LATE_SECONDS:g} s", 1, kind="delay", delay_seconds=_LATE_SECONDS)
    yield OperationFault(f"answer after {_SILENT_SECONDS:g} s", 1, _silent)
    yield OperationFault(f"denied for {_LAG_SECONDS:g} s", 1, _for_a_while("AccessDeniedException"))
    yield _of_emulator("80 % throttled", 1, kind="throttle", probability=_THROTTLED_SHARE, count=ALWAYS)
    if operation in CREATES:
        yield _of_emulator(f"not found for {_LAG_SECONDS:g} s", 1, kind="not_found", not_found_seconds=_LAG_SECONDS)


@cache
def declared_errors(service: str, operation: str) -> tuple[str, ...]:
    """The errors that the service model declares for an operation, of those that are possible."""
    if service in {spec.service for spec in SPECS}:
        return service_model(service).operations[operation].errors
    shapes = botocore.session.get_session().get_service_model(service).operation_model(operation).error_shapes
    return tuple(shape.name for shape in shapes if (operation, shape.name) not in _IMPOSSIBLE)


def _error(code: str, count: int) -> OperationFault:
    return _of_emulator(code, count, kind="error", error_code=code)


def _of_emulator(name: str, hits: int, **fault: Any) -> OperationFault:
    """A fault that the emulator injects into its own operations; other services get a stand-in."""
    options: dict[str, Any] = {"count": hits, "http_status": None if "error_code" in fault else 503, **fault}

    def arm(world: World, service: str, operation: str) -> None:
        if service in {spec.service for spec in SPECS}:
            world.emulator.add_fault(Fault(operation, **options))
        else:
            world.wire.stand_ins.append(_stand_in(world, operation, Fault("*", **options)))

    return OperationFault(name, hits, arm)


def _stand_in(world: World, operation: str, fault: Fault) -> Callable[[Call, Callable[[], Reply]], Reply | None]:
    """The same faults for a service that has none of its own."""
    left = [fault.count]
    # The same in every run.
    chance = random.Random(operation)

    def answer(call: Call, ask: Callable[[], Reply]) -> Reply | None:
        if call.operation != operation or call.invocation is None or left[0] <= 0:
            return None
        if fault.probability < 1 and chance.random() >= fault.probability:
            return None
        left[0] -= 1
        if fault.kind in ("lost_reply", "drop_after", "delay"):
            reply = ask()
            if fault.kind == "delay":
                world.simulation.sleep(fault.delay_seconds)
                return reply
        if fault.kind in ("drop_before", "drop_after"):
            raise ConnectionClosedError(endpoint_url=f"https://{call.service}.us-east-1.amazonaws.com/")
        code = "ThrottlingException" if fault.kind == "throttle" else fault.error_code
        is_ours = fault.kind == "throttle" or fault.http_status is None
        body = json.dumps({"__type": code, "message": fault.message}).encode("utf-8")
        return 400 if is_ours else fault.http_status or 500, {"content-type": "application/x-amz-json-1.0"}, body

    return answer


def _silent(world: World, service: str, operation: str) -> None:
    """The network hangs after the call has taken effect: no client time-out helps, only the function's own."""
    hit: list[Call] = []

    def hang(call: Call) -> None:
        if (call.service, call.operation) == (service, operation) and call.invocation is not None and not hit:
            hit.append(call)
            world.simulation.sleep(_SILENT_SECONDS)

    world.wire.after.append(hang)


def _for_a_while(code: str) -> Callable[[World, str, str], None]:
    def arm(world: World, service: str, operation: str) -> None:
        _error(code, ALWAYS).arm(world, service, operation)
        world.after(_LAG_SECONDS, lambda: disarm(world))

    return arm
