"""How much worse than the committed figure an honest rerun may be.

The rounds of one run show how much rounds differ, not how much runs do, and few rounds can agree by chance. A tolerance
is therefore not the bare spread:

- What is counted is the same until somebody changes it on purpose: no tolerance.
- What is measured differs from run to run with the machine's other work, however well the rounds agree: 5 % at least.
  So does the size of the functions' archive, with each line of code.
- The greater spread of both runs counts times a factor for their rounds. With normal noise, two runs of the same code
  differ by more in one of a hundred cases. Few rounds make this factor large, many make it small.
- Few rounds alone excuse 7.5 % at most, so that 10 % worse is seen where the spread itself is smaller.
"""

from __future__ import annotations

from .figures import Figure
from .protocol import Row

# What a check has to see.
SEEN = 0.1
_LEAST, _MOST_FOR_FEW_ROUNDS = 0.05, 0.075

# By rounds: the 99th percentile of the difference of two medians, in greater spreads of the two. A test draws it anew.
FACTORS = {2: 7.7, 3: 2.85, 4: 1.8, 5: 1.5, 7: 1.06, 9: 0.86, 12: 0.66, 15: 0.58}


def tolerance(row: Row, now: Figure, committed: Figure) -> float:
    """What the judged figure of a row may be above the committed one, in the unit of the figure."""
    if row.counted:
        return 0.0
    figure = abs(committed.judged(row))
    spread = max(now.spread, committed.spread)
    factor = _factor(min(now.rounds, committed.rounds))
    excused = min(max(factor * spread, _LEAST * figure), _MOST_FOR_FEW_ROUNDS * figure)
    return max(excused, min(factor, 1.0) * spread)


def worse(row: Row, now: Figure, committed: Figure) -> str | None:
    """How a figure is worse than the committed one by more than the tolerance; None if it is not."""
    was, judged, allowed = committed.judged(row), now.judged(row), tolerance(row, now, committed)
    # Sums of the same numbers differ in their last digits.
    if judged <= was + allowed + abs(was) * 1e-9:
        return None
    return f"{row.name}: {row.of.value} is {judged:.3f}; committed {was:.3f}, tolerance {allowed:.3f}"


def unseen(row: Row, now: Figure, committed: Figure) -> str | None:
    """Why a worsening that should be seen would not be; None if it would."""
    was, allowed = committed.judged(row), tolerance(row, now, committed)
    if allowed < SEEN * abs(was) or row.counted:
        return None
    spread = max(now.spread, committed.spread)
    return (
        f"{row.name}: rounds differ by ± {spread:.3f}, so that only {allowed / abs(was):.0%} and more would be seen;"
        " measure on an idle machine, or play more rounds of both"
    )


def _factor(rounds: int) -> float:
    """The factor for so many rounds; a single round, which has no spread, says less than two."""
    return FACTORS[max((known for known in FACTORS if known <= rounds), default=min(FACTORS))]
