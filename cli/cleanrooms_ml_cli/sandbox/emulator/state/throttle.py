"""Request rates: token buckets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """Calls per second, and how many at once after a pause."""

    per_second: float
    burst: float


class Throttle:
    """A token bucket for each operation of each account."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, ...], tuple[float, float]] = {}

    def allows(self, limit: Rate | None, key: tuple[str, ...], now: float) -> bool:
        """Whether one more call may pass now; takes a token if so.

        Args:
            limit: The rate; None if there is none.
            key: Account, service and operation.
            now: The time in seconds.
        """
        if limit is None:
            return True
        tokens, since = self._buckets.get(key, (limit.burst, now))
        tokens = min(limit.burst, tokens + max(0.0, now - since) * limit.per_second)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        return allowed
