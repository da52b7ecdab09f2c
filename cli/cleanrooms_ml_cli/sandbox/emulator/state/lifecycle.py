"""Statuses over time. A record holds when each status begins; the clock says which one it is, without threads.

An oracle on purpose: it reads nothing from the statuses of the specs, which the tests check against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Phase = Literal["create", "delete", "cancel"]

CREATING = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})
DELETING = frozenset({"DELETE_PENDING", "DELETE_IN_PROGRESS"})
CANCELLING = frozenset({"CANCEL_PENDING", "CANCEL_IN_PROGRESS"})
BUSY = CREATING | DELETING | CANCELLING

# Not a status of the service: from here on the record does not exist any more.
GONE = "GONE"

Timeline = list[tuple[float, str]]

_HOUR_SECONDS = 3600.0
_DAY_SECONDS = 24 * _HOUR_SECONDS

# The key of `Durations.create` for channels that get synthetic data.
SYNTHETIC_CHANNEL = "MLInputChannel.synthetic"


@dataclass(frozen=True)
class Durations:
    """How long things take, in seconds of the emulator's clock. What runs already keeps its times.

    Args:
        create: Seconds from the create call to the end of the run, by kind.
        delete: Seconds from the delete call to its end, by kind.
        cancel: Seconds from the cancel call to its end, by kind.
        pending_share: Share of each that is spent in CREATE_PENDING, DELETE_PENDING or CANCEL_PENDING.
        retention_day_seconds: How long one day of `retentionInDays` lasts.
    """

    create: Mapping[str, float] = field(
        default_factory=lambda: {
            "AudienceModel": 4.0,
            "AudienceGenerationJob": 4.0,
            "AudienceExportJob": 2.0,
            "MLInputChannel": 3.0,
            SYNTHETIC_CHANNEL: 6.0,
            "TrainedModel": 5.0,
            "TrainedModelInferenceJob": 4.0,
            "TrainedModelExportJob": 2.0,
            "ProtectedQuery": 2.0,
            "ProtectedJob": 3.0,
            "AnalysisLogExport": 1.0,
        }
    )
    delete: Mapping[str, float] = field(
        default_factory=lambda: {
            "AudienceModel": 1.0,
            "AudienceGenerationJob": 1.0,
            "MLInputChannel": 1.0,
            "TrainedModel": 1.0,
        }
    )
    cancel: Mapping[str, float] = field(
        default_factory=lambda: {
            "TrainedModel": 1.0,
            "TrainedModelInferenceJob": 1.0,
            "ProtectedQuery": 1.0,
            "ProtectedJob": 1.0,
        }
    )
    pending_share: float = 0.2
    retention_day_seconds: float = _HOUR_SECONDS

    @classmethod
    def realistic(cls) -> Durations:
        """Times in the order of the real service's."""
        return cls(
            create={
                "AudienceModel": 20 * _HOUR_SECONDS,
                "AudienceGenerationJob": 4 * _HOUR_SECONDS,
                "AudienceExportJob": 600.0,
                "MLInputChannel": 300.0,
                SYNTHETIC_CHANNEL: 3 * _HOUR_SECONDS,
                "TrainedModel": 2 * _HOUR_SECONDS,
                "TrainedModelInferenceJob": _HOUR_SECONDS,
                "TrainedModelExportJob": 600.0,
                "ProtectedQuery": 60.0,
                "ProtectedJob": 300.0,
                "AnalysisLogExport": 60.0,
            },
            delete={
                "AudienceModel": 120.0,
                "AudienceGenerationJob": 60.0,
                "MLInputChannel": 60.0,
                "TrainedModel": 60.0,
            },
            cancel={
                "TrainedModel": 60.0,
                "TrainedModelInferenceJob": 60.0,
                "ProtectedQuery": 10.0,
                "ProtectedJob": 10.0,
            },
            retention_day_seconds=_DAY_SECONDS,
        )

    def changed(
        self,
        create: Mapping[str, float] | None = None,
        delete: Mapping[str, float] | None = None,
        cancel: Mapping[str, float] | None = None,
        **others: float,
    ) -> Durations:
        """These durations with some replaced."""
        return replace(
            self,
            create={**self.create, **(create or {})},
            delete={**self.delete, **(delete or {})},
            cancel={**self.cancel, **(cancel or {})},
            **others,
        )

    def run(self, phase: Phase, kind: str, now: float, end: str) -> Timeline:
        """The statuses of what starts now and ends as `end`; a phase of a kind without a duration ends at once."""
        seconds = getattr(self, phase).get(kind, 0.0)
        verb = phase.upper()
        return [
            (now, f"{verb}_PENDING"),
            (now + seconds * self.pending_share, f"{verb}_IN_PROGRESS"),
            (now + seconds, end),
        ]


@dataclass
class Record:
    """One resource.

    Args:
        kind: Name of its kind.
        key: By what it is known here: its ARN, unless it has none or shares it with other versions.
        arn: Its ARN; empty for a kind without.
        account: The account that it belongs to.
        number: Its number in the order of creation.
        data: What it was asked to be, in the members of the API.
        tags: Its tags.
        timeline: When each status begins.
        created: When it was created.
        changed: When it was last changed by a request.
        started: Members that it shows once its run is in progress.
        results: Members that it shows once it is ready.
        ended: Members that it shows once its run has ended, however.
        failure: Its statusDetails, once it has failed.
        visible_from: Until then it is not found (a fault).
        seeded: Whether it was put there rather than created by a request.
        policy: Its resource policy.
        seeded_policy: Whether that was put there, too.
        twin: Key of the same run's record in another account.
    """

    kind: str
    key: str
    arn: str
    account: str
    number: int
    data: dict[str, Any]
    tags: dict[str, str]
    timeline: Timeline
    created: float
    changed: float
    started: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    ended: dict[str, Any] = field(default_factory=dict)
    failure: dict[str, str] | None = None
    visible_from: float = 0.0
    seeded: bool = False
    policy: str | None = None
    seeded_policy: bool = False
    twin: str = ""

    @property
    def name(self) -> str:
        return str(self.data.get("name", ""))

    def status(self, now: float) -> str:
        """The status at a time; a clock that was put back finds the first one."""
        begun = [status for begins, status in self.timeline if begins <= now]
        return begun[-1] if begun else self.timeline[0][1]

    def is_busy(self, now: float) -> bool:
        """Whether a run, a cancellation or a delete is in progress."""
        return self.status(now) in BUSY

    def may_be_used(self, now: float) -> bool:
        """Whether it neither has failed nor is deleted: it is ACTIVE, or becomes it."""
        return self.status(now) in {"ACTIVE", *CREATING}

    def was(self, status: str, now: float) -> bool:
        """Whether it has had a status."""
        return any(had == status for begins, had in self.timeline if begins <= now)

    def update_time(self, now: float) -> float:
        """When it last changed, by a request or by itself; to a clock that was put back, by a request."""
        return max([self.changed, *(begins for begins, _ in self.timeline if begins <= now)])

    def reschedule(self, now: float, timeline: Timeline) -> None:
        """Replaces the statuses to come."""
        self.timeline = [entry for entry in self.timeline if entry[0] <= now] + timeline
