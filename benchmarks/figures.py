"""What rounds amount to: one figure for each row, with its spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .protocol import Of, Pair, Row


@dataclass(frozen=True)
class Figure:
    """What a row has come to.

    Attributes:
        ours: The median with this library.
        theirs: The median with what a user would take instead; None for a figure without a counterpart.
        ratio: The median of the rounds' ratios; None without a counterpart.
        spread: Half the distance between the least and the greatest judged figure of the rounds: 0 for what is counted.
        rounds: How many rounds it is from.
    """

    ours: float
    theirs: float | None
    ratio: float | None
    spread: float
    rounds: int

    def judged(self, row: Row) -> float:
        """The figure that is compared with the bound, and with the committed one."""
        judged = self.ratio if row.of is Of.RATIO else self.ours
        assert judged is not None, row.name
        return judged

    def meets(self, row: Row) -> bool:
        """Whether it is within the bound."""
        return row.bound is None or self.judged(row) <= row.bound


def figure_of(row: Row, rounds: Sequence[Mapping[str, Pair]]) -> Figure:
    """What the rounds amount to for one row."""
    pairs = [each[row.name] for each in rounds]
    theirs = [pair.theirs for pair in pairs if pair.theirs is not None]
    ratios = [pair.ours / pair.theirs for pair in pairs if pair.theirs]
    judged = ratios if row.of is Of.RATIO else [pair.ours for pair in pairs]
    return Figure(
        ours=median(pair.ours for pair in pairs),
        theirs=median(theirs) if theirs else None,
        ratio=median(ratios) if ratios else None,
        spread=(max(judged) - min(judged)) / 2,
        rounds=len(rounds),
    )
