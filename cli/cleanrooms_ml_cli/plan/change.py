"""What becomes of one resource."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..account.members import Difference


class Action(StrEnum):
    """What a deployment does with a resource.

    CREATE: it is created.
    ADOPT: what exists already is taken over: the record of an earlier attempt, or what `adopt_existing` names.
    UPDATE: it is changed in place.
    REPLACE: another one takes its place.
    DELETE: it is deleted.
    KEEP: it leaves the stack, or is replaced, and stays in the service.
    FAIL: the deployment fails.
    NONE: nothing.
    """

    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    KEEP = "keep"
    FAIL = "fail"
    NONE = "none"


class FailOn(StrEnum):
    """What a pipeline may refuse."""

    REPLACE = "replace"
    NEW_RUN = "new-run"
    DELETE = "delete"


@dataclass(frozen=True)
class Change:
    """What becomes of one resource.

    Attributes:
        stack: The stack that it is in.
        where: Its path in the CDK app, or its logical id.
        kind: The API's name of the kind.
        action: What is done.
        differences: Members with other values.
        causes: The members whose change creates another resource; empty unless it is replaced.
        calls: The operations by which the service is changed, in order, those that delete the old one last.
        run: What a new run means: its usual duration, what it is billed in and to whom, the budgets that it draws on.
        deletes: What is deleted for good.
        notes: What else to know: quotas, what is still running.
        failure: Why the deployment fails.
        physical_id: What there is now.
    """

    stack: str
    where: str
    kind: str
    action: Action
    differences: tuple[Difference, ...] = ()
    causes: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    deletes: str = ""
    notes: tuple[str, ...] = ()
    failure: str = ""
    physical_id: str = ""

    @property
    def classes(self) -> frozenset[FailOn]:
        """What of it a pipeline may refuse."""
        found = {FailOn.REPLACE} if self.action is Action.REPLACE else set()
        found |= {FailOn.NEW_RUN} if self.run else set()
        return frozenset(found | ({FailOn.DELETE} if self.deletes else set()))

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "stack": self.stack,
            "resource": self.where,
            "kind": self.kind,
            "action": self.action.value,
            "differences": [{"path": one.path, "before": one.before, "after": one.after} for one in self.differences],
            "replacedBecauseOf": list(self.causes),
            "calls": list(self.calls),
            "newRun": list(self.run),
            "deletes": self.deletes,
            "notes": list(self.notes),
            "failure": self.failure,
            "physicalId": self.physical_id,
        }


@dataclass(frozen=True)
class Plan:
    """What a deployment of one stack does.

    Attributes:
        stack: The stack's name.
        is_new: Whether the stack does not exist yet.
        changes: What becomes of each resource that does not stay as it is.
        unchanged: How many stay.
    """

    stack: str
    is_new: bool
    changes: tuple[Change, ...]
    unchanged: int = 0

    @property
    def classes(self) -> frozenset[FailOn]:
        """What of it a pipeline may refuse."""
        return frozenset().union(*(change.classes for change in self.changes))

    @property
    def fails(self) -> bool:
        """Whether the deployment fails."""
        return any(change.failure for change in self.changes)

    @property
    def summary(self) -> str:
        """The plan in a line."""
        if not self.changes:
            return f"{self.stack}: nothing changes in Clean Rooms ML ({self.unchanged} unchanged)"
        counts: dict[str, int] = {}
        for change in self.changes:
            counts[change.action.value] = counts.get(change.action.value, 0) + 1
        runs = sum(1 for change in self.changes if change.run)
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        new_runs = f"; {runs} new run{'s' if runs > 1 else ''}" if runs else ""
        new_stack = " (a new stack)" if self.is_new else ""
        return f"{self.stack}{new_stack}: {said}, {self.unchanged} unchanged{new_runs}"

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "stack": self.stack,
            "summary": self.summary,
            "new": self.is_new,
            "fails": self.fails,
            "classes": sorted(self.classes),
            "unchanged": self.unchanged,
            "changes": [change.as_json() for change in self.changes],
        }
