"""Singletons: kinds with one resource per membership or model, such as a configuration. They have no name.

A singleton has no ownership tag. It counts as this stack's if it was created for the request, or if it equals what
the request asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .creation import LOST_STEP
from .errors import Failure, Fault, ServiceError
from .identity import Desired, Record
from .in_place import refuse_what_the_model_forbids
from .spec import DEPLOYMENT_WINDOW_SECONDS
from .steps import Step, Unfinished
from .waiting import values


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
    record = step.get(identifiers)
    if updates_in_place(step, identifiers):
        record = step.require_present(record)
    same = record is not None and _equals(record, desired)
    if record is not None and not same and not _may_overwrite(step, identifiers, record):
        raise Failure(
            f"{step.spec.kind} {step.spec.physical_id(identifiers)} exists already and is not this stack's: it was "
            "left alone. Remove it, or allow its replacement with replace_existing=True"
        )
    if not same:
        refuse_what_the_model_forbids(step, step.spec.create, desired.request)
        put(step, step.with_texts(desired.request))
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


def _may_overwrite(step: Step, identifiers: Mapping[str, Any], record: Record) -> bool:
    if step.request.is_set("ReplaceExisting") or updates_in_place(step, identifiers):
        return True
    # What appeared while this request waited is someone else's, unless an earlier step may have put it there.
    may_be_own = LOST_STEP in step.progress or "unanswered" in step.progress
    return may_be_own and record.created_at >= step.request.signed_at


def _is_replaced(record: Record, desired: Desired) -> bool:
    """Whether someone has overwritten the singleton since: the service uses another role than the request says."""
    pairs = [(values(desired.request, path), values(record.answer, path)) for path in desired.spec.role_fields]
    return any(own and own != shown for own, shown in pairs)


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
        if _deletes_canceled(step, desired):
            raise Unfinished(f"{step.spec.kind} of {step.request.logical_id} is being deleted")
        look_again(step)
        return
    if any(desired.request.get(key, value) != value for key, value in identifiers.items()):
        raise Failure(
            f"{step.spec.kind} {step.request.physical_id} is not the one of this stack's {step.request.logical_id}; it "
            "was not deleted. Delete it by hand, and the stack with this resource retained"
        )
    record = step.get(identifiers)
    if record is not None:
        if _is_replaced(record, desired):
            return
        remove_singleton(step, identifiers)
        raise Unfinished(f"{step.spec.kind} {step.request.physical_id} is being deleted")
    look_again(step)


def look_again(step: Step) -> None:
    """Returns if there is nothing left to delete.

    Raises:
        Unfinished: Something created a moment ago may not show yet.
    """
    if not step.progress.get("seen") and not step.settled():
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


def _deletes_canceled(step: Step, desired: Desired) -> bool:
    """Deletes what a canceled request of this deployment created; returns whether there was any."""
    if any(key not in desired.request for key in step.spec.identifier_members):
        return False
    identifiers = {key: desired.request[key] for key in step.spec.identifier_members}
    record = step.get(identifiers)
    # It equals what the request would have created, and was put there, perhaps over another, in this deployment.
    if record is None or not _equals(record, desired):
        return False
    if record.updated_at < step.request.signed_at - DEPLOYMENT_WINDOW_SECONDS:
        return False
    remove_singleton(step, identifiers)
    return True
