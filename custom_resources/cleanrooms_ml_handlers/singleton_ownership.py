"""Whose a singleton is: it has no ownership tag, so that the requests of the stack have to say it.

A singleton counts as this stack's if a request of the same logical id wrote what it shows: the time of its last change
says so. That it equals what the request asks for proves nothing. Two logical ids of one stack can name the same one,
while one replaces the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from .executions import Purpose, executions_since
from .figures import values
from .history import (
    CLOCKS_SECONDS,
    DEPLOYMENT_SECONDS,
    HISTORY_SECONDS,
    Cleanup,
    before,
    cleanup,
    is_claim,
)
from .identity import Desired, Record
from .past_request import PastRequest, Subject
from .reply_address import moment
from .request import Request, is_set, request_key
from .retention import last_word, rolled_back_replacement
from .steps import Step
from .timing import SERVICE_TIMEOUT_SECONDS, WORKER_TIMEOUT_SECONDS


def equals(record: Record, desired: Desired) -> bool:
    """Whether a record shows what is asked for."""
    return all(record.answer.get(key) == value for key, value in desired.request.items())


def subject_of(step: Step) -> Subject:
    """What distinguishes the singletons of properties."""

    def subject(properties: Mapping[str, Any]) -> str:
        request = Desired(step.spec, properties).request
        has_all = all(key in request for key in step.spec.identifier_members)
        return step.spec.physical_id(request) if has_all else ""

    return subject


def writer(step: Step, own: str, record: Record) -> PastRequest | None:
    """The earlier request of this logical id that may have written what a record shows."""
    subject = subject_of(step)
    earliest = record.updated_at - SERVICE_TIMEOUT_SECONDS - WORKER_TIMEOUT_SECONDS
    for past in before(step.past(earliest), step.request.signed_at):
        if past.signed_at < earliest:
            break
        if not past.may_have_called_at(record.updated_at):
            continue
        if is_claim(past, subject, own):
            # After its end, somebody else may have written, too.
            wrote = record.updated_at <= past.execution.ended_at or _equals_asked(step, record, past)
        else:
            kept = retained(step, own, past.signed_at) if _gives_up(past, subject, own) else None
            wrote = kept is not None and _equals_asked(step, record, kept)
        if wrote:
            return past
    return None


def _equals_asked(step: Step, record: Record, past: PastRequest) -> bool:
    return equals(record, Desired(step.spec, past.properties))


def _gives_up(past: PastRequest, subject: Subject, own: str) -> bool:
    """Whether a singleton leaves a logical id with a request: by then, it may write what was there before."""
    if not past.is_of_own_kind:
        return False
    if past.kind == "Delete":
        return subject(past.properties) == own
    return past.replaces(subject, own, subject(past.properties))


def is_of_others(step: Step, record: Record) -> bool:
    """Whether no request of this logical id wrote what a record shows.

    Step Functions keeps executions for 90 days: without any, the record is known by its role alone.
    """
    if step.progress.get("seen"):
        return False
    if step.now - record.updated_at > HISTORY_SECONDS:
        return False
    if last_claim(step, record.id) is None:
        return False
    written_by = writer(step, record.id, record)
    if written_by is not None and record.updated_at <= written_by.execution.ended_at:
        return False
    # Another logical id of the stack may have overwritten it, and given it back.
    is_own = written_by is not None or _was_given_back(step, record)
    return not is_own or holder(step, record.id) is not None


def holder(step: Step, own: str) -> PastRequest | None:
    """The request by which another logical id of the stack has a singleton; None if none has it."""
    known: set[str] = set()
    for it in _requests_of_others(step, step.now - HISTORY_SECONDS):
        key = it.execution.request_key
        if key in known:
            continue
        names_another = it.physical_id != own and step.spec.identifiers(it.physical_id) is not None
        if it.is_of_own_kind and it.kind == "Delete" and names_another:
            # The cleanup of an update from another one.
            continue
        has_it = it.is_of_own_kind and it.kind != "Delete"
        if not has_it or it.answered_success:
            known.add(key)
            if has_it and subject_of(step)(it.properties) == own:
                return it
    return None


def may_have_overwritten(step: Step, record: Record) -> bool:
    """Whether a deployment that may still be rolled back wrote over the singleton of another logical id."""
    if record.updated_at < step.request.signed_at - DEPLOYMENT_SECONDS:
        return False
    asked = (step.request.properties, step.request.old_properties)
    return any(is_set(properties, "ReplaceExisting") for properties in asked)


def _was_given_back(step: Step, record: Record) -> bool:
    """Whether another logical id of the stack wrote what a record shows when it gave it up."""
    earliest = record.updated_at - SERVICE_TIMEOUT_SECONDS - WORKER_TIMEOUT_SECONDS
    return any(
        it.may_have_called_at(record.updated_at) and _gives_up(it, subject_of(step), record.id)
        for it in _requests_of_others(step, earliest)
    )


def _requests_of_others(step: Step, since: float) -> Iterator[PastRequest]:
    """The requests of all other logical ids of the stack, the newest first."""
    own = request_key(step.request)
    for execution in executions_since(step.service, since - CLOCKS_SECONDS):
        key = execution.request_key
        if execution.purpose is Purpose.REQUEST and key != own and execution.is_for(key):
            yield PastRequest(execution, moment(execution.signed), step.service, step.request.spec_kind)


def is_replaced(record: Record, desired: Desired) -> bool:
    """Whether someone has overwritten the singleton since: the service uses another role than the request says."""
    pairs = [(values(desired.request, path), values(record.answer, path)) for path in desired.spec.role_fields]
    return any(own and own != shown for own, shown in pairs)


def is_vouched_for(step: Step, desired: Desired, record: Record) -> bool:
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
    return last_claim(step, record.id) is not None


def last_claim(step: Step, own: str) -> PastRequest | None:
    """The last earlier request of this logical id that asked for a singleton."""
    past = before(step.past(step.request.signed_at - HISTORY_SECONDS), step.request.signed_at)
    return next((it for it in past if is_claim(it, subject_of(step), own)), None)


def cleaned_up(step: Step, desired: Desired) -> Cleanup:
    """What a Delete without an id cleans up."""
    past = step.past(step.request.signed_at - HISTORY_SECONDS)
    subject = subject_of(step)
    return cleanup(past, step.request, subject, subject(desired.request), step.spec.identifiers)


def retained(step: Step, own: str, since: float) -> PastRequest | None:
    """The request that wrote the singleton which the stack had before a time, and has not deleted; None without one."""
    word = _last_word(step, own, since)
    if word is None or word.kind != "Delete":
        return word
    # A cleanup left what was there before the replacement that was rolled back.
    return retained_before_replacement(step, own, word)


def retained_before_replacement(step: Step, own: str, delete: Request | PastRequest) -> PastRequest | None:
    """The request that wrote the singleton which a replacement took over, if a Delete cleans up after its rollback."""
    past = step.past(step.request.signed_at - HISTORY_SECONDS)
    forward = rolled_back_replacement(past, delete, subject_of(step))
    return retained(step, own, forward.signed_at) if forward is not None else None


def retained_before_update(step: Step, own: str) -> PastRequest | None:
    """The request that wrote the singleton which the last Update to it took over; None without one."""
    undone = last_claim(step, own)
    if undone is None or not undone.is_undone_by(step.request.properties, step.request.old_properties):
        # Nothing of that Update has reached the engine.
        return retained(step, own, step.request.signed_at)
    return retained(step, own, undone.signed_at)


def was_given_up(step: Step, record: Record, until: float) -> bool:
    """Whether CloudFormation gave up the Delete of a singleton that was not retained, and no stack had it since."""
    word = _last_word(step, record.id, until)
    return (
        word is not None and word.kind == "Delete" and not word.answered_success and _equals_asked(step, record, word)
    )


def _last_word(step: Step, own: str, until: float) -> PastRequest | None:
    past = step.past(step.request.signed_at - HISTORY_SECONDS)
    return last_word(past, subject_of(step), own, own, step.spec.identifiers, until)
