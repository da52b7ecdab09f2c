"""How CloudFormation talks to the custom resources of a stack: requests in the order of dependencies."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ..functions import Function, Lambda
from ..simulation import Simulation
from .exchange import Exchange, signed_address
from .replies import HOST, ReplyServer

# CloudFormation takes a moment between what it learns and what it does next.
REACTION_SECONDS = 1
EVENT_LIMIT_BYTES = 1_000_000
DEFAULT_SERVICE_TIMEOUT_SECONDS = 3600

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Target:
    """The custom resource that a request is for."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]


@dataclass
class Result(Generic[Key]):
    """What became of a row of requests.

    Attributes:
        failed: Those that failed, in order.
        running: Those that were still running when the first one failed, or the user canceled.
        untouched: Those that were not begun.
    """

    failed: list[Key] = field(default_factory=list)
    running: dict[Key, Exchange] = field(default_factory=dict)
    untouched: list[Key] = field(default_factory=list)


class Conductor:
    """Sends the requests of one stack.

    Attributes:
        exchanges: All requests so far, in the order in which they were sent.
        canceled: Whether the user asked to stop what is under way.
        witnesses: Called with each request when an answer to it has come.
        reaction_seconds: How long CloudFormation takes between what it learns and what it does next.
    """

    def __init__(
        self, stack_id: str, front: Function, functions: Lambda, replies: ReplyServer, simulation: Simulation
    ) -> None:
        self.reaction_seconds: float = REACTION_SECONDS
        self.exchanges: list[Exchange] = []
        self.canceled = False
        self.witnesses: list[Callable[[Exchange], None]] = []
        self._stack_id = stack_id
        self._front = front
        self._functions = functions
        self._replies = replies
        self._simulation = simulation

    def begin(self) -> None:
        """Begin an operation that a user asks for, a reaction after the one before: never in the same second."""
        self.canceled = False
        self._simulation.advance(max(0.0, REACTION_SECONDS - self.reaction_seconds))

    def send(
        self,
        kind: str,
        target: Target,
        physical_id: str = "",
        old_properties: Mapping[str, Any] | None = None,
        request_id: str = "",
    ) -> Exchange:
        """Send one request now."""
        number = len(self.exchanges) + 1
        request_id = request_id or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._stack_id}/{number}"))
        key = f"{self._stack_id}|{target.logical_id}|{request_id}|{number}"
        event: dict[str, Any] = {
            "RequestType": kind,
            "ServiceToken": self._front.arn,
            "ResponseURL": signed_address(HOST, key, self._simulation.now),
            "StackId": self._stack_id,
            "RequestId": request_id,
            "LogicalResourceId": target.logical_id,
            "ResourceType": target.type,
            "ResourceProperties": dict(target.properties),
        }
        if kind != "Create":
            event["PhysicalResourceId"] = physical_id
        if kind == "Update":
            event["OldResourceProperties"] = dict(old_properties or {})
        timeout = float(target.properties.get("ServiceTimeout", DEFAULT_SERVICE_TIMEOUT_SECONDS))
        exchange = Exchange(event, self._simulation.now, self._simulation.now + timeout)
        self.exchanges.append(exchange)

        def take(_: str, body: bytes) -> None:
            exchange.take(self._simulation.now, body)
            for witness in self.witnesses:
                witness(exchange)

        self._replies.expect(key, take)
        self._simulation.after(timeout, lambda: _time_out(exchange))
        self.deliver(event)
        return exchange

    def deliver(self, event: Mapping[str, Any]) -> None:
        """Hand an event to Lambda, as CloudFormation does, once or again."""
        assert len(str(event).encode("utf-8")) < EVENT_LIMIT_BYTES, "Lambda takes no event of this size"
        self._functions.deliver(self._front, event)

    def carry_out(
        self,
        needs: Mapping[Key, set[Key]],
        begin: Callable[[Key], Exchange | None],
        end: Callable[[Key, Exchange], bool],
        *,
        stops: bool,
        drops_running: bool = True,
    ) -> Result[Key]:
        """Send requests, each when all that it needs is done, and everything that can go in parallel at once.

        Args:
            needs: What is to be done, each with what has to be done before.
            begin: Sends the request; None if there is nothing to do.
            end: Takes the answer; whether that was a success.
            stops: Whether nothing new is begun once something failed.
            drops_running: Whether what still runs then is left alone.
        """
        result: Result[Key] = Result(untouched=list(needs))
        done: set[Key] = set()
        while True:
            stopped = (bool(result.failed) and stops) or self.canceled
            if stopped and drops_running:
                return result
            ready = [] if stopped else [key for key in result.untouched if needs[key] <= done]
            if ready:
                self._simulation.advance(self.reaction_seconds)
            for key in ready:
                result.untouched.remove(key)
                exchange = begin(key)
                if exchange is None:
                    done.add(key)
                else:
                    result.running[key] = exchange
            if ready:
                continue
            if not result.running:
                return result
            self._simulation.run_until(lambda: self.canceled or any(it.is_over for it in result.running.values()))
            for key, exchange in list(result.running.items()):
                if exchange.is_over:
                    del result.running[key]
                    if end(key, exchange):
                        done.add(key)
                    else:
                        result.failed.append(key)


def _time_out(exchange: Exchange) -> None:
    if not exchange.answers:
        exchange.is_late = True
