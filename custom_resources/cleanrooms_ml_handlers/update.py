"""Update: in place, or by replacement; and the way back when CloudFormation rolls back."""

from __future__ import annotations

from typing import Any

from .creation import USABLE, adoptable, create_or_adopt, refuse_what_the_model_forbids
from .deletion import delete_all
from .errors import Failure
from .identity import Desired, Record
from .spec import DEPLOYMENT_WINDOW_SECONDS, SETTLING_SECONDS, Phase
from .steps import Step, Unfinished


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
    identifiers = step.spec.identifiers(step.request.physical_id)
    record = step.get(identifiers) if identifiers else None
    record = step.require_present(record)
    if not step.owns(record):
        raise Failure(f"{step.named(record)} does not have the ownership tag of this stack's {step.request.logical_id}")
    if step.phase(record) is Phase.GONE:
        # Only the record of an expired run exists: it cannot be changed.
        return record
    if step.spec.update and desired.mutable != previous.mutable and not step.progress.get("updated"):
        cleared = {
            key: step.spec.cleared[key]
            for key in previous.mutable
            if key not in desired.mutable and key in step.spec.cleared
        }
        changes = {**cleared, **step.with_texts(desired.mutable)}
        names = step.spec.update_names
        request: dict[str, Any] = {**(identifiers or {}), **{names.get(key, key): changes[key] for key in changes}}
        refuse_what_the_model_forbids(step, step.spec.update, request)
        step.call(step.spec.update, request)
        step.progress["updated"] = True
    _retag(step, record, desired, previous)
    return record


def _retag(step: Step, record: Record, desired: Desired, previous: Desired) -> None:
    """Applies the request's changes of tags; all other tags stay."""
    tags, old = desired.tags_with_ownership(step.owner), previous.tags_with_ownership(step.owner)
    removed = [key for key in old if key not in tags and key in record.tags]
    changed = {key: value for key, value in tags.items() if old.get(key) != value and record.tags.get(key) != value}
    # In this order: at the limit a new tag needs the room of an old one.
    if removed:
        step.call("UntagResource", {"resourceArn": record.arn, "tagKeys": removed})
    if changed:
        step.call("TagResource", {"resourceArn": record.arn, "tags": changed})


def _replaced(step: Step, desired: Desired, previous: Desired) -> Record:
    if "undo" in step.progress:
        _undo(step, desired)
    found = step.find(desired)
    # On a rollback the answer is the previous resource, even if it has expired meanwhile.
    record = adoptable(step, desired, found, USABLE | {Phase.GONE})
    if record is not None:
        _take_back(step, record, previous)
        return record
    if desired.fixed_name and desired.fixed_name == previous.fixed_name:
        raise Failure(
            f'{step.spec.kind} "{desired.fixed_name}" cannot be changed in this way, and a second one cannot have the '
            "same name: change the name too, or omit it to have one generated"
        )
    return create_or_adopt(step, desired)


def _take_back(step: Step, record: Record, previous: Desired) -> None:
    """Deletes the replacement of an interrupted Update, whose id CloudFormation never learned.

    Raises:
        Unfinished: It is not gone yet, or may still show up.
    """
    if record.id != step.request.physical_id:
        return
    since = step.request.signed_at - DEPLOYMENT_WINDOW_SECONDS
    if delete_all(step, previous, since=since) or not step.settled():
        raise Unfinished("deleting what an interrupted update created")


def replacement_of_lost(step: Step) -> Record | None:
    """The replacement that an Update created before its execution was lost, if it is usable.

    Raises:
        Unfinished: The Update was a rollback to the previous resource, and what it undoes is not gone yet.
    """
    desired = Desired(step.spec, step.request.properties)
    previous = Desired(step.spec, step.request.old_properties)
    if desired.identity == previous.identity:
        return None
    record = adoptable(step, desired, step.find(desired), USABLE)
    if record is not None:
        _take_back(step, record, previous)
    return record


def undo_lost(step: Step) -> None:
    """Deletes the replacement that an Update may have created before its execution was lost.

    Raises:
        Unfinished: It is not gone yet.
    """
    desired = Desired(step.spec, step.request.properties)
    if desired.identity == Desired(step.spec, step.request.old_properties).identity:
        return
    if delete_all(step, desired, since=step.request.signed_at, exclude=step.request.physical_id):
        raise Unfinished("deleting what a lost update created")


def _undo(step: Step, desired: Desired) -> None:
    """Deletes what a failed replacement may have created, then fails.

    Raises:
        Unfinished: It is not gone yet, or may still show up.
        Failure: It is gone; the text is the reason of the failed replacement.
    """
    uncertain_at = step.progress.get("uncertain_at", 0.0)
    if delete_all(step, desired, since=step.request.signed_at) or step.now < uncertain_at + SETTLING_SECONDS:
        raise Unfinished("deleting what a failed update created")
    raise Failure(str(step.progress["undo"]))
