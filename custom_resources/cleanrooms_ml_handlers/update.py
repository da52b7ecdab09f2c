"""Updating: in place, or by another resource; and back again when CloudFormation rolls back."""

from __future__ import annotations

from typing import Any

from .creation import USABLE, adoptable, bring_about, refuse_what_the_model_forbids
from .deletion import removed_all
from .errors import Failure
from .identity import Record, Wanted
from .spec import SETTLING_SECONDS, Phase
from .steps import Step, Unfinished

# An interrupted replacement belongs to the deployment that is being undone; what is older does not.
_UNDONE_SECONDS = 2 * 3600


def update(step: Step) -> Record:
    """The resource with the properties that are wanted now: the same one, or another if it must be.

    Raises:
        Unfinished: It is not there yet.
        Failure: It cannot be; the old one is untouched.
    """
    wanted = Wanted(step.spec, step.request.properties)
    before = Wanted(step.spec, step.request.old_properties)
    if wanted.identity == before.identity:
        return _in_place(step, wanted, before)
    return _replaced(step, wanted, before)


def _in_place(step: Step, wanted: Wanted, before: Wanted) -> Record:
    identifiers = step.spec.identifiers(step.request.physical_id)
    record = step.get(identifiers) if identifiers else None
    record = step.still_there(record)
    if not step.owns(record):
        raise Failure(f"{step.named(record)} does not carry the mark of this stack's {step.request.logical_id}")
    if step.phase(record) is Phase.GONE:
        # What is left of an expired run is a record: nothing about it can, or need, be changed.
        return record
    if step.spec.update and wanted.mutable != before.mutable and not step.progress.get("updated"):
        cleared = {
            key: step.spec.cleared[key]
            for key in before.mutable
            if key not in wanted.mutable and key in step.spec.cleared
        }
        changes = {**cleared, **step.with_texts(wanted.mutable)}
        names = step.spec.update_names
        request: dict[str, Any] = {**(identifiers or {}), **{names.get(key, key): changes[key] for key in changes}}
        refuse_what_the_model_forbids(step, step.spec.update, request)
        step.call(step.spec.update, request)
        step.progress["updated"] = True
    _retag(step, record, wanted, before)
    return record


def _retag(step: Step, record: Record, wanted: Wanted, before: Wanted) -> None:
    """Brings the tags that the request changes to what it says; all others stay."""
    desired, old = wanted.marked_tags(step.owner), before.marked_tags(step.owner)
    removed = [key for key in old if key not in desired and key in record.tags]
    changed = {key: value for key, value in desired.items() if old.get(key) != value and record.tags.get(key) != value}
    # In this order: at the limit a new tag needs the place of an old one.
    if removed:
        step.call("UntagResource", {"resourceArn": record.arn, "tagKeys": removed})
    if changed:
        step.call("TagResource", {"resourceArn": record.arn, "tags": changed})


def _replaced(step: Step, wanted: Wanted, before: Wanted) -> Record:
    if "undo" in step.progress:
        _undo(step, wanted)
    found = step.find(wanted)
    # On a rollback the answer is the resource from before, even if its time ran out meanwhile.
    record = adoptable(step, wanted, found, USABLE | {Phase.GONE})
    if record is not None:
        _take_back(step, record, before)
        return record
    if wanted.fixed_name and wanted.fixed_name == before.fixed_name:
        raise Failure(
            f'{step.spec.kind} "{wanted.fixed_name}" cannot be changed in this way, and a second one cannot have the '
            "same name: change the name too, or leave it out to have one generated"
        )
    return bring_about(step, wanted)


def _take_back(step: Step, record: Record, before: Wanted) -> None:
    """Deletes what an Update made that CloudFormation undoes without having seen its end: it knows no id of that.

    Raises:
        Unfinished: It is not gone yet, or may still show up.
    """
    if record.id != step.request.physical_id:
        return
    since = step.request.signed_at - _UNDONE_SECONDS
    if removed_all(step, before, since=since) or not step.settled():
        raise Unfinished("deleting what an interrupted update made")


def replacement_of_lost(step: Step) -> Record | None:
    """The replacement that an Update whose execution was lost has made, if it is as good as any.

    Raises:
        Unfinished: The Update was to bring back the resource from before, and what it was to undo is not gone yet.
    """
    wanted = Wanted(step.spec, step.request.properties)
    before = Wanted(step.spec, step.request.old_properties)
    if wanted.identity == before.identity:
        return None
    record = adoptable(step, wanted, step.find(wanted), USABLE)
    if record is not None:
        _take_back(step, record, before)
    return record


def undo_lost(step: Step) -> None:
    """Deletes what an Update whose execution was lost may have made in place of the resource.

    Raises:
        Unfinished: It is not gone yet.
    """
    wanted = Wanted(step.spec, step.request.properties)
    if wanted.identity == Wanted(step.spec, step.request.old_properties).identity:
        return
    if removed_all(step, wanted, since=step.request.signed_at, but=step.request.physical_id):
        raise Unfinished("deleting what a lost update made")


def _undo(step: Step, wanted: Wanted) -> None:
    """Deletes what a failed replacement may have made, then fails.

    Raises:
        Unfinished: It is not gone yet, or may still show up.
        Failure: It is gone; the text is the replacement's own reason.
    """
    uncertain_at = step.progress.get("uncertain_at", 0.0)
    if removed_all(step, wanted, since=step.request.signed_at) or step.now < uncertain_at + SETTLING_SECONDS:
        raise Unfinished("deleting what a failed update made")
    raise Failure(str(step.progress["undo"]))
