"""Whose a record is, and how an owner gives it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from .errors import Failure, Fault, ServiceError
from .history import HISTORY_SECONDS, before, is_claim
from .identity import OWNERSHIP_TAG_KEY, Desired, Record, with_deletion_marker
from .past_request import PastRequest
from .records import has_other_versions
from .spec import Phase
from .steps import Step, Unfinished
from .timing import SERVICE_TIMEOUT_SECONDS, SETTLING_SECONDS, WORKER_TIMEOUT_SECONDS


def owns(step: Step, record: Record, desired: Desired | None = None) -> bool:
    """Whether a record is this owner's, in the desired state or, if omitted, in any.

    A record that cannot have the ownership tag is known by its generated name. With a name of the user's it is
    known by the physical id of this or an earlier request, or by being in the desired state and created since the
    request was signed. A record
    that has lost its tag, or never had room for it, is known by the physical id and the generated name.

    Raises:
        Unfinished: It may have a tag that does not show yet.
    """
    is_named = step.owner.owns(record, desired.identity if desired else None)
    is_answered = record.id == step.request.physical_id
    if desired is None and not is_named and is_answered and step.owner.is_in_stack(record):
        # All versions of an ARN share their tags: this may be the tag of the resource of another version.
        return has_other_versions(step, record)
    if step.spec.is_taggable:
        if OWNERSHIP_TAG_KEY not in record.tags and _tags_may_be_late(step, record):
            raise Unfinished(f"{step.named(record)} does not show its tags yet")
        if desired and step.owner.is_in_stack(record) and has_other_versions(step, record):
            return _is_version_in_state(step, record, desired)
        return is_named and (is_answered or OWNERSHIP_TAG_KEY in record.tags)
    if desired is None:
        return is_named or is_answered
    if is_named or not desired.is_shown_by(record):
        return is_named
    return is_answered or step.is_of_this_request(record) or _was_answered(step, record, desired)


def _was_created(step: Step, record: Record, desired: Desired) -> bool:
    """Whether this logical id asked for the desired state when a version was created; its tags are those of all."""
    return step.is_of_this_request(record) or any(
        is_claim(past, step.identity, desired.identity) for past in _asking_when_created(step, record)
    )


def _asking_when_created(step: Step, record: Record) -> Iterator[PastRequest]:
    """The earlier requests of this logical id that may have created a record."""
    earliest = record.created_at - SERVICE_TIMEOUT_SECONDS - WORKER_TIMEOUT_SECONDS
    for past in before(step.past(earliest), step.request.signed_at):
        if past.may_have_called_at(record.created_at) and past.kind != "Delete" and past.is_of_own_kind:
            yield past


def _is_version_in_state(step: Step, record: Record, desired: Desired) -> bool:
    """Whether a version is in the desired state; its tags are those of the last one created, and say less.

    The first request that has its id says what it was created as: one that has it later may be a rollback, which
    describes the replacement whose id CloudFormation never learned. Without any, the request that created it says it,
    and without that, of the physical id alone, the tag.
    """
    asked = {step.identity(it.properties) for it in _asking_when_created(step, record)}
    if len(asked) == 1 and not step.is_of_this_request(record):
        return asked == {desired.identity}
    held = next((it for it in step.past(record.created_at) if it.is_request and it.physical_id == record.id), None)
    if held is not None:
        return step.identity(held.old_properties or held.properties) == desired.identity
    is_answered = record.id == step.request.physical_id
    return _was_created(step, record, desired) or (is_answered and step.owner.owns(record, desired.identity))


def _was_answered(step: Step, record: Record, desired: Desired) -> bool:
    """Whether an earlier request has the id of a record in the desired state: it was answered for this logical id."""
    return any(
        past.is_request
        and past.physical_id == record.id
        and step.identity(past.old_properties or past.properties) == desired.identity
        for past in step.past(record.created_at)
    )


def _tags_may_be_late(step: Step, record: Record) -> bool:
    if step.phase(record) in (Phase.GONE, Phase.DELETING):
        return False
    if "tags" not in record.answer:
        return not step.settled()
    return step.now < record.created_at + SETTLING_SECONDS


def is_proven(step: Step, record: Record) -> bool:
    """Whether identity and time of creation prove that a request may delete a record without marking it first."""
    properties = step.request.properties if step.request.kind == "Delete" else step.request.old_properties
    identities = {step.identity(properties), step.identity(step.request.properties)}
    return any(step.owner.owns(record, identity) for identity in identities) and (
        step.request.kind != "Delete" or record.created_at < step.request.signed_at + WORKER_TIMEOUT_SECONDS
    )


def require_present(step: Step, record: Record | None) -> Record | None:
    """The record of the resource that an update changes; None if a rollback has nothing to change, because it is gone.

    Raises:
        Unfinished: It does not show; it may have been created a moment ago.
        Failure: It is gone.
    """
    if record is not None:
        return record
    what = f"{step.spec.kind} {step.request.physical_id}"
    if step.spec.identifiers(step.request.physical_id) and not step.settled():
        raise Unfinished(f"{what} does not show")
    if undoes_failed_update(step):
        return None
    raise Failure(f"{what} is gone: {deleted_outside(step)}")


def deleted_outside(step: Step) -> str:
    """What became of a resource that is gone, and what a user does then."""
    hint = f", or {step.spec.retry_hint} to have a new one" if step.spec.retry_hint else ""
    return (
        "it was deleted outside CloudFormation. Remove it from the stack, with what refers to it, and add it again in "
        f"the next deployment{hint}"
    )


def undoes_failed_update(step: Step) -> bool:
    """Whether an Update rolls back one that failed; a rollback that failed is continued with the same request."""
    request = step.request
    wanted, old = request.properties, request.old_properties
    for it in before(step.past(request.signed_at - HISTORY_SECONDS), request.signed_at):
        if it.kind != "Update" or (it.properties, it.old_properties) != (wanted, old):
            return it.is_undone_by(wanted, old) and not it.answered_success
    return False


def last_known(step: Step, desired: Desired) -> Record:
    """The record of a resource that is gone, as far as the request says what it was."""
    parts = dict(zip(step.spec.id_parts, step.request.physical_id.split("#"), strict=False))
    name = desired.fixed_name or step.owner.name(desired.identity)
    # It is not new: nothing watches it again.
    known = {**parts, step.spec.shown_name_field: name, "createTime": datetime.fromtimestamp(0, tz=UTC)}
    return replace(step.record(known), id=step.request.physical_id)


def mark_for_deletion(step: Step, record: Record) -> bool:
    """Adds the deletion marker to a record's ownership tag, so that nothing adopts it again.

    Returns:
        Whether it has the marker; a kind without tags and one of several versions need none.
    """
    tag_value = record.tags.get(OWNERSHIP_TAG_KEY)
    if not step.spec.is_taggable or record.is_marked_for_deletion:
        return True
    if tag_value is None:
        return False
    if has_other_versions(step, record):
        # They share its tags, and stay.
        return True
    tags = {OWNERSHIP_TAG_KEY: with_deletion_marker(tag_value)}
    try:
        step.call("TagResource", {"resourceArn": record.arn, "tags": tags})
    except ServiceError as error:
        # A record that cannot be tagged is pending, INACTIVE or being deleted; a denied or lost call is retried.
        if error.fault not in (Fault.CONFLICT, Fault.INVALID, Fault.NOT_FOUND):
            raise
        return False
    return True
