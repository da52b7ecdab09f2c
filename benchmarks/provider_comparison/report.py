"""Plays every scenario on both sides and writes the table."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass

import botocore.endpoint

from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.simulation import StuckError

from .scenarios import SCENARIOS, Scenario
from .sides import OURS, PROVIDER, Side, services

_SEED = 2023


@dataclass(frozen=True)
class Outcome:
    """How a side fared.

    Attributes:
        verdict: In words; "ok" if it fared as it should.
        created: How many channels the service created.
        left: How many exist after the end, though the stack was deleted, twice if need be.
        longest_seconds: The longest that CloudFormation waited for an answer.
        statuses: The stack's.
    """

    verdict: str
    created: int
    left: int
    longest_seconds: float
    statuses: tuple[str, ...]

    @property
    def is_ok(self) -> bool:
        return self.verdict == "ok"


def played(scenario: Scenario, side: Side) -> Outcome:
    """One scenario on one side."""
    # boto3's pauses are random.
    random.seed(_SEED)
    # boto3 waits between its attempts: in the time of the simulation.
    clock, botocore.endpoint.time = botocore.endpoint.time, _Clock(side)
    try:
        statuses = tuple(scenario.play(side))
        with contextlib.suppress(StuckError):
            side.world.settle()
        side.world.advance(7200)
        if side.stack.resources:
            # What a stack still knows is no leak: its owner deletes it again.
            side.stack.delete()
            side.world.advance(7200)
        return assessed(scenario, side, statuses)
    finally:
        botocore.endpoint.time = clock
        side.close()


def assessed(scenario: Scenario, side: Side, statuses: tuple[str, ...]) -> Outcome:
    """The outcome of an end."""
    created, left = len(side.world.created()), len(side.world.leftovers())
    longest = max(
        (exchange.answers[0].at if exchange.answers else exchange.deadline) - exchange.sent
        for exchange in side.stack.exchanges
        if not exchange.was_cancelled
    )
    unanswered = sum(1 for exchange in side.stack.exchanges if exchange.is_late and not exchange.was_cancelled)
    words = []
    if unanswered:
        words.append("hangs")
    if left:
        words.append("leaks")
    if created > scenario.runs:
        words.append("duplicates")
    if statuses != scenario.wanted:
        failed = next((it for it in statuses if it.endswith("FAILED")), "")
        words.append(f"ends {failed}" if failed else "fails")
    return Outcome(", ".join(words) or "ok", created, left, longest, statuses)


def outcomes() -> Iterator[tuple[Scenario, Outcome, Outcome]]:
    """Every scenario, ours first."""
    replies, clients = ReplyServer(), services()
    try:
        for scenario in SCENARIOS:
            with contextlib.redirect_stdout(io.StringIO()):
                ours, theirs = (played(scenario, Side(name, replies, clients)) for name in (OURS, PROVIDER))
            yield scenario, ours, theirs
    finally:
        replies.close()


def table() -> str:
    """The table in Markdown.

    Raises:
        AssertionError: This library did not fare as it should.
    """
    lines = [f"| what happens | how it was brought about | {OURS} | {PROVIDER} |", "|---|---|---|---|"]
    for scenario, ours, theirs in outcomes():
        assert ours.is_ok, f"{scenario.title}: {ours}"
        lines.append(f"| {scenario.title} | {scenario.how} | {_cell(ours)} | {_cell(theirs)} |")
    return "\n".join(lines) + "\n"


def _cell(outcome: Outcome) -> str:
    word = outcome.verdict if outcome.is_ok else f"**{outcome.verdict}**"
    seconds = outcome.longest_seconds
    longest = f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
    return f"{word}; created {outcome.created}, left {outcome.left}, longest wait {longest}"


class _Clock:
    """`time` for botocore."""

    def __init__(self, side: Side) -> None:
        self.sleep = side.world.simulation.sleep
        self.time = side.world.simulation.clock
