"""Everything that the emulator holds between two requests, under one lock.

Each Region has a world of its own; the clock, the settings and what is to happen are those of all Regions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from .faults import Faults
from .holds import Holds
from .journal import Journal
from .lifecycle import Durations
from .settings import Options
from .throttle import Throttle
from .world import Ids, RoleCheck, World

_ARN_COLONS = 5
# The partition of the Regions whose names begin like this; all others are in "aws".
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def partition_of(region: str) -> str:
    """The partition of a Region."""
    return next((partition for prefix, partition in _PARTITIONS.items() if region.startswith(prefix)), "aws")


class State:
    """What the emulator holds; see `Emulator` for the arguments.

    Attributes:
        lock: Held by whichever request, lever or seed works on the state.
        world: The records and the settings of the emulator's own Region.
        worlds: Those of each Region that was used.
        faults: The faults to come.
        throttle: The token buckets of the request rates.
        holds: The calls that wait for their release.
        journal: The requests so far.
        sleep: How a late reply waits.
    """

    world: World
    worlds: dict[str, World]
    faults: Faults
    throttle: Throttle

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        durations: Durations | None = None,
        account: str = "000000000000",
        region: str = "us-east-1",
        *,
        partition: str = "",
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
                partition=self._partition or partition_of(self.region),
                durations=self._durations,
                options=self._options,
                ids=Ids(self._seed),
                role_check=self._role_check,
            )
            self.worlds = {self.region: self.world}
            self.journal.clear()

    def configure(self, **settings: Any) -> None:
        """Changes `durations` or `options`, in every Region."""
        with self.lock:
            for world in self.worlds.values():
                for name, value in settings.items():
                    setattr(world, name, value)

    def in_region(self, region: str) -> World:
        """The world of a Region. Default: the emulator's own."""
        with self.lock:
            if region and region not in self.worlds:
                self.worlds[region] = replace(
                    self.world,
                    region=region,
                    partition=partition_of(region),
                    account=self.account,
                    records={},
                    created_count=0,
                )
            return self.worlds[region or self.region]

    def of_record(self, key: str) -> World:
        """The world that has a record; the emulator's own if none has."""
        with self.lock:
            named = key.split(":")[3] if key.startswith("arn:") and key.count(":") >= _ARN_COLONS else ""
            holders = [world for world in self.worlds.values() if key in world.records]
            return self.worlds.get(named) or next(iter(holders), self.world)

    def advance(self, seconds: float) -> None:
        """Lets the clock run ahead of the one that it was given."""
        with self.lock:
            self._ahead_seconds += seconds

    @contextmanager
    def current(self, account: str = "", region: str = "") -> Iterator[World]:
        """The world as it is now, locked, as an account works on it. Default: the emulator's account and Region."""
        with self.lock:
            world = self.in_region(region)
            with world.as_account(account):
                world.sweep()
                yield world
