"""Update: in place, or by replacement; and the way back when CloudFormation rolls back."""

from __future__ import annotations

from .adoption import refuse_another
from .creation import USABLE, adoptable, create_or_adopt, undone_update
from .deletion import Remaining, Scope, delete_all
from .errors import Failure, Fault, ServiceError
from .executions import Purpose
from .history import DEPLOYMENT_SECONDS, before, first_claim
from .identity import Desired, Record
from .in_place import align, change
from .ownership import last_known, owns, require_present
from .records import find_records, get_record
from .spec import Phase
from .steps import Step, Unfinished
from .timing import CLOCK_SKEW_SECONDS, DEPLOYMENT_WINDOW_SECONDS

# Phases in which a rollback returns to a record; None is that of a status which this version does not know.
_RETURNED_TO = frozenset({*Phase, None}) - {Phase.DELETING}


def update(step: Step) -> Record:
    """The resource in its desired state: updated in place, or replaced if a create-only property changed.

    Raises:
        Unfinished: It does not exist yet.
        Failure: The update is not possible; the old resource is untouched.
    """
    desired = Desired(step.spec, step.request.properties)
    previous = Desired(step.spec, step.request.old_properties)
    if desired.identity == previous.identity:
        return _in_place(step, desired, previous)
    return _replaced(step, desired, previous)


def _in_place(step: Step, desired: Desired, previous: Desired) -> Record:
    refuse_another(step)
    identifiers = step.spec.identifiers(step.request.physical_id)
    record = get_record(step, identifiers) if identifiers else None
    record = require_present(step, record)
    if record is None:
        return last_known(step, desired)
    if not owns(step, record):
        raise Failure(f"{step.named(record)} does not have the ownership tag of this stack's {step.request.logical_id}")
    if step.phase(record) is Phase.GONE:
        # Only the record of an expired run exists: it cannot be changed.
        return record
    return change(step, record, desired, previous)


def _replaced(step: Step, desired: Desired, previous: Desired) -> Record:
    if "undo" in step.progress:
        _undo(step, desired)
    found = find_records(step, desired)
    # On a rollback the answer is the previous resource, whatever has become of it meanwhile.
    record = adoptable(step, desired, found, _RETURNED_TO)
    if record is not None:
        return _returned_to(step, record, desired, previous)
    if not step.settled() and _is_rollback(step, desired):
        # A rollback creates nothing: the previous resource may have been created a moment ago.
        raise Unfinished(f"{step.spec.kind} to which {step.request.logical_id} returns does not show yet")
    if desired.needs_name_of(previous):
        raise Failure(_needs_another_name(step, desired))
    try:
        return create_or_adopt(step, desired)
    except ServiceError as error:
        if error.fault is Fault.CONFLICT and desired.fixed_name and desired.fixed_name == previous.fixed_name:
            # It continues a model of another name.
            raise Failure(f"{error}; {_needs_another_name(step, desired)}") from error
        raise


def _needs_another_name(step: Step, desired: Desired) -> str:
    return (
        f'{step.spec.kind} "{desired.fixed_name}" cannot be changed in this way, and a second one cannot have the '
        "same name: change the name too, or omit it to have one generated"
    )


def _is_rollback(step: Step, desired: Desired) -> bool:
    """Whether an Update returns to what was there before another one, which may not have arrived yet."""
    since = step.request.signed_at - DEPLOYMENT_SECONDS
    if undone_update(step, desired, since) is not None:
        return True
    last = next((it for it in before(step.past(since), step.request.signed_at) if it.kind != "Delete"), None)
    return last is not None and step.identity(last.properties) == desired.identity


def _returned_to(step: Step, record: Record, desired: Desired, previous: Desired) -> Record:
    """A record that was there before the Update, as asked for; or what the Update itself has created."""
    _take_back(step, record, previous)
    return align(step, record, desired) if step.phase(record) in USABLE else record


def _take_back(step: Step, record: Record, previous: Desired) -> None:
    """Deletes the replacement of an interrupted Update, whose id CloudFormation never learned.

    A run that can only be awaited is left to a background delete.

    Raises:
        Unfinished: It is not gone yet, or may still show up.
    """
    if record.id != step.request.physical_id:
        return
    remaining = delete_all(step, previous, _interrupted(step, previous, record))
    if not step.settled() or not _is_undone(step, remaining):
        raise Unfinished("deleting what an interrupted update created")


def _is_undone(step: Step, remaining: Remaining) -> bool:
    """Whether nothing is left but runs that can only be awaited; a background delete takes them over."""
    if remaining.count == remaining.running > 0:
        step.start(Purpose.BACKGROUND_DELETE)
        return True
    return not remaining.count


def _interrupted(step: Step, previous: Desired, kept: Record | None) -> Scope:
    """What an interrupted Update from the resource of the physical id to another identity may have created.

    Args:
        step: The step.
        previous: The other identity.
        kept: The resource of the physical id: its rollback may be continued days after it failed.
    """
    request, desired = step.request, step.identity(step.request.properties)
    past = before(step.past(kept.created_at if kept else request.signed_at - DEPLOYMENT_SECONDS), request.signed_at)
    interrupted = next((it for it in past if it.replaces(step.identity, desired, previous.identity)), None)
    since = request.signed_at - DEPLOYMENT_WINDOW_SECONDS
    if interrupted is not None:
        since = interrupted.signed_at - CLOCK_SKEW_SECONDS
    return Scope(since=since, before=_next_claim(step, previous), exclude=request.physical_id)


def _attempted(step: Step, desired: Desired) -> Scope:
    """What this Update may have created."""
    since = step.request.signed_at - CLOCK_SKEW_SECONDS
    return Scope(since=since, before=_next_claim(step, desired), exclude=step.request.physical_id)


def _next_claim(step: Step, desired: Desired) -> float:
    """Until when what was created is not a later request's."""
    past = step.past(step.request.signed_at - DEPLOYMENT_SECONDS)
    later = first_claim(past, step.identity, desired.identity, step.request.signed_at)
    return later.signed_at - CLOCK_SKEW_SECONDS if later else float("inf")


def delete_undone(step: Step) -> None:
    """Deletes in the background what an Update undid before its run had ended.

    Raises:
        Unfinished: It is not gone yet.
    """
    desired = Desired(step.spec, step.request.properties)
    previous = Desired(step.spec, step.request.old_properties)
    identifiers = step.spec.identifiers(step.request.physical_id)
    kept = get_record(step, identifiers) if identifiers else None
    remaining = delete_all(step, desired, _attempted(step, desired)).count
    remaining += delete_all(step, previous, _interrupted(step, previous, kept)).count
    if remaining:
        raise Unfinished("deleting what an update created that was undone")


def replacement_of_lost(step: Step) -> Record | None:
    """What an Update created, or returned to, before its execution was lost; None if that is not there.

    The execution may have been lost before it changed anything of what was there.

    Raises:
        Unfinished: The Update was a rollback to the previous resource, and what it undoes is not gone yet; or changes
            do not show yet.
        Failure: What it returns to cannot be changed.
    """
    desired = Desired(step.spec, step.request.properties)
    previous = Desired(step.spec, step.request.old_properties)
    if desired.identity == previous.identity:
        return None
    record = adoptable(step, desired, find_records(step, desired), _RETURNED_TO)
    return _returned_to(step, record, desired, previous) if record is not None else None


def undo_lost(step: Step) -> None:
    """Deletes the replacement that an Update may have created before its execution was lost.

    Raises:
        Unfinished: It is not gone yet.
    """
    desired = Desired(step.spec, step.request.properties)
    if desired.identity == Desired(step.spec, step.request.old_properties).identity:
        return
    if not _is_undone(step, delete_all(step, desired, _attempted(step, desired))):
        raise Unfinished("deleting what a lost update created")


def _undo(step: Step, desired: Desired) -> None:
    """Deletes what a failed replacement may have created, then fails.

    Raises:
        Unfinished: It is not gone yet, or may still show up.
        Failure: It is gone; the text is the reason of the failed replacement.
    """
    uncertain_at = step.progress.get("uncertain_at", 0.0)
    remaining = delete_all(step, desired, _attempted(step, desired))
    if step.looked_at < uncertain_at + step.spec.settling_seconds or not _is_undone(step, remaining):
        raise Unfinished("deleting what a failed update created")
    raise Failure(str(step.progress["undo"]))
