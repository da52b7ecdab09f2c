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
    """

    ours: float
    theirs: float | None
    ratio: float | None
    spread: float

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
    )


def worse(row: Row, now: Figure, committed: Figure) -> str | None:
    """How a figure is worse than the committed one by more than the spread; None if it is not."""
    spread = max(now.spread, committed.spread)
    was, judged = committed.judged(row), now.judged(row)
    # Sums of the same numbers differ in their last digits.
    if judged <= was + spread + abs(was) * 1e-9:
        return None
    return f"{row.name}: {row.of.value} is {judged:.3f}; committed {was:.3f}, spread {spread:.3f}"
