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
    PastRequest,
    Subject,
    before,
    cleanup,
    is_claim,
)
from .identity import Desired, Record
from .reply_address import moment
from .request import is_set, request_key
from .steps import Step
from .timing import CLOCK_SKEW_SECONDS, SERVICE_TIMEOUT_SECONDS, WORKER_TIMEOUT_SECONDS


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
    earliest = record.updated_at - SERVICE_TIMEOUT_SECONDS - WORKER_TIMEOUT_SECONDS
    for past in before(step.past(earliest), step.request.signed_at):
        if past.signed_at < earliest:
            break
        end = past.execution.ended_at
        # The last call of a stopped execution may take effect later.
        last = end + CLOCK_SKEW_SECONDS + (WORKER_TIMEOUT_SECONDS if past.execution.is_lost else 0)
        is_begun = past.signed_at <= record.updated_at + CLOCK_SKEW_SECONDS
        if not is_begun or record.updated_at > last or not is_claim(past, subject_of(step), own):
            continue
        # After its end, somebody else may have written, too.
        if record.updated_at <= end or equals(record, Desired(step.spec, past.properties)):
            return past
    return None


def is_of_others(step: Step, record: Record) -> bool:
    """Whether no request of this logical id wrote what a record shows.

    Step Functions keeps executions for 90 days: without any, the record is known by its role alone.
    """
    if step.progress.get("seen"):
        return False
    if step.now - record.updated_at > HISTORY_SECONDS:
        return False
    past = before(step.past(step.now - HISTORY_SECONDS), step.request.signed_at)
    is_known = any(is_claim(it, subject_of(step), record.id) for it in past)
    if not is_known:
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
    subject = subject_of(step)

    def gives_up(it: PastRequest) -> bool:
        given = it.properties if it.kind == "Delete" else it.old_properties
        return subject(given) == record.id and (it.kind == "Delete" or subject(it.properties) != record.id)

    earliest = record.updated_at - SERVICE_TIMEOUT_SECONDS - WORKER_TIMEOUT_SECONDS
    return any(
        it.signed_at <= record.updated_at + CLOCK_SKEW_SECONDS
        and record.updated_at <= it.execution.ended_at + CLOCK_SKEW_SECONDS
        and it.is_of_own_kind
        and gives_up(it)
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
    past = before(step.past(step.now - HISTORY_SECONDS), step.request.signed_at)
    return any(is_claim(it, subject_of(step), record.id) for it in past)


def cleaned_up(step: Step, desired: Desired) -> Cleanup:
    """What a Delete without an id cleans up."""
    past = step.past(step.request.signed_at - HISTORY_SECONDS)
    subject = subject_of(step)
    return cleanup(past, step.request, subject, subject(desired.request), step.spec.identifiers)


def retained(step: Step, desired: Desired, since: float) -> PastRequest | None:
    """The request that wrote the singleton which the stack had before a time, and has not deleted; None without one."""
    subject = subject_of(step)
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
