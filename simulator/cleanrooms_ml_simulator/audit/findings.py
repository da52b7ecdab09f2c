"""What must never happen, one sentence for each time that it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

# How each list of an `Audit` is called where its sentences are counted.
COUNTED: Mapping[str, str] = {
    "waiting": "stacks waiting",
    "orphans": "orphans",
    "duplicates": "duplicates",
    "false_successes": "false successes",
    "lost_events": "events lost",
    "live_deleted": "live resources deleted",
    "false_properties": "false properties",
}


@dataclass
class Audit:
    """One sentence for each thing that must never happen.

    Attributes:
        waiting: CloudFormation got no answer in time.
        orphans: Something exists in the service that no stack knows and no answer reported.
        duplicates: One request created two resources, or a rollback created one.
        false_successes: SUCCESS was answered and was not true.
        lost_events: A run has ended that is watched, or whose end a `Ready` is to report, and no event says so.
        live_deleted: Something that a stack holds was deleted, or is marked for deletion.
        false_properties: A stack says something of what it holds that the service does not.
        reported: Something exists in the service which no stack knows, and the last answer about it said so: no fault,
            but the fault of whatever did not end.
    """

    waiting: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    false_successes: list[str] = field(default_factory=list)
    lost_events: list[str] = field(default_factory=list)
    live_deleted: list[str] = field(default_factory=list)
    false_properties: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)

    @property
    def counts(self) -> tuple[int, ...]:
        """How many of each, in the order of `COUNTED`."""
        return tuple(len(getattr(self, name)) for name in COUNTED)

    def add(self, other: Audit) -> None:
        """Take over what another one found in addition."""
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            mine += [line for line in theirs if line not in mine]

    @property
    def summary(self) -> str:
        """The counts in words."""
        return ", ".join(f"{what} {count}" for what, count in zip(COUNTED.values(), self.counts, strict=True))

    def within(self, where: str) -> Audit:
        """The same, each sentence with where it was found."""
        return Audit(*([f"{where}: {line}" for line in getattr(self, one.name)] for one in fields(self)))

    def __bool__(self) -> bool:
        return any(self.counts)

    def __str__(self) -> str:
        return "\n".join(line for name in COUNTED for line in getattr(self, name)) or "nothing"
