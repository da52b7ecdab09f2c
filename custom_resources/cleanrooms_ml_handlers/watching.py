"""The watch of a run that no `Ready` waits for, and the events of the ends of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Failure
from .identity import OWNERSHIP_TAG_KEY, Desired, Record
from .no_result import why_not_ready
from .ownership import owns
from .parents import require_own_parent
from .proof import was_accepted
from .records import find_records, record_of
from .request_order import Requests
from .shared_names import STATE_CHANGE
from .spec import Phase
from .steps import Step, Unfinished
from .texts import redacted
from .timing import SETTLING_SECONDS

# A run that has not been seen for this long is gone.
_MISSING_SECONDS = 3600
_WHY_MISSING = "it is gone: it was deleted outside CloudFormation"
# Statuses of the event of a run that is gone, and of one whose status was never seen.
_DELETED = "DELETED"
_UNKNOWN = "UNKNOWN"


def watch(step: Step) -> None:
    """Waits until a run that no `Ready` waits for has ended, and puts an event on the default bus.

    Only a later request for the same resource ends it without an event.

    Raises:
        Unfinished: It is still running, or does not show.
    """
    record = _watched(step)
    if record is None:
        missing_since: float = step.progress.setdefault("missing_since", step.now)
        if step.now < missing_since + _MISSING_SECONDS:
            raise Unfinished("the run does not show")
        if not _is_superseded(step):
            report_unseen(step, _WHY_MISSING, _DELETED)
        return
    step.progress.pop("missing_since", None)
    note_seen(step, record)
    if record.is_marked_for_deletion:
        return
    phase = step.phase(record)
    if phase in (Phase.PENDING, Phase.DELETING):
        raise Unfinished(f"{step.named(record)} is still {record.status}")
    if phase is Phase.GONE and _is_superseded(step):
        # The tags of a version are those of all: none says that it was marked for deletion.
        return
    _report(step, record.arn, record.name, record.status, _reason(step, record, phase))


def _reason(step: Step, record: Record, phase: Phase | None) -> str:
    return "" if phase is Phase.READY else why_not_ready(step.spec, record, phase)


def _watched(step: Step) -> Record | None:
    """The run of the watch, the newest of its identity; None if it does not show."""
    if "seen" in step.progress:
        record = record_of(step, str(step.progress["seen"][0]))
        return record if record is not None and _may_be_shown(step, record) else None
    desired = Desired(step.spec, step.request.properties)
    signed_at = step.request.signed_at
    found = [
        record
        for record in find_records(step, desired)
        # What is marked for deletion cannot have been adopted.
        if owns(step, record, desired) and not (record.is_marked_for_deletion and record.created_at < signed_at)
    ]
    newest = max(found, key=lambda record: record.created_at, default=None)
    since: float = step.progress.setdefault("watching_since", step.now)
    if newest is not None and newest.created_at < signed_at and step.looked_at < since + SETTLING_SECONDS:
        # It was adopted, or it is an earlier one and the run does not show yet: its request may be long past.
        return None
    return newest


def _may_be_shown(step: Step, record: Record) -> bool:
    """Whether a run that was seen is this stack's: the caller of the worker can make the progress up."""
    if step.spec.is_taggable:
        has_lost_tag = OWNERSHIP_TAG_KEY not in record.tags and step.owner.named(record.name)
        return step.owner.is_in_stack(record) or "tags" not in record.answer or has_lost_tag
    members = step.spec.identifiers(record.id) or {}
    try:
        require_own_parent(step, members)
    except Failure:
        # The template named the parent when the request was accepted; a retained run is watched on without.
        parent = step.spec.parent.member if step.spec.parent else ""
        is_asked_for = str(members.get(parent)) == str(step.request.properties.get(parent))
        return is_asked_for and was_accepted(step.service, step.request, step.execution)
    return True


def _is_superseded(step: Step) -> bool:
    """Whether a later request may have deleted the run."""
    its_id = str(step.progress["seen"][0]) if "seen" in step.progress else ""
    return any(_may_delete(step, event, its_id) for event in _later_events(step))


def _later_events(step: Step) -> list[Mapping[str, Any]]:
    return Requests(step.service, step.request, step.execution).later_events()


def _may_delete(step: Step, event: Mapping[str, Any], its_id: str) -> bool:
    is_same = step.identity(event["ResourceProperties"]) == step.identity(step.request.properties)
    other_id = str(event.get("PhysicalResourceId", ""))
    if event["RequestType"] == "Delete":
        names_another = its_id and other_id != its_id and step.spec.identifiers(other_id) is not None
        return is_same and not names_another
    # One that rolls back the Update which created the run, perhaps before CloudFormation knew its id.
    leaves_it = step.identity(event.get("OldResourceProperties") or {}) == step.identity(step.request.properties)
    return not is_same and (leaves_it or not its_id) and other_id != its_id


def announce(step: Step, record: Record, phase: Phase | None) -> None:
    """Puts the event at the end of a run for which the deployment waits, if someone has asked for it.

    Every link sees a success, so that `Ready` alone reports it; any other end is seen once. An Update that concerns
    the same run reports nothing new.
    """
    if phase is Phase.READY and step.request.is_set("Link"):
        return
    if logical_id := _announced(step):
        _report(step, record.arn, record.name, record.status, _reason(step, record, phase), logical_id)


def announce_deleted(step: Step, physical_id: str) -> None:
    """Puts the event of a run for which the deployment waits, and which somebody has deleted."""
    if logical_id := _announced(step):
        step.progress.setdefault("seen", ["", physical_id, "", _UNKNOWN])
        report_unseen(step, _WHY_MISSING, _DELETED, logical_id)


def note_seen(step: Step, record: Record) -> None:
    """Notes what an event says of a run if it does not show any more later."""
    step.progress["seen"] = [record.id, record.arn, record.name, record.status]


def _announced(step: Step) -> str:
    """The logical id of the run whose end is to be reported; empty if nobody has asked, or the run is known."""
    request = step.request
    is_known = request.kind == "Update" and request.old_properties.get("Arn") == request.properties.get("Arn")
    return "" if is_known else str(request.settings.get("EventFor") or "")


def report_unseen(step: Step, reason: str, status: str = _UNKNOWN, logical_id: str = "") -> None:
    """Puts the event of a run whose end the service does not show.

    Args:
        step: The step.
        reason: Why.
        status: The status to report, unless the service showed one before.
        logical_id: The logical id of the run. Default: that of the request.
    """
    _, arn, name, seen = step.progress.get("seen") or ("", "", "", _UNKNOWN)
    _report(step, arn, name, seen if status == _UNKNOWN else status, reason, logical_id)


def _report(step: Step, arn: str, name: str, status: str, reason: str, logical_id: str = "") -> None:
    detail = {
        "kind": step.spec.kind,
        "arn": arn,
        "name": name,
        "status": status,
        "reason": redacted(step, reason),
        "stackId": step.request.stack_id,
        "logicalId": logical_id or step.request.logical_id,
    }
    step.service.put_event(STATE_CHANGE, detail)
