"""Singletons: kinds with one resource per membership or model, such as a configuration. They have no name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Failure, Fault, ServiceError
from .identity import Desired, Record
from .in_place import refuse_what_the_model_forbids, require_shown
from .outcomes import is_retryable
from .ownership import require_present
from .past_request import PastRequest
from .records import get_record
from .singleton_ownership import (
    cleaned_up,
    equals,
    holder,
    is_of_others,
    is_replaced,
    is_vouched_for,
    last_claim,
    may_have_overwritten,
    retained,
    retained_before_replacement,
    was_given_up,
    writer,
)
from .steps import LOST_STEP, Step, Unfinished
from .texts import with_texts
from .timing import CLOCK_SKEW_SECONDS, DEPLOYMENT_WINDOW_SECONDS, SERVICE_TIMEOUT_SECONDS, WORKER_TIMEOUT_SECONDS

# In the progress: what was there before has been written back. The service may show it in another form, or later.
GIVEN_BACK = "given_back"


def put_singleton(step: Step) -> Record:
    """Creates or overwrites the singleton, unless it belongs to someone else.

    Raises:
        Unfinished: What a canceled update created under other identifiers is being deleted, or nothing shows yet.
        Failure: One exists that is not this stack's, or this stack's is gone.
    """
    desired = Desired(step.spec, step.request.properties)
    identifiers = {key: desired.request[key] for key in step.spec.identifier_members}
    canceled = canceled_update(step, identifiers)
    if canceled is not None:
        if _deletes_canceled(step, canceled):
            raise Unfinished("deleting what an interrupted update created")
        look_again(step)
    record = get_record(step, identifiers)
    if updates_in_place(step, identifiers) and require_present(step, record) is None:
        return step.record(desired.request)
    is_own = record is not None and (updates_in_place(step, identifiers) or _is_own(step, identifiers, record))
    if record is not None and not is_own and not step.request.is_set("ReplaceExisting"):
        raise Failure(
            f"{step.spec.kind} {step.spec.physical_id(identifiers)} exists already and is not this stack's: it was "
            "left alone. Remove it, or allow its replacement with replace_existing=True"
        )
    if record is None or not is_own or not equals(record, desired) or _may_be_old(step, record, desired):
        refuse_what_the_model_forbids(step, step.spec.create, desired.request)
        try:
            put(step, with_texts(step, desired.request))
        except ServiceError as error:
            if record is None or not is_own:
                raise
            require_shown(step, error, is_shown=equals(record, desired))
    return step.record(desired.request)


def put(step: Step, request: Mapping[str, Any]) -> None:
    """Calls the create operation; notes a failed call that may have taken effect."""
    try:
        step.call(step.spec.create, request)
    except ServiceError as error:
        if error.fault is Fault.UNCERTAIN:
            step.progress["unanswered"] = True
            if step.request.kind == "Create":
                # The rollback's Update undoes a failed Update; only a Delete that searches undoes a failed Create.
                step.progress["uncertain_at"] = step.now
        raise


def updates_in_place(step: Step, identifiers: Mapping[str, Any]) -> bool:
    """Whether the request updates the resource with these identifiers, rather than create it."""
    return step.request.kind == "Update" and step.spec.physical_id(identifiers) == step.request.physical_id


def canceled_update(step: Step, identifiers: Mapping[str, Any]) -> Desired | None:
    """What an update asked for under other identifiers, if it is rolled back before its end was known."""
    previous = Desired(step.spec, step.request.old_properties)
    if not updates_in_place(step, identifiers) or any(
        key not in previous.request for key in step.spec.identifier_members
    ):
        return None
    return previous if any(previous.request[key] != identifiers[key] for key in identifiers) else None


def _may_be_old(step: Step, record: Record, desired: Desired) -> bool:
    """Whether a record may be what was there before an earlier request, of a moment ago, which this one undoes."""
    changes = updates_in_place(step, desired.request) and (
        desired.request != Desired(step.spec, step.request.old_properties).request
    )
    return changes and not step.shows_earlier_changes and record.updated_at < step.request.signed_at


def _is_own(step: Step, identifiers: Mapping[str, Any], record: Record) -> bool:
    """Whether a request of this logical id, or an earlier step of this one, wrote what the record shows."""
    # What appeared while this request waited is someone else's, unless an earlier step may have put it there.
    may_be_own = LOST_STEP in step.progress or "unanswered" in step.progress
    if may_be_own and record.updated_at >= step.request.signed_at - CLOCK_SKEW_SECONDS:
        return True
    return writer(step, step.spec.physical_id(identifiers), record) is not None


def delete_singleton(step: Step) -> None:
    """Deletes the singleton; one that has replaced it stays.

    Raises:
        Unfinished: It is still there.
        Failure: The physical id and the properties name different singletons.
    """
    desired = Desired(step.spec, step.request.properties)
    identifiers = step.spec.identifiers(step.request.physical_id)
    if identifiers is None:
        # Never created: it was refused, or the request was canceled before it had an answer.
        if step.request.physical_id == step.owner.not_created_id:
            return
        cleans = cleaned_up(step, desired)
        if cleans.claim is not None:
            return
        if _deletes_canceled(step, desired, cleans.since):
            raise Unfinished(f"{step.spec.kind} of {step.request.logical_id} is being deleted")
        look_again(step)
        return
    if any(desired.request.get(key, value) != value for key, value in identifiers.items()):
        raise Failure(
            f"{step.spec.kind} {step.request.physical_id} is not the one of this stack's {step.request.logical_id}; it "
            "was not deleted. Delete it by hand, and the stack with this resource retained"
        )
    record = get_record(step, identifiers)
    if record is not None:
        if is_replaced(record, desired) or is_of_others(step, record):
            return
        if not is_vouched_for(step, desired, record):
            raise Failure(
                f"{step.spec.kind} {step.request.physical_id} is not known to be this stack's; it was not deleted. "
                "Delete it by hand"
            )
        if _gives_back(step, record, retained_before_replacement(step, record.id, step.request)):
            # What the replacement wrote may not show yet.
            look_again(step)
            return
        remove_singleton(step, identifiers)
        if get_record(step, identifiers) is not None:
            raise Unfinished(f"{step.spec.kind} {step.request.physical_id} is being deleted")
    look_again(step)


def _gives_back(step: Step, record: Record, kept: PastRequest | None) -> bool:
    """Whether the stack keeps the singleton: what has been written over it is undone.

    Args:
        step: The step.
        record: The singleton.
        kept: The request by which the stack had it and retained it, before what is undone; None without one.

    Raises:
        Unfinished: It is being written back.
    """
    if kept is not None and record.created_at > kept.execution.ended_at + CLOCK_SKEW_SECONDS + WORKER_TIMEOUT_SECONDS:
        # The retained one was deleted meanwhile.
        kept = None
    if kept is not None or may_have_overwritten(step, record):
        kept = holder(step, record.id) or kept
    if kept is None:
        return False
    desired = Desired(step.spec, kept.properties)
    if GIVEN_BACK in step.progress or equals(record, desired):
        return True
    try:
        put(step, with_texts(step, desired.request))
    except ServiceError as error:
        if step.request.kind != "Update" or is_retryable(step, error):
            raise
        # Its role is gone, perhaps. A rollback does not fail for that: nobody could continue it.
        return True
    step.progress[GIVEN_BACK] = True
    raise Unfinished(f"what {step.request.logical_id} has overwritten is being written back")


def look_again(step: Step) -> None:
    """Returns if there is nothing left to delete.

    Raises:
        Unfinished: Something created a moment ago may not show yet.
    """
    if not step.progress.get("seen") and not step.shows_earlier_changes:
        raise Unfinished(f"looking for what {step.request.logical_id} may have created")


def remove_singleton(step: Step, identifiers: Mapping[str, Any]) -> None:
    """Calls the delete operation; the get operation says later whether it is gone.

    Raises:
        Unfinished: A conflict prevents it for now.
    """
    assert step.spec.delete is not None
    step.progress["seen"] = True
    try:
        step.call(step.spec.delete, identifiers)
    except ServiceError as error:
        if error.fault is Fault.CONFLICT:
            raise Unfinished(
                f"{step.spec.kind} {step.spec.physical_id(identifiers)} cannot be deleted yet ({error.code}: "
                f"{error.message}); delete again when it is free"
            ) from error
        if error.fault is not Fault.NOT_FOUND:
            raise


def _deletes_canceled(step: Step, desired: Desired, since: float | None = None) -> bool:
    """Deletes what a canceled request created; returns whether there was any.

    Args:
        step: The step.
        desired: What the canceled request asked for.
        since: When the first of several canceled ones was signed, in seconds since 1970.
    """
    if any(key not in desired.request for key in step.spec.identifier_members):
        return False
    identifiers = {key: desired.request[key] for key in step.spec.identifier_members}
    record = get_record(step, identifiers)
    if record is None or not is_vouched_for(step, desired, record):
        return False
    undone = last_claim(step, record.id)
    begun_at, until = step.request.signed_at - DEPLOYMENT_WINDOW_SECONDS, step.request.signed_at
    if undone is not None:
        begun_at = undone.signed_at if since is None else since
        if since is None and not undone.is_undone_by(step.request.properties, step.request.old_properties):
            # Nothing of the canceled update has reached the engine.
            begun_at = step.request.signed_at
        until = min(undone.signed_at + SERVICE_TIMEOUT_SECONDS, undone.execution.ended_at + CLOCK_SKEW_SECONDS)
    if undone is None or undone.execution.is_lost:
        # The last call of a stopped execution may take effect later.
        until += WORKER_TIMEOUT_SECONDS
    # It equals what the request would have created, and was put there, perhaps over another, by it.
    is_created = equals(record, desired) and begun_at - CLOCK_SKEW_SECONDS <= record.updated_at <= until
    if not is_created and (is_of_others(step, record) or not was_given_up(step, record, begun_at)):
        return False
    if _gives_back(step, record, retained(step, record.id, begun_at)):
        return False
    remove_singleton(step, identifiers)
    return True
