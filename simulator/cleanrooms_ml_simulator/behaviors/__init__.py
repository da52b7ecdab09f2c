"""What AWS may do otherwise than in a quiet world: lag, refuse, repeat, reorder and lie.

A world behaves like this by default; a test that needs a well-behaved one says so.
"""

from .behavior import Behavior, Surroundings
from .delivery import (
    ClockBehind,
    ExecutionsLag,
    LostExecutions,
    Reorders,
    StartsThrottled,
    WorkerFails,
    lose,
    stop_workers,
)
from .past import Past
from .reads import Lag, OldStatusAfterDelete, SmallPages, TagCallsGone
from .refusals import LONE_SURROGATE, Conflicts, LoneSurrogates, RefusesTags, SharedBucket

# What may be true of AWS on any day, all at once.
HARD: tuple[Behavior, ...] = (
    SharedBucket(),
    StartsThrottled(),
    Conflicts(),
    RefusesTags(),
    TagCallsGone(),
    LoneSurrogates(),
    SmallPages(),
    Lag("List", 5),
    Lag("Get", 3),
    Lag("Tags", 4),
    OldStatusAfterDelete(),
    ClockBehind(),
    ExecutionsLag(),
    Reorders(),
)
# What happens on a bad day.
FAILURES: tuple[Behavior, ...] = (
    SharedBucket(1, 1),
    LostExecutions(),
    WorkerFails(seconds=120),
    WorkerFails(seconds=600),
    WorkerFails(seconds=4000, throttled=True),
)
WELL_BEHAVED: tuple[Behavior, ...] = ()

__all__ = [
    "FAILURES",
    "HARD",
    "LONE_SURROGATE",
    "WELL_BEHAVED",
    "Behavior",
    "ClockBehind",
    "Conflicts",
    "ExecutionsLag",
    "Lag",
    "LoneSurrogates",
    "LostExecutions",
    "OldStatusAfterDelete",
    "Past",
    "RefusesTags",
    "Reorders",
    "SharedBucket",
    "SmallPages",
    "StartsThrottled",
    "Surroundings",
    "TagCallsGone",
    "WorkerFails",
    "lose",
    "stop_workers",
]
