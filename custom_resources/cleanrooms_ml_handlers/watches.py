"""Which request starts the watch of a run that no `Ready` waits for."""

from __future__ import annotations

from .creation import undone_update
from .history import before, is_claim, is_rollback
from .identity import Desired, Record
from .request import is_set
from .steps import Step
from .timing import CLOCK_SKEW_SECONDS, SERVICE_TIMEOUT_SECONDS

_WATCH = "Watch"


def needs_watch(step: Step, record: Record) -> bool:
    """Whether a request that created, found or changed a run has to start its watch."""
    return step.request.is_set(_WATCH) and (_is_new(step, record) or _is_unwatched(step, record))


def _is_new(step: Step, record: Record) -> bool:
    is_create = step.request.kind == "Create"
    return is_create or "createTime" not in record.answer or step.is_of_this_request(record)


def _is_unwatched(step: Step, record: Record) -> bool:
    """Whether no earlier request watches a run that was there before an Update.

    A deployment may have waited for it, and given up; or it was deleted before, and its watch with it. The run to
    which a rollback returns is watched since its own Create.
    """
    desired = Desired(step.spec, step.request.properties)
    if desired.identity == step.identity(step.request.old_properties):
        return not is_set(step.request.old_properties, _WATCH) and not _was_watched(step, record, desired)
    past = undone_update(step, desired, record.created_at)
    if past is None:
        return True
    is_back = is_rollback(step.past(record.created_at - SERVICE_TIMEOUT_SECONDS), step.request)
    is_known = is_back and is_set(past.old_properties, _WATCH)
    return not is_known and not _was_watched(step, record, desired)


def _was_watched(step: Step, record: Record, desired: Desired) -> bool:
    """Whether an earlier request has started a watch, which goes on whatever later ones say."""
    # The request that created the run was signed before. One that had ended by then had another run.
    past = step.past(record.created_at - SERVICE_TIMEOUT_SECONDS)
    return any(
        is_claim(it, step.identity, desired.identity)
        and it.execution.ended_at >= record.created_at - CLOCK_SKEW_SECONDS
        and is_set(it.properties, _WATCH)
        and it.answered_success
        for it in before(past, step.request.signed_at)
    )
