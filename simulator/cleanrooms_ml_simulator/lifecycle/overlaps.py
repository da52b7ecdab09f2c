"""Requests that overlap, in every order of their calls.

The worker of one request is held before its n-th call, for every n. Meanwhile another request goes its way, and just
before that one's m-th call, for every m, or at its end, the first goes on. What is held for longer than a function
may run dies.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from ..audit import Audit
from ..cloudformation.exchange import Exchange
from ..cloudformation.stack import Stack
from ..wire import Call
from ..world import World
from .cases import THING, Case
from .phases import finish

# How often one that is held looks whether it may go on.
_LOOK_SECONDS = 0.05

Chosen = Callable[[], Exchange | None]


@dataclass
class Hold:
    """Holds one request at a call until another one has come to a call.

    Attributes:
        first: The request that is held; None as long as it has not been sent.
        at: Before which of its calls, from 1.
        second: The other request.
        until: Before which of the other's calls it goes on.
        begin: Called when it is held.
        held: Whether it came so far.
        released: Whether the other one came so far.
    """

    world: World
    first: Chosen
    at: int
    second: Chosen
    until: int
    begin: Callable[[], object]
    held: bool = False
    released: bool = False
    _made: dict[str, int] = field(default_factory=lambda: {"first": 0, "second": 0})

    def __call__(self, call: Call) -> None:
        """What the wire calls before each request of a function."""
        if self._counts("second", call, self.second()) == self.until and self.held:
            self.released = True
            # The one that was held makes its call before this one.
            self.world.simulation.sleep(2 * _LOOK_SECONDS)
        if self._counts("first", call, self.first()) == self.at and not self.held:
            self.held = True
            self.begin()
            while not self.released and not self._is_over():
                self.world.simulation.sleep(_LOOK_SECONDS)

    def _is_over(self) -> bool:
        other = self.second()
        return other is not None and other.is_over

    def _counts(self, who: str, call: Call, exchange: Exchange | None) -> int:
        """Which call of a request this is; 0 if it is none of its calls."""
        if exchange is None or call.invocation is None:
            return 0
        if call.invocation.request.get("ResponseURL") != exchange.event["ResponseURL"]:
            return 0
        self._made[who] += 1
        return self._made[who]


Scenario = Callable[[World, Case, int, int], tuple[Hold, Audit]]


def explored(
    new_world: Callable[[], World], case: Case, scenario: Scenario, most: int | None = None
) -> Iterator[tuple[int, int, Audit]]:
    """Every order of the calls of a scenario, each in a world of its own.

    Args:
        new_world: Creates one.
        case: The kind.
        scenario: The scenario.
        most: How many calls of the other request are tried. Default: all.
    """
    for at in count(1):
        for until in count(1) if most is None else range(1, most + 1):
            world = new_world()
            with contextlib.redirect_stdout(io.StringIO()):
                hold, audit = scenario(world, case, at, until)
            world.close()
            if hold.held:
                yield at, until, audit
            if not hold.released:
                # The other one makes no more calls: it was the end that was waited for.
                break
        if not hold.held:
            # The one that would be held makes no more calls.
            return


def sent(stack: Stack, kind: str, logical_id: str, position: int = 0) -> Chosen:
    """One of the requests of a stack, when it has been sent."""

    def chosen() -> Exchange | None:
        found = stack.sent(kind, logical_id)
        return found[position] if len(found) > position else None

    return chosen


def delete_overtakes_create(world: World, case: Case, at: int, until: int) -> tuple[Hold, Audit]:
    """The stack is deleted while it is being created."""
    stack = world.stack()
    hold = Hold(world, sent(stack, "Create", THING), at, sent(stack, "Delete", THING), until, stack.stop)
    world.wire.before.append(hold)
    stack.create(case.template(**case.run(1)))
    return hold, finish(world, stack)


def rollback_overtakes_update(world: World, case: Case, at: int, until: int) -> tuple[Hold, Audit]:
    """An update is canceled in the middle of a replacement."""
    stack = world.stack()
    stack.create(case.template(**case.run(1)))
    old = stack.physical_id(THING)
    hold = Hold(world, sent(stack, "Update", THING), at, sent(stack, "Update", THING, 1), until, stack.stop)
    world.wire.before.append(hold)
    status = stack.update(case.template(**case.run(2)))
    world.settle()
    audit = world.audit()
    if status == "UPDATE_ROLLBACK_COMPLETE" and stack.physical_id(THING) != old:
        audit.duplicates.append("the rollback came to something else")
    audit.add(finish(world, stack))
    return hold, audit


def rollback_overtakes_polling(world: World, case: Case, at: int, until: int) -> tuple[Hold, Audit]:
    """An update is canceled while what waits for the new run is still polling."""
    stack = world.stack()
    stack.create(case.template(**case.run(1)))
    waiting = sent(stack, "Update", case.last)
    hold = Hold(world, waiting, at, sent(stack, "Update", THING, 1), until, stack.stop)
    world.wire.before.append(hold)
    stack.update(case.template(**case.run(2)))
    return hold, finish(world, stack)


def one_event_twice(world: World, case: Case, at: int, until: int) -> tuple[Hold, Audit]:
    """Lambda delivers a Create once more at any moment of its way, or after it."""
    stack = world.stack()
    again: list[int] = []
    first = sent(stack, "Create", THING)

    def deliver(call: Call) -> None:
        exchange = first()
        if exchange is None or call.invocation is None or again:
            return
        if call.invocation.request.get("ResponseURL") == exchange.event["ResponseURL"]:
            stack.conductor.deliver(exchange.event)
            again.append(call.number)

    # The copy's only call is held, while the original goes its way; or the other way round.
    hold = Hold(world, first, at, first, at + until, lambda: None)
    world.wire.before.append(deliver)
    world.wire.before.append(hold)
    status = stack.create(case.template(**case.run(1)))
    audit = finish(world, stack)
    if status != "CREATE_COMPLETE":
        audit.waiting.append(f"the stack ended as {status}")
    twice = [exchange for exchange in stack.exchanges if len(exchange.answers) > 1]
    audit.duplicates += [f"{exchange.kind} of {exchange.logical_id} was answered twice" for exchange in twice]
    return hold, audit


def two_stacks_want_one_name(world: World, case: Case, at: int, until: int) -> tuple[Hold, Audit]:
    """Two stacks create resources with the same fixed name at the same time."""
    stacks = [world.stack("one"), world.stack("other")]
    for stack in stacks:
        stack.template = case.template(name="wanted")
    hold = Hold(
        world,
        sent(stacks[0], "Create", THING),
        at,
        sent(stacks[1], "Create", THING),
        until,
        lambda: stacks[1].begin_create(THING),
    )
    world.wire.before.append(hold)
    begun = stacks[0].begin_create(THING)
    world.simulation.run_until(lambda: begun.is_over)
    world.settle()
    audit = Audit()
    for stack in stacks:
        for exchange in stack.sent("Create", THING):
            stack.end_create(THING, exchange)
    for stack in stacks:
        if stack.resources:
            audit.add(finish(world, stack))
    return hold, audit


SCENARIOS: tuple[Scenario, ...] = (
    one_event_twice,
    delete_overtakes_create,
    rollback_overtakes_update,
    rollback_overtakes_polling,
    two_stacks_want_one_name,
)
