"""Whether the stack had a resource before a request, and kept it: a rollback deletes nothing that was there before."""

from __future__ import annotations

from collections.abc import Callable

from .history import DEPLOYMENT_SECONDS, before, is_claim, is_rollback
from .past_request import PastRequest, Subject
from .request import Request

# A replacement and its rollback.
_LEAST_REQUESTS = 2


def rolled_back_replacement(
    past: list[PastRequest], delete: Request | PastRequest, subject: Subject
) -> PastRequest | None:
    """The Update to the resource of a Delete that cleans up after its rollback; None if it is no such Delete.

    Args:
        past: The other requests of the logical id; the Delete may be among them.
        delete: The Delete, whose id names a resource.
        subject: What properties describe.
    """
    if sum(1 for _ in before(past, delete.signed_at)) < _LEAST_REQUESTS:
        # Most are deleted without: what the requests asked for need not be read.
        return None
    # Without earlier tries of this Delete.
    updates = (
        it for it in before(past, delete.signed_at) if it.kind != "Delete" or it.physical_id != delete.physical_id
    )
    own = subject(delete.properties)
    back = next(updates, None)
    if back is None or not back.replaces(subject, own, subject(back.properties)):
        return None
    # A rollback that failed is continued with the same request, days later perhaps.
    begun_at, forward = back.signed_at, next(updates, None)
    while forward is not None and forward.is_repeated_by(back):
        begun_at, forward = forward.signed_at, next(updates, None)
    if forward is None or not begun_at - DEPLOYMENT_SECONDS <= forward.signed_at < delete.signed_at:
        return None
    is_way_back = is_rollback(past, back) and forward.replaces(subject, subject(back.properties), own)
    # If CloudFormation already had its id, that was the rollback of an earlier replacement.
    return forward if is_way_back and forward.physical_id != delete.physical_id else None


def last_word(
    past: list[PastRequest],
    subject: Subject,
    own: str,
    physical_id: str,
    names: Callable[[str], object],
    until: float,
) -> PastRequest | None:
    """The last request before a time that says whether the stack had a resource: it got it, or was to delete it.

    Args:
        past: The other requests of the logical id.
        subject: What properties describe.
        own: What the resource is.
        physical_id: Its physical id.
        names: Returns what a physical id names; None if it names no resource.
        until: The time, in seconds since 1970.
    """
    undo: PastRequest | None = None
    # A Delete of the same second came before.
    for it in before(past, until):
        if it.kind == "Delete" and it.physical_id == physical_id:
            return it
        if it.physical_id == physical_id:
            # CloudFormation had its id: nothing before was canceled.
            undo = None
        if _undoes_canceled(it, subject, own, physical_id, names):
            # What was canceled may have been answered before this one came.
            undo = it
        elif it.signed_at < until and is_claim(it, subject, own):
            if it.answered_success and not (undo is not None and _is_undone(it, undo)):
                return it
            undo = None
    return None


def _undoes_canceled(
    it: PastRequest, subject: Subject, own: str, physical_id: str, names: Callable[[str], object]
) -> bool:
    """Whether a request undoes one that asked for a resource, and for which CloudFormation had no answer in time."""
    if it.kind == "Delete":
        return subject(it.properties) == own and names(it.physical_id) is None
    return it.replaces(subject, own, subject(it.properties)) and it.physical_id != physical_id


def _is_undone(it: PastRequest, undo: PastRequest) -> bool:
    if it.signed_at < undo.signed_at - DEPLOYMENT_SECONDS:
        return False
    return it.kind == "Create" if undo.kind == "Delete" else it.is_undone_by(undo.properties, undo.old_properties)
