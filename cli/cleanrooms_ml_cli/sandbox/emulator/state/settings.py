"""What a test or a user can choose: how the service behaves, and how the next runs end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .lifecycle import Phase


@dataclass(frozen=True)
class Options:
    """Behavior that the documentation leaves open, or that a test wants otherwise.

    Args:
        throttle: Whether calls above the documented rates get ThrottlingException.
        page_size: Items on a page of a List without maxResults.
        unique_names: Kinds whose names are unique although the documentation does not say so.
        tag_inactive: Whether TagResource on an INACTIVE record is refused with ConflictException.
        inactive_figures: Whether an INACTIVE record still shows its figures.
        new_version: When incremental training creates a new version of the model that it starts from, rather than
            a model of its own: if it has the same name, or always.
        latest_version: Which version incremental training continues that names none: the latest one that neither has
            failed nor is deleted, or the latest one whatever its status.
        undeclared_not_found: What operations of AWS Clean Rooms that do not declare ResourceNotFoundException, such as
            GetCollaboration, answer for what is not there: that error all the same, or AccessDeniedException.
        inactive_frees_name: Whether the name of an INACTIVE record is free again.
        unlisted_spark_keys: Whether Spark properties that are not documented are accepted or refused with
            ValidationException.
        busy_delete: The error for deleting what is busy.
        deleting_holds: Whether what is being deleted still keeps what it was built on from being deleted.
        access_budget: The privacy budget of the table that queries of a collaboration read, of which each channel
            takes one; 0 for a table without one.
        quotas: Values by quota name, instead of the defaults.
    """

    throttle: bool = True
    page_size: int = 10
    unique_names: frozenset[str] = frozenset()
    tag_inactive: Literal["conflict", "ok"] = "conflict"
    inactive_figures: bool = True
    new_version: Literal["same name", "always"] = "same name"
    latest_version: Literal["usable", "any"] = "usable"
    undeclared_not_found: Literal["not found", "access denied"] = "not found"
    inactive_frees_name: bool = False
    unlisted_spark_keys: Literal["accepted", "refused"] = "accepted"
    busy_delete: Literal["conflict", "validation"] = "conflict"
    deleting_holds: bool = True
    access_budget: int = 100
    quotas: Mapping[str, float] = field(default_factory=dict)


@dataclass
class RunOrder:
    """What the next runs, deletes or cancellations of a kind are to do.

    Args:
        kind: Name of the kind.
        count: How many.
        phase: "create" for runs, "delete" for deletes, "cancel" for cancellations.
        status_code: Of the failure; empty for one that succeeds.
        message: Of the failure.
        figures: Members that the ready record shows, instead of the generated ones.
        seconds: How long it takes, instead of the durations.
    """

    kind: str
    count: int = 1
    phase: Phase = "create"
    status_code: str = ""
    message: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None

    @property
    def failure(self) -> dict[str, str] | None:
        """The statusDetails that were ordered."""
        return {"statusCode": self.status_code, "message": self.message} if self.status_code else None
