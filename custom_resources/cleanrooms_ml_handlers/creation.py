"""Create: look first, adopt an own resource, otherwise create one. Idempotent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from .adoption import adopt
from .errors import Failure, Fault, ServiceError
from .history import LISTING_SECONDS, before, is_rollback
from .identity import Desired, Record
from .in_place import align, refuse_tags_without_room, refuse_what_the_model_forbids
from .ownership import owns
from .past_request import PastRequest
from .records import find_records, why_not_continued, with_versions
from .spec import Phase
from .steps import LOST_STEP, Step, Unfinished
from .texts import redacted, with_texts
from .timing import CLOCK_SKEW_SECONDS, SERVICE_TIMEOUT_SECONDS

# How long to look for a resource whose name is refused but which does not show.
_CONFLICT_SECONDS = 60

USABLE = frozenset({Phase.PENDING, Phase.READY})


def create_or_adopt(step: Step, desired: Desired, usable: Collection[Phase | None] = USABLE) -> Record:
    """The desired resource: adopted from an earlier attempt, or created.

    Args:
        step: The step.
        desired: The desired state.
        usable: Phases in which the record of an earlier attempt is adopted.

    Raises:
        Unfinished: It cannot be created now.
        Failure: It cannot be created.
    """
    refuse_tags_without_room(step, desired)
    found = find_records(step, desired)
    adopted = adoptable(step, desired, found, usable)
    if adopted is not None:
        return align(step, adopted, desired) if step.phase(adopted) in USABLE else adopted
    existing = adopt(step, desired)
    if existing is not None:
        return existing
    foreign = next((record for record in found if not owns(step, record)), None)
    if foreign is not None and not step.spec.names_are_unique:
        # The service would create a second one of the same name.
        raise Failure(_is_taken(step, foreign))
    if LOST_STEP in step.progress and not step.spec.names_are_unique:
        # What the lost step may have created shows later than the next step looks, and no name is refused.
        step.progress.setdefault("uncertain_at", step.now)
        step.progress.setdefault("uncertainty", "a step was lost")
    uncertain_at = step.progress.get("uncertain_at")
    if uncertain_at is not None and step.looked_at < uncertain_at + step.spec.settling_seconds:
        raise Unfinished(str(step.progress["uncertainty"]))
    step.ensure_latest()
    return _create(step, desired, _free_name(step, desired, found), foreign)


def _is_taken(step: Step, foreign: Record) -> str:
    sibling = step.owner.sibling(foreign)
    if sibling == step.owner.logical_id:
        return f"{step.named(foreign)} is still being deleted by an earlier request; deploy again when it is gone"
    if sibling:
        return (
            f"{step.named(foreign)} exists already under the logical id {sibling} of this stack: it was left alone. "
            "Give one of the two another name. If the construct was moved or renamed, keep its logical id with "
            "override_logical_id, or remove it in a deployment of its own first"
        )
    return (
        f"{step.named(foreign)} exists already and is not this stack's: it was left alone. "
        "Choose another name, or none to have one generated"
    )


def adoptable(step: Step, desired: Desired, found: list[Record], usable: Collection[Phase | None]) -> Record | None:
    """The record of an earlier attempt that can be adopted.

    What this request itself created is the answer even if it failed or has a status that this version does not know:
    `Ready` reports that, and with the id CloudFormation deletes it.

    Raises:
        Unfinished: Whether an earlier request still deletes it does not show yet.
    """
    for record in _known_first(step, desired, found):
        if record.is_marked_for_deletion or not owns(step, record, desired):
            continue
        phase = step.phase(record)
        if step.is_of_this_request(record):
            if phase in usable or phase in (Phase.FAILED, None):
                return record
            continue
        if phase not in usable or not (step.spec.is_taggable or desired.is_shown_by(record)):
            continue
        if phase not in USABLE and not _is_returned_to(step, desired, record):
            continue
        if not _is_being_deleted(step, desired, record):
            return record
    return None


def _known_first(step: Step, desired: Desired, found: list[Record]) -> list[Record]:
    """The records, those first that CloudFormation knows: a retained one may be in the same state."""
    if step.request.kind != "Update" or not found[1:]:
        return found
    past = undone_update(step, desired, min(it.created_at for it in found))
    known = {step.request.physical_id, past.physical_id if past else ""}
    return sorted(found, key=lambda it: it.id not in known)


def _is_being_deleted(step: Step, desired: Desired, record: Record) -> bool:
    """Whether an earlier request still deletes a record, which it could perhaps not mark.

    Of a run that the API cannot delete only the record is left, and the marker is the only sign: there an earlier
    Delete counts that has ended. What CloudFormation still had after a Delete was not what that deleted, whatever the
    service's clock says.

    Raises:
        Unfinished: Its execution may not be listed yet.
    """
    if step.now < step.request.signed_at + LISTING_SECONDS:
        raise Unfinished(f"{step.named(record)} exists; is it still being deleted?")
    if record.id == step.request.physical_id:
        return False
    stays = step.spec.is_taggable and step.spec.delete is None
    earlier = [past for past in step.past(record.created_at) if past.signed_at <= step.request.signed_at]
    deleted_at = [
        past.signed_at
        for past in earlier
        if (past.execution.is_running or (stays and past.execution.ended_at > record.created_at - CLOCK_SKEW_SECONDS))
        and _deletes(step, past, desired, record)
    ]
    if not deleted_at:
        return False
    held_at = (it.signed_at for it in earlier if it.kind == "Update" and it.physical_id == record.id)
    return max(deleted_at) >= max(held_at, default=0.0)


def _deletes(step: Step, past: PastRequest, desired: Desired, record: Record) -> bool:
    if past.kind == "Delete":
        if step.spec.identifiers(past.physical_id) is not None:
            return past.physical_id == record.id
        return step.identity(past.properties) == desired.identity
    # The background delete of an Update is for what that created.
    identities = (step.identity(past.properties), step.identity(past.old_properties))
    return not past.is_request and past.physical_id != record.id and desired.identity in identities


def _is_returned_to(step: Step, desired: Desired, record: Record) -> bool:
    """Whether an Update is the rollback to a record, rather than a new request for what was deleted before.

    Raises:
        Unfinished: The Update that it rolls back may not be listed yet.
    """
    previous = Desired(step.spec, step.request.old_properties)
    if record.id == step.request.physical_id and not previous.needs_name_of(desired):
        # CloudFormation has never learned the id of a replacement: this undoes it, even if it arrives first.
        return True
    if step.now < step.request.signed_at + LISTING_SECONDS:
        raise Unfinished(f"{step.named(record)} is {record.status}; was it deleted?")
    past = undone_update(step, desired, record.created_at)
    # The request that created it was signed before.
    since = record.created_at - SERVICE_TIMEOUT_SECONDS
    return past is not None and is_rollback(step.past(since), step.request)


def undone_update(step: Step, desired: Desired, since: float) -> PastRequest | None:
    """The Update away from the desired resource that an Update back to it may roll back.

    None if there is none, or the desired resource was deleted since.

    Args:
        step: The step.
        desired: The desired state.
        since: Since when to look, in seconds since 1970: a rollback may be continued days after it failed.
    """
    replacement = step.identity(step.request.old_properties)
    for past in before(step.past(since), step.request.signed_at):
        if past.replaces(step.identity, desired.identity, replacement):
            return past
        if past.kind == "Delete" and step.identity(past.properties) == desired.identity:
            # CloudFormation cleans up when a deployment has ended.
            return None
    return None


def _free_name(step: Step, desired: Desired, found: list[Record]) -> str:
    """The name for a new resource: a counter distinguishes it from own records that are dead but keep their names."""
    if desired.fixed_name:
        return desired.fixed_name
    name = step.owner.name(desired.identity)
    taken = {record.name for record in found}
    counted = (f"{name}-{number}" for number in range(2, 1000))
    return name if name not in taken else next(other for other in counted if other not in taken)


def _create(step: Step, desired: Desired, name: str, foreign: Record | None) -> Record:
    request: dict[str, Any] = {**with_texts(step, desired.request), step.spec.name_field: name}
    tags = desired.tags_with_ownership(step.owner)
    if tags and step.spec.is_taggable:
        request["tags"] = tags
    request = with_versions(step, request)
    refuse_what_the_model_forbids(step, step.spec.create, request)
    try:
        answer = step.call(step.spec.create, request)
    except ServiceError as error:
        if foreign is not None and error.fault is Fault.CONFLICT:
            raise Failure(f"{error}; {_is_taken(step, foreign)}") from error
        advice = why_not_continued(step, request) if error.fault is Fault.INVALID else ""
        if advice:
            raise Failure(f"{error}; {advice}") from error
        _after_a_failed_create(step, desired, error)
        raise
    members = answer[step.spec.answer_field] if step.spec.answer_field else answer
    return replace(step.record({**request, **members}), name=name)


def _after_a_failed_create(step: Step, desired: Desired, error: ServiceError) -> None:
    """Notes what a failed create leaves uncertain.

    Raises:
        Unfinished: The create is tried again.
    """
    if error.fault is Fault.UNCERTAIN:
        step.progress["uncertain_at"] = step.now
        # Step Functions stores the progress.
        step.progress["uncertainty"] = redacted(step, f"{error.code}: {error.message}")
        return
    if error.fault is Fault.QUOTA:
        limit = f"{error.quota} {error.message}".lower().replace("-", " ")
        if any(part in limit for part in step.spec.in_flight_quotas):
            raise Unfinished(f"{error.code}: {error.message}") from error
    if error.fault is Fault.CONFLICT:
        since = step.progress.setdefault("conflict_at", step.now)
        # A generated name is nobody else's: something else is in the way, and may end.
        if not desired.fixed_name or step.now < since + _CONFLICT_SECONDS:
            raise Unfinished(f"{error.code}: {error.message}") from error
