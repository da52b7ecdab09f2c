"""Pauses between the repetitions of throttled calls."""

from __future__ import annotations

import random
from collections.abc import Callable

# Full jitter: a pause of any length up to a bound that doubles, so that callers that share a limit spread out.
_FIRST_SECONDS = 0.25
_LONGEST_SECONDS = 8.0
_DOUBLINGS = 5


class Pauses:
    """The pauses of one invocation of a function.

    Args:
        clock: The time in seconds since 1970.
        sleep: Waits for seconds.
        until: No pause ends later than this.
        seed: Different for each invocation.
    """

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None], until: float, seed: str) -> None:
        self._clock = clock
        self._sleep = sleep
        self._until = until
        self._random = random.Random(seed)  # noqa: S311 (no secret)
        self._seconds = 0.0

    def __call__(self, pauses: int) -> bool:
        """Waits before a throttled call is repeated.

        Args:
            pauses: How often the call has been repeated.

        Returns:
            False, at once, if there is no time left for the pause.
        """
        seconds = self._random.uniform(0.0, min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** min(pauses, _DOUBLINGS)))
        if self._clock() + seconds > self._until:
            return False
        self._sleep(seconds)
        self._seconds += seconds
        return True

    def take_seconds(self) -> float:
        """The length of all pauses since the last call of this."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds
