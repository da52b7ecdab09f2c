"""Singletons: kinds with one resource per membership or model, such as a configuration. They have no name.

A singleton has no ownership tag. It counts as this stack's if a request of the same logical id wrote what it shows:
the time of its last change says so. That it equals what the request asks for proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from .errors import Failure, Fault, ServiceError
from .figures import values
from .history import HISTORY_SECONDS, Cleanup, PastRequest, Subject, before, cleanup, is_claim
from .identity import Desired, Record
from .in_place import refuse_what_the_model_forbids, require_shown
from .ownership import require_present
from .records import get_record
from .steps import LOST_STEP, Step, Unfinished
from .texts import with_texts
from .timing import CLOCK_SKEW_SECONDS, DEPLOYMENT_WINDOW_SECONDS, SERVICE_TIMEOUT_SECONDS, WORKER_TIMEOUT_SECONDS


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
    if record is None or not is_own or not _equals(record, desired) or _may_be_old(step, record, desired):
        refuse_what_the_model_forbids(step, step.spec.create, desired.request)
        try:
            put(step, with_texts(step, desired.request))
        except ServiceError as error:
            if record is None or not is_own:
                raise
            require_shown(step, error, is_shown=_equals(record, desired))
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


def _equals(record: Record, desired: Desired) -> bool:
    return all(record.answer.get(key) == value for key, value in desired.request.items())


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
    return _writer(step, step.spec.physical_id(identifiers), record) is not None


def _writer(step: Step, own: str, record: Record) -> PastRequest | None:
    """The earlier request of this logical id that may have written what a record shows."""
    earliest = record.updated_at - SERVICE_TIMEOUT_SECONDS - WORKER_TIMEOUT_SECONDS
    for past in before(step.past(earliest), step.request.signed_at):
        if past.signed_at < earliest:
            break
        # The last call of a stopped execution may take effect later.
        is_over = record.updated_at > past.execution.ended_at + WORKER_TIMEOUT_SECONDS + CLOCK_SKEW_SECONDS
        is_begun = past.signed_at <= record.updated_at + CLOCK_SKEW_SECONDS
        if is_begun and not is_over and is_claim(past, _subject(step), own):
            return past
    return None


def _subject(step: Step) -> Subject:
    """What distinguishes the singletons of properties."""

    def subject(properties: Mapping[str, Any]) -> str:
        request = Desired(step.spec, properties).request
        has_all = all(key in request for key in step.spec.identifier_members)
        return step.spec.physical_id(request) if has_all else ""

    return subject


def cleaned_up(step: Step, desired: Desired) -> Cleanup:
    """What a Delete without an id cleans up."""
    past = step.past(step.request.signed_at - HISTORY_SECONDS)
    subject = _subject(step)
    return cleanup(past, step.request, subject, subject(desired.request), step.spec.identifiers)


def retained(step: Step, desired: Desired, since: float) -> PastRequest | None:
    """The request that wrote the singleton which the stack had before a time, and has not deleted; None without one."""
    subject = _subject(step)
    own = subject(desired.request)
    is_undone = False
    # A Delete of the same second came before.
    for it in before(step.past(step.request.signed_at - HISTORY_SECONDS), since):
        if it.kind == "Delete" and it.physical_id == own:
            return None
        if it.kind == "Delete" and subject(it.properties) == own and step.spec.identifiers(it.physical_id) is None:
            # A canceled Create may have been answered before this Delete came.
            is_undone = True
        elif it.signed_at < since and is_claim(it, subject, own):
            if it.answered_success and not is_undone:
                return it
            is_undone = False
    return None


def _is_replaced(record: Record, desired: Desired) -> bool:
    """Whether someone has overwritten the singleton since: the service uses another role than the request says."""
    pairs = [(values(desired.request, path), values(record.answer, path)) for path in desired.spec.role_fields]
    return any(own and own != shown for own, shown in pairs)


def _is_vouched_for(step: Step, desired: Desired, record: Record) -> bool:
    """Whether a request may mean the singleton that it names; its role, if it has one, is that of the singleton.

    A request with the role may, if the template names the parent, or if this library created the role for the stack.
    Any may, if a request of this logical id asked for the singleton: the front starts no execution for a parent that
    the template did not name then.
    """
    assert step.spec.parent
    roles = [values(desired.request, path) for path in step.spec.role_fields]
    if all(roles):
        parent = (step.spec.identifiers(record.id) or {})[step.spec.parent.member]
        if step.service.template_names(parent) or all(map(step.request.is_role_of_stack, chain(*roles))):
            return True
    past = before(step.past(step.now - HISTORY_SECONDS), step.request.signed_at)
    return any(is_claim(it, _subject(step), record.id) for it in past)


def _is_of_others(step: Step, record: Record) -> bool:
    """Whether no request of this logical id wrote what a record shows.

    Step Functions keeps executions for 90 days: without any, the record is known by its role alone.
    """
    if step.progress.get("seen"):
        return False
    if step.now - record.updated_at > HISTORY_SECONDS:
        return False
    past = before(step.past(step.now - HISTORY_SECONDS), step.request.signed_at)
    is_known = any(is_claim(it, _subject(step), record.id) for it in past)
    return is_known and _writer(step, record.id, record) is None


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
        if cleans.claim is not None or retained(step, desired, cleans.since) is not None:
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
        if _is_replaced(record, desired) or _is_of_others(step, record):
            return
        if not _is_vouched_for(step, desired, record):
            raise Failure(
                f"{step.spec.kind} {step.request.physical_id} is not known to be this stack's; it was not deleted. "
                "Delete it by hand"
            )
        remove_singleton(step, identifiers)
        if get_record(step, identifiers) is not None:
            raise Unfinished(f"{step.spec.kind} {step.request.physical_id} is being deleted")
    look_again(step)


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
    # It equals what the request would have created, and was put there, perhaps over another, by it.
    if record is None or not _equals(record, desired) or not _is_vouched_for(step, desired, record):
        return False
    past = before(step.past(step.request.signed_at - HISTORY_SECONDS), step.request.signed_at)
    undone = next((it for it in past if is_claim(it, _subject(step), record.id)), None)
    begun_at, until = step.request.signed_at - DEPLOYMENT_WINDOW_SECONDS, step.request.signed_at
    if undone is not None:
        begun_at = undone.signed_at if since is None else min(since, undone.signed_at)
        until = min(undone.signed_at + SERVICE_TIMEOUT_SECONDS, undone.execution.ended_at + CLOCK_SKEW_SECONDS)
    if not begun_at - CLOCK_SKEW_SECONDS <= record.updated_at <= until + WORKER_TIMEOUT_SECONDS:
        return False
    remove_singleton(step, identifiers)
    return True
