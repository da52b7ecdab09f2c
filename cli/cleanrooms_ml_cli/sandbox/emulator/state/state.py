"""Everything that the emulator holds between two requests, under one lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .faults import Faults
from .holds import Holds
from .journal import Journal
from .lifecycle import Durations
from .settings import Options
from .throttle import Throttle
from .world import Ids, RoleCheck, World


class State:
    """What the emulator holds; see `Emulator` for the arguments.

    Attributes:
        lock: Held by whichever request, lever or seed works on the state.
        world: The records and the settings.
        faults: The faults to come.
        throttle: The token buckets of the request rates.
        holds: The calls that wait for their release.
        journal: The requests so far.
        sleep: How a late reply waits.
    """

    world: World
    faults: Faults
    throttle: Throttle

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        durations: Durations | None = None,
        account: str = "000000000000",
        region: str = "us-east-1",
        *,
        partition: str = "aws",
        options: Options | None = None,
        seed: int | None = None,
        role_check: RoleCheck | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._seed = seed
        self._durations, self._options = durations or Durations(), options or Options()
        self._partition, self._role_check = partition, role_check
        self.account, self.region = account, region
        self.sleep = sleep
        self.lock = threading.RLock()
        self.holds = Holds()
        self.journal = Journal()
        self.reset()

    def reset(self) -> None:
        """Empties everything, with the settings of the start; held calls are released."""
        with self.lock:
            self._ahead_seconds = 0.0
            self.faults = Faults(self._seed)
            self.holds.release()
            self.throttle = Throttle()
            self.world = World(
                clock=lambda: self._clock() + self._ahead_seconds,
                account=self.account,
                region=self.region,
                partition=self._partition,
                durations=self._durations,
                options=self._options,
                ids=Ids(self._seed),
                role_check=self._role_check,
            )
            self.journal.clear()

    def advance(self, seconds: float) -> None:
        """Lets the clock run ahead of the one that it was given."""
        with self.lock:
            self._ahead_seconds += seconds

    @contextmanager
    def current(self, account: str = "") -> Iterator[World]:
        """The world as it is now, locked, as an account works on it. Default: the emulator's account."""
        with self.lock, self.world.as_account(account):
            self.world.sweep()
            yield self.world
