"""Delete: only an own resource, marked for deletion first, and done when the service confirms it.

A Delete is for what existed when it was signed. A later request may ask for the same resource again: what that one
created or adopted stays, however long this Delete goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

from .adoption import borrowed_id, give_back, is_borrowed
from .errors import Failure, Fault, ServiceError
from .executions import purpose_of
from .history import HISTORY_SECONDS, LISTING_SECONDS, before, cleanup, first_claim
from .identity import Desired, Record
from .ownership import is_proven, mark_for_deletion, owns
from .past_request import PastRequest
from .records import find_records, get_record
from .request import Request
from .retention import last_word, rolled_back_replacement
from .spec import Phase
from .steps import Step, Unfinished
from .timing import CLOCK_SKEW_SECONDS, SERVICE_TIMEOUT_SECONDS, SETTLING_SECONDS, WORKER_TIMEOUT_SECONDS

# Phases in which a later request may have adopted a record.
_ADOPTABLE = (Phase.PENDING, Phase.READY)
# The requests of a replacement and its rollback.
_ROUND_TRIP = 2


@dataclass(frozen=True)
class Scope:
    """What a deletion may touch of the records of one identity.

    Attributes:
        since, before: When the records were created, in seconds since 1970.
        claimed_at: Since when a later request asks for the same resource: unless that one created its own, it may
            have adopted an older one.
        exclude: The physical id of a record that stays.
    """

    since: float = 0.0
    before: float = float("inf")
    claimed_at: float | None = None
    exclude: str = ""


@dataclass(frozen=True)
class Remaining:
    """How many records are not gone yet.

    Attributes:
        count: All of them.
        running: Those whose run has to end first.
    """

    count: int
    running: int


def delete(step: Step) -> None:
    """Deletes the resource of the physical id, or without an ARN every one with the ownership tag, until it is gone.

    Raises:
        Unfinished: It is not gone yet.
        Failure: It cannot be deleted, or is not this stack's.
    """
    borrowed = borrowed_id(step)
    if borrowed:
        give_back(step, borrowed)
        return
    identifiers = step.spec.identifiers(step.request.physical_id)
    if identifiers is not None:
        _delete_one(step, identifiers)
        return
    if step.request.physical_id == step.owner.not_created_id:
        return
    desired = Desired(step.spec, step.request.properties)
    # What an earlier request marked is no sign that everything shows by now.
    if delete_all(step, desired, _scope(step, desired)).count or not step.shows_earlier_changes:
        raise Unfinished(f"looking for what {step.request.logical_id} may have created")


def _delete_one(step: Step, identifiers: dict[str, str]) -> None:
    record = get_record(step, identifiers)
    if record is None:
        # A resource that was never seen may not show yet; one that was seen is gone.
        if not step.progress.get("seen") and not step.settled():
            raise Unfinished(f"{step.spec.kind} {step.request.physical_id} does not show; is it gone?")
        return
    if record.created_at >= step.request.signed_at + WORKER_TIMEOUT_SECONDS:
        # A later request created another one with the same id.
        return
    if not owns(step, record):
        phase = step.phase(record)
        if phase is Phase.GONE:
            return
        if phase is Phase.DELETING:
            raise Unfinished(f"{step.named(record)} is {record.status}")
        raise Failure(
            f"{step.named(record)} does not have the ownership tag of this stack's {step.request.logical_id}; it "
            "was not deleted. Delete it by hand, or keep it with removal_policy=RemovalPolicy.RETAIN"
        )
    if "seen" not in step.progress and _was_there_before(step, record):
        return
    step.progress["seen"] = True
    remove(step, record)


def _was_there_before(step: Step, record: Record) -> bool:
    """Whether a replacement adopted a record that was there before, and this Delete cleans up its rollback."""
    if record.is_marked_for_deletion:
        return False
    later = record.created_at + CLOCK_SKEW_SECONDS
    if sum(it.signed_at > later for it in before(_past(step, record), step.request.signed_at)) < _ROUND_TRIP:
        # Most resources are deleted without one: what the requests asked for need not be read.
        return False
    return _is_after_adoption(step, record, step.request)


def _is_after_adoption(step: Step, record: Record, delete: Request | PastRequest) -> bool:
    """Whether a Delete cleans up after a replacement that was rolled back, and had adopted a retained record."""
    forward = rolled_back_replacement(_past(step, record), delete, step.identity)
    if forward is None or record.created_at >= forward.signed_at - CLOCK_SKEW_SECONDS:
        return False
    return not _was_given_up(step, record, step.identity(delete.properties), forward.signed_at)


def _was_given_up(step: Step, record: Record, own: str, until: float) -> bool:
    """Whether CloudFormation gave up the Delete of a record, which the stack has not had since.

    Args:
        step: The step.
        record: The record.
        own: Its identity.
        until: Which requests came after that, in seconds since 1970.
    """
    past = _past(step, record)
    word = last_word(past, step.identity, own, record.id, step.spec.identifiers, until)
    if word is None or word.kind != "Delete" or word.answered_success:
        return False
    return not _is_after_adoption(step, record, word)


def _past(step: Step, record: Record) -> list[PastRequest]:
    """The requests since the one that created a record, which was signed before."""
    return step.past(record.created_at - SERVICE_TIMEOUT_SECONDS)


def _scope(step: Step, desired: Desired) -> Scope:
    """What the Delete of an id that names no resource may touch."""
    request = step.request
    past = step.past(request.signed_at - HISTORY_SECONDS)
    until = request.signed_at + WORKER_TIMEOUT_SECONDS
    later = first_claim(past, step.identity, desired.identity, request.signed_at)
    if later is not None:
        until = min(until, later.signed_at - CLOCK_SKEW_SECONDS)
    found = cleanup(past, request, step.identity, desired.identity, step.spec.identifiers)
    created_since = found.since - CLOCK_SKEW_SECONDS
    if found.claim is None:
        return Scope(created_since, until)
    claimed_at = found.claim.signed_at
    return Scope(created_since, min(until, claimed_at - CLOCK_SKEW_SECONDS), claimed_at)


def delete_all(step: Step, desired: Desired, scope: Scope) -> Remaining:
    """Continues the deletion of all own records of one identity; returns how many are not gone yet."""
    found = [
        record for record in find_records(step, desired) if owns(step, record, desired) and record.id != scope.exclude
    ]
    has_successor = scope.claimed_at is not None and any(
        record.created_at >= scope.claimed_at - CLOCK_SKEW_SECONDS for record in found
    )

    def is_left(record: Record) -> bool:
        return _was_given_up(step, record, desired.identity, scope.since + CLOCK_SKEW_SECONDS)

    count = running = 0
    for record in found:
        if is_borrowed(step, record.id):
            give_back(step, record.id)
            continue
        phase = step.phase(record)
        # An earlier deletion of it may have taken hours, and failed.
        is_begun = record.is_marked_for_deletion
        if (
            phase is Phase.GONE
            or record.created_at >= scope.before
            or (record.created_at < scope.since and not is_begun and not is_left(record))
        ):
            continue
        if scope.claimed_at is not None and not has_successor and not is_begun and phase in _ADOPTABLE:
            continue
        if record.created_at > step.request.signed_at and step.now < record.created_at + LISTING_SECONDS:
            # The request that created it may be a later one, which does not show yet.
            count += 1
            continue
        try:
            remove(step, record)
        except Unfinished:
            count += 1
            running += is_run_to_await(step, record)
    return Remaining(count, running)


def is_run_to_await(step: Step, record: Record) -> bool:
    """Whether a record is that of a run that can only be awaited."""
    return step.phase(record) is Phase.PENDING and step.spec.cancel is None


def remove(step: Step, record: Record) -> None:
    """Continues the deletion of one own record.

    Raises:
        Unfinished: It is in progress.
        Failure: The service could not delete it.
    """
    phase = step.phase(record)
    asked: list[str] = step.progress.setdefault("asked", [])
    asked_at: dict[str, float] = step.progress.setdefault("asked_at", {})
    if phase is not Phase.GONE and (step.spec.delete or phase is Phase.PENDING):
        step.stop_watches()
    is_marked = mark_for_deletion(step, record)
    if phase is Phase.DELETING:
        raise Unfinished(f"{step.named(record)} is {record.status}")
    if phase is Phase.DELETE_FAILED and record.id in asked:
        if step.now < asked_at.get(record.id, 0.0) + SETTLING_SECONDS:
            # The status may be that from before the deletion was accepted.
            raise Unfinished(f"{step.named(record)} is {record.status}")
        if purpose_of(step.execution).is_awaited:
            raise Failure(f"{step.named(record)} is {record.status}: {details(record)}; delete again")
        # Nobody deletes it again after a background delete.
        asked.remove(record.id)
        asked_at.pop(record.id, None)
        raise Unfinished(f"{step.named(record)} is {record.status}")
    running = phase is Phase.PENDING
    if phase is Phase.GONE or (step.spec.delete is None and not running):
        return
    if not is_marked and not is_proven(step, record):
        raise Unfinished(f"{step.named(record)} cannot be marked for deletion yet; delete again")
    ending = step.spec.cancel if running and step.spec.cancel else step.spec.delete
    if ending is None:
        # A run that can be neither canceled nor deleted has to end; its record remains.
        step.progress["busy"] = True
        raise Unfinished(f"{step.named(record)} is {record.status}")
    try:
        step.call(ending, step.spec.identifiers(record.id) or {})
    except ServiceError as error:
        if error.fault is Fault.CONFLICT or (error.fault is Fault.INVALID and _is_busy(step, record)):
            # A run has to end first; any other conflict is for the user to resolve.
            step.progress["busy"] = running
            raise Unfinished(
                f"{step.named(record)} is {record.status or 'in use'} and cannot be deleted yet "
                f"({error.code}: {error.message}); delete again when it is free"
            ) from error
        if error.fault is not Fault.NOT_FOUND:
            raise
        # It existed a moment ago: the get operation says whether it is gone.
    if record.id not in asked:
        asked.append(record.id)
    asked_at.setdefault(record.id, step.now)
    shown = get_record(step, step.spec.identifiers(record.id) or {})
    if shown is not None and step.phase(shown) is not Phase.GONE:
        raise Unfinished(f"{step.named(record)} is being deleted")


def _is_busy(step: Step, record: Record) -> bool:
    """Whether a record is in progress by now: which error its deletion then gets is not documented."""
    found = get_record(step, step.spec.identifiers(record.id) or {})
    return found is not None and step.phase(found) in (Phase.PENDING, Phase.DELETING)


def details(record: Record) -> str:
    """The service's own explanation of a status."""
    given = record.answer.get("statusDetails") or {}
    words = " ".join(str(given[key]) for key in ("statusCode", "message") if given.get(key))
    return words or "the service gives no details"
