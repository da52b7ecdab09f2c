"""What a benchmark is: a module of this package with a ``BENCHMARK``, listed in ``table.py``.

A benchmark plays rounds. Each round measures this library and what a user would take instead, one right after the
other, so that the ratio means the same on a slow machine as on a fast one. All figures are better when lower.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum


class Of(Enum):
    """Which figure a bound is for."""

    RATIO = "ratio"
    OURS = "ours"


@dataclass(frozen=True)
class Pair:
    """What one round measured for one row.

    Attributes:
        ours: With this library.
        theirs: With what the user would take instead; None for a figure that has no counterpart.
    """

    ours: float
    theirs: float | None = None


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        name: What is measured; unique among all rows, and the key of the committed figures.
        unit: The unit of both figures, such as "s", "CPU s", "calls".
        rival: What it is compared with; empty for a figure that has no counterpart.
        bound: The most it may be; None where nothing is promised.
        of: Which figure the bound is for. Of a row without a rival, `OURS`.
        goal: What it aims at, below the bound; None for the bound itself.
        counted: Whether it is counted or computed, the same in every run, rather than measured.
    """

    name: str
    unit: str
    rival: str = ""
    bound: float | None = None
    of: Of = Of.RATIO
    goal: float | None = None
    counted: bool = False

    def __post_init__(self) -> None:
        if not self.rival and self.of is Of.RATIO:
            raise ValueError(f"{self.name}: has no rival, and hence no ratio; pass of=Of.OURS")


@dataclass(frozen=True)
class Benchmark:
    """Rows that are measured together.

    Attributes:
        rows: Its rows.
        play: Plays one round: what it measured, by the names of the rows.
        rounds: How many rounds. One is enough where nothing varies.
        warm_up: Called once before the first round, for what happens once in a process.
        details: More that belongs to the figures, such as the calls of each operation, as Markdown; called after the
            last round.
    """

    rows: tuple[Row, ...]
    play: Callable[[], Mapping[str, Pair]]
    rounds: int = 5
    warm_up: Callable[[], object] | None = None
    details: Callable[[], str] | None = None
