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
    """The outcome of a scenario on one side.

    Attributes:
        verdict: In words; "ok" if it is as it should be.
        created: How many channels the service created.
        leaked: How many exist after the stack was deleted, twice if necessary.
        longest_seconds: How long CloudFormation waited for an answer at most.
        statuses: The statuses of the stack.
    """

    verdict: str
    created: int
    leaked: int
    longest_seconds: float
    statuses: tuple[str, ...]

    @property
    def is_ok(self) -> bool:
        return self.verdict == "ok"


def played(scenario: Scenario, side: Side) -> Outcome:
    """One scenario on one side."""
    # The delays of boto3 are random.
    random.seed(_SEED)
    # boto3 waits between attempts, in simulated time.
    clock, botocore.endpoint.time = botocore.endpoint.time, _Clock(side)
    try:
        statuses = tuple(scenario.play(side))
        with contextlib.suppress(StuckError):
            side.world.settle()
        side.world.advance(7200)
        if side.stack.resources:
            # What the stack still has is not a leak: its owner deletes the stack again.
            side.stack.delete()
            side.world.advance(7200)
        return outcome_of(scenario, side, statuses)
    finally:
        botocore.endpoint.time = clock
        side.close()


def outcome_of(scenario: Scenario, side: Side, statuses: tuple[str, ...]) -> Outcome:
    """The outcome of a scenario."""
    created, leaked = len(side.world.created()), len(side.world.leftovers())
    longest = max(
        (exchange.answers[0].at if exchange.answers else exchange.deadline) - exchange.sent
        for exchange in side.stack.exchanges
        if not exchange.was_cancelled
    )
    unanswered = sum(1 for exchange in side.stack.exchanges if exchange.is_late and not exchange.was_cancelled)
    words = []
    if unanswered:
        words.append("hangs")
    if leaked:
        words.append("leaks")
    if created > scenario.runs:
        words.append("duplicates")
    if statuses != scenario.wanted:
        failed = next((it for it in statuses if it.endswith("FAILED")), "")
        words.append(f"ends {failed}" if failed else "fails")
    return Outcome(", ".join(words) or "ok", created, leaked, longest, statuses)


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
        AssertionError: This library did not behave as it should.
    """
    lines = [f"| what happens | how it was caused | {OURS} | {PROVIDER} |", "|---|---|---|---|"]
    for scenario, ours, theirs in outcomes():
        assert ours.is_ok, f"{scenario.title}: {ours}"
        lines.append(f"| {scenario.title} | {scenario.how} | {_cell(ours)} | {_cell(theirs)} |")
    return "\n".join(lines) + "\n"


def _cell(outcome: Outcome) -> str:
    word = outcome.verdict if outcome.is_ok else f"**{outcome.verdict}**"
    seconds = outcome.longest_seconds
    longest = f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
    return f"{word}; {outcome.created} created, {outcome.leaked} leaked, longest wait {longest}"


class _Clock:
    """`time` for botocore."""

    def __init__(self, side: Side) -> None:
        self.sleep = side.world.simulation.sleep
        self.time = side.world.simulation.clock
