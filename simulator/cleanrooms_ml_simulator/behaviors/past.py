"""What the emulated service held earlier, for reads that lag."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from cleanrooms_ml_cli.sandbox.emulator import Emulator
from cleanrooms_ml_cli.sandbox.emulator.state.lifecycle import Record

Records = dict[str, Record]


class Past:
    """The records before each change, as far back as somebody wants to see.

    Args:
        emulator: The service.
        clock: The time, in seconds since 1970.

    Attributes:
        longest_seconds: How far back they are kept; 0 keeps none.
    """

    def __init__(self, emulator: Emulator, clock: Callable[[], float]) -> None:
        self._emulator = emulator
        self._clock = clock
        self.longest_seconds = 0.0
        self._moments: deque[tuple[float, Records]] = deque()

    def keep(self, seconds: float) -> None:
        """Keep what was held within the last seconds, from now on."""
        self.longest_seconds = max(self.longest_seconds, seconds)

    def note(self) -> None:
        """A call is about to change something: keep what is there until now."""
        if not self.longest_seconds:
            return
        now = self._clock()
        if self._moments and self._moments[-1][0] == now:
            # What another call changes at the same moment was not there before either.
            return
        held = {
            key: replace(record, data=dict(record.data), tags=dict(record.tags))
            for key, record in self._emulator.state.world.records.items()
        }
        self._moments.append((now, held))
        while self._moments and self._moments[0][0] < now - self.longest_seconds:
            self._moments.popleft()

    @contextmanager
    def seen_from(self, seconds: float) -> Iterator[None]:
        """Everything within sees the service as it was some seconds ago."""
        moment = self._clock() - seconds
        held = next((records for until, records in self._moments if until > moment), None)
        state = self._emulator.state
        live, sleep, pauses = state.world.records, state.sleep, list[float]()
        state.world.records = {key: _later(record, seconds) for key, record in (live if held is None else held).items()}
        # A reply that is late waits afterwards: what others change meanwhile has to go into the present.
        state.sleep = pauses.append
        try:
            yield
        finally:
            state.world.records, state.sleep = live, sleep
        for pause in pauses:
            sleep(pause)


def _later(record: Record, seconds: float) -> Record:
    """A record whose statuses begin so much later: at any moment it has the status that it had before."""
    timeline = [record.timeline[0], *((begins + seconds, status) for begins, status in record.timeline[1:])]
    visible_from = record.visible_from + seconds if record.visible_from else 0.0
    return replace(record, timeline=timeline, visible_from=visible_from)
