"""One step of one request: what to do now, and whether the request is done.

The engine knows specs, but no resource. It keeps only what it returns between steps, calls only the service that it
is given, and reads no clock: the same step with the same service does the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf
from typing import Any

from .creation import create_or_adopt
from .deletion import delete
from .errors import Failure, Fault, ServiceError
from .executions import Purpose, purpose_of
from .figures import first
from .history import HISTORY_SECONDS, is_rollback
from .identity import Desired, Owner, Record
from .outcomes import ACCEPTED, ACCEPTED_AT, SILENCE, Outcome, continue_later, denial, ended, failed, is_retryable
from .ownership import owns
from .parents import require_own_parent
from .records import get_record
from .reply import Answer
from .request import Request
from .request_order import Requests
from .resource_policy import delete_statements, put_statements
from .resources import SPECS, spec_of
from .singleton import delete_singleton, put_singleton
from .spec import Cardinality
from .steps import LISTINGS, Caller, Overtaken, Step, Unfinished
from .timing import SETTLING_SECONDS
from .update import delete_undone, replacement_of_lost, undo_lost, update
from .waiting import drain, result
from .watches import needs_watch
from .watching import watch


def advance(request: Request, service: Caller, progress: Mapping[str, Any], now: float, execution: str) -> Outcome:
    """Runs one step.

    Args:
        request: The request of CloudFormation.
        service: The calls.
        progress: What the previous step returned; empty at first.
        now: The time, in seconds since 1970.
        execution: ARN of the execution that the step belongs to.
    """
    owner = Owner.of(request)
    keeps_id = request.physical_id or (owner.waiting_id if request.is_wait else owner.not_created_id)
    try:
        spec = spec_of(request.spec_kind)
    except KeyError:
        known = ", ".join(spec.kind for spec in SPECS)
        return ended(Answer(keeps_id, reason=f"this version does not know a {request.spec_kind}; it knows {known}"))
    step = Step(spec, request, service, dict(progress), now, execution)
    seconds, since, is_throttled, fault = 0, inf, False, ""
    try:
        return _ACTS[purpose_of(execution)](step, keeps_id)
    except Overtaken:
        return SILENCE
    except Unfinished as pending:
        reason, seconds, since = str(pending), pending.seconds, pending.since
        step.progress.pop("denied_at", None)
    except Failure as failure:
        return failed(step, keeps_id, str(failure))
    except ServiceError as error:
        if not is_retryable(step, error):
            is_look = error.operation in (step.spec.get, step.spec.list, "ListTagsForResource")
            if is_look and step.request.is_wait and step.request.kind == "Delete":
                # It deletes nothing: it only waits for the run, so that the Delete of the resource finds it ended.
                return ended(Answer(keeps_id))
            return failed(step, keeps_id, str(error))
        reason, is_throttled, fault = str(error), error.fault is Fault.THROTTLED, denial(step, error)
    if not is_throttled:
        # Only a step that was throttled continues where it was: any other looks at the service anew.
        step.progress.pop(LISTINGS, None)
    later = continue_later(step, keeps_id, reason, seconds, since)
    return replace(later, is_throttled=is_throttled, fault=fault or later.fault)


def _answer(step: Step, keeps_id: str) -> Outcome:
    """The request itself."""
    if step.request.kind == "Create":
        # It asks, and stops what was canceled, only before it changes anything or is answered.
        step.ensure_quiet()
    else:
        step.supersede_earlier()
    if step.request.is_wait:
        return ended(Answer(keeps_id, _wait(step)))
    apply, remove = _LIFECYCLES[step.spec.cardinality]
    if step.request.kind == "Delete":
        remove(step)
        return ended(Answer(keeps_id))
    record = _accepted(step)
    if record is None:
        require_own_parent(step, step.request.properties)
        record = apply(step)
        step.supersede_earlier()
    # Whatever fails from here on, the answer has the id.
    step.progress[ACCEPTED] = record.id
    step.progress.setdefault(ACCEPTED_AT, step.now)
    if needs_watch(step, record):
        step.ensure_latest()
        step.start(Purpose.WATCH)
    return ended(Answer(record.id, _attributes(step, record)))


def _accepted(step: Step) -> Record | None:
    """The resource, if an earlier step of the request has created or updated it: it may not be listed yet.

    Raises:
        Unfinished: It does not show.
        Failure: It is not this stack's: the caller of the worker can make the progress up.
    """
    if ACCEPTED not in step.progress or "undo" in step.progress:
        return None
    identifiers = step.spec.identifiers(str(step.progress[ACCEPTED]))
    record = get_record(step, identifiers) if identifiers else None
    if record is None:
        raise Unfinished(f"{step.spec.kind} {step.progress[ACCEPTED]} does not show yet")
    require_own_parent(step, identifiers or {})
    if step.spec.is_taggable and not owns(step, record):
        if step.now < step.progress.get(ACCEPTED_AT, 0.0) + SETTLING_SECONDS:
            raise Unfinished(f"{step.named(record)} does not show its tags yet")
        raise Failure(f"{step.spec.kind} {step.progress.pop(ACCEPTED)} is not this stack's")
    return record


def _create_or_update(step: Step) -> Record:
    if step.request.kind == "Create":
        return create_or_adopt(step, Desired(step.spec, step.request.properties))
    return update(step)


_LIFECYCLES: Mapping[Cardinality, tuple[Callable[[Step], Record], Callable[[Step], None]]] = {
    Cardinality.NAMED: (_create_or_update, delete),
    Cardinality.SINGLETON: (put_singleton, delete_singleton),
    Cardinality.DOCUMENT: (put_statements, delete_statements),
}


def _clean_up_and_answer(step: Step, keeps_id: str) -> Outcome:
    """A request whose execution was lost."""
    request = step.request
    if request.kind == "Create" and not request.is_wait:
        # The Delete that CloudFormation sends next searches for what was created.
        keeps_id = step.owner.orphan_id(step.request.signed_at)
    if request.kind == "Update" and not Requests(step.service, request, step.execution).later():
        if request.is_wait and _is_rollback(step):
            return ended(Answer(keeps_id, _wait(step)))
        if not request.is_wait:
            replacement = replacement_of_lost(step) or _restored(step)
            if replacement is not None:
                # CloudFormation may have received this answer already: it may rely on the replacement.
                if needs_watch(step, replacement):
                    step.start(Purpose.WATCH)
                return ended(Answer(replacement.id, _attributes(step, replacement)))
            undo_lost(step)
    advice = "delete again" if request.kind == "Delete" else "deploy again"
    return ended(
        Answer(keeps_id, reason=f"{request.logical_id}: the request was lost in Lambda or Step Functions; {advice}")
    )


def _is_rollback(step: Step) -> bool:
    return is_rollback(step.past(step.request.signed_at - HISTORY_SECONDS), step.request)


def _restored(step: Step) -> Record | None:
    """What a lost rollback restores under the same id; None if the request is none, or is for a resource of another id.

    CloudFormation gives up a stack whose rollback fails: this does what the lost execution has not done.

    Raises:
        Unfinished: It is not restored yet.
        Failure: It cannot be restored.
    """
    request = step.request
    is_named = step.spec.cardinality is Cardinality.NAMED
    if is_named and step.identity(request.properties) != step.identity(request.old_properties):
        return None
    if not _is_rollback(step):
        return None
    step.supersede_earlier()
    require_own_parent(step, request.properties)
    return _LIFECYCLES[step.spec.cardinality][0](step)


def _watch(step: Step, _keeps_id: str) -> Outcome:
    watch(step)
    return SILENCE


def _delete_later(step: Step, _keeps_id: str) -> Outcome:
    if step.request.kind == "Update":
        delete_undone(step)
    else:
        _LIFECYCLES[step.spec.cardinality][1](step)
    return SILENCE


_ACTS: Mapping[Purpose, Callable[[Step, str], Outcome]] = {
    Purpose.REQUEST: _answer,
    Purpose.LOST: _clean_up_and_answer,
    Purpose.WATCH: _watch,
    Purpose.BACKGROUND_DELETE: _delete_later,
}


def _attributes(step: Step, record: Record) -> dict[str, object]:
    desired = Desired(step.spec, step.request.properties)
    own = {} if step.spec.long_running else step.spec.attributes
    results = {name: first(record.answer, path) for name, path in own.items()}
    return {"Arn": record.arn, "Name": record.name, "RequestHash": desired.request_hash, **results}


def _wait(step: Step) -> dict[str, object]:
    """The attributes of a `Ready`; its Delete waits for the end of the run."""
    request = step.request
    replaced = request.kind == "Update" and request.old_properties.get("Arn") != request.properties.get("Arn")
    ends_by_itself = step.spec.cancel is None
    if ends_by_itself and (request.kind == "Delete" or (replaced and step.now < request.deadline)):
        # The Delete of the resource comes next, and the service cannot delete a run in progress.
        drain(step, request.old_properties if replaced else request.properties)
    is_over = request.is_set("Link") and step.now >= request.deadline
    # The next link of the chain looks in this moment.
    return {} if request.kind == "Delete" or is_over else result(step)
