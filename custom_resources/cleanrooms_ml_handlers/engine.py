"""One step of one request: what to do now, and whether the request is done.

The engine knows specs, but no resource. It keeps only what it returns between steps, calls only the service that it
is given, and reads no clock: the same step with the same service does the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from .creation import create_or_adopt
from .deletion import delete
from .errors import Failure, Fault, ServiceError
from .executions import Purpose, Requests, purpose_of
from .identity import Desired, Owner, Record
from .parents import require_own_parent
from .reply import Answer
from .request import Request
from .resource_policy import delete_statements, put_statements
from .resources import SPECS, spec_of
from .singleton import delete_singleton, put_singleton
from .spec import SERVICE_TIMEOUT_SECONDS, Cardinality
from .steps import CREATED, LISTINGS, OPEN_QUESTIONS, PROPAGATION_SECONDS, Caller, Overtaken, Step, Unfinished
from .update import delete_undone, replacement_of_lost, undo_lost, update
from .waiting import drain, first, report_unseen, result, watch

# The engine polls every second at first; after ten seconds the interval grows with the time waited.
_FIRST_WAIT_SECONDS = 1
_LONGEST_WAIT_SECONDS = 60.0
_PATIENT_AFTER_SECONDS = 10.0
_GROWTH = 0.05
# CloudFormation does not wait for some executions, and an execution can have at most 25,000 events.
_LONGEST_UNHURRIED_WAIT_SECONDS = 1800.0
# The longest run is a training of 28 days.
UNHURRIED_SECONDS = 30 * 24 * 3600
_MANY_MINUTES_SECONDS = 2 * 3600
# Until when a failed update can be undone before CloudFormation stops waiting.
LAST_MOMENT_SECONDS = SERVICE_TIMEOUT_SECONDS - 60


@dataclass(frozen=True)
class Outcome:
    """The outcome of a step.

    Attributes:
        answer: The answer to CloudFormation; None if there is none.
        done: Whether there is no next step.
        wait_seconds: Seconds until the next step.
        progress: The progress for the next step.
        is_throttled: Whether the step ended because a limit is shared with others.
    """

    answer: Answer | None
    done: bool
    wait_seconds: int = 0
    progress: dict[str, Any] = field(default_factory=dict)
    is_throttled: bool = False


_SILENCE = Outcome(None, done=True)

# The key of the progress with the id of the resource that this request has created or updated.
_ACCEPTED = "accepted"


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
        return _ended(Answer(keeps_id, reason=f"this version does not know a {request.spec_kind}; it knows {known}"))
    step = Step(spec, request, service, dict(progress), now, execution)
    seconds, is_throttled = 0, False
    try:
        return _ACTS[purpose_of(execution)](step, keeps_id)
    except Overtaken:
        return _SILENCE
    except Unfinished as pending:
        reason, seconds = str(pending), pending.seconds
        step.progress.pop("denied_at", None)
    except Failure as failure:
        return _failed(step, keeps_id, str(failure))
    except ServiceError as error:
        if not _is_retryable(step, error):
            is_look = error.operation in (step.spec.get, step.spec.list, "ListTagsForResource")
            if is_look and step.request.is_wait and step.request.kind == "Delete":
                # It deletes nothing: it only waits for the run, so that the Delete of the resource finds it ended.
                return _ended(Answer(keeps_id))
            return _failed(step, keeps_id, str(error))
        reason, is_throttled = str(error), error.fault is Fault.THROTTLED
    if not is_throttled:
        # Only a step that was throttled continues where it was: any other looks at the service anew.
        step.progress.pop(LISTINGS, None)
    return replace(_later(step, keeps_id, reason, seconds), is_throttled=is_throttled)


# -- what executions are for -------------------------------------------------------------------------------------------


def _answer(step: Step, keeps_id: str) -> Outcome:
    """The request itself."""
    step.supersede_earlier()
    if step.request.is_wait:
        return _ended(Answer(keeps_id, _wait(step)))
    apply, remove = _LIFECYCLES[step.spec.cardinality]
    if step.request.kind == "Delete":
        remove(step)
        return _ended(Answer(keeps_id))
    record = _accepted(step)
    if record is None:
        require_own_parent(step, step.request.properties)
        record = apply(step)
    # Whatever fails from here on, the answer has the id.
    step.progress[_ACCEPTED] = record.id
    if step.request.is_set("Watch") and (step.request.kind == "Create" or _is_new(step, record)):
        # The resource to which a rollback returns is watched since its own Create.
        step.ensure_latest()
        step.start(Purpose.WATCH)
    return _ended(Answer(record.id, _attributes(step, record)))


def _accepted(step: Step) -> Record | None:
    """The resource, if an earlier step of the request has created or updated it: it may not be listed yet.

    Raises:
        Unfinished: It does not show.
    """
    if _ACCEPTED not in step.progress or "undo" in step.progress:
        return None
    identifiers = step.spec.identifiers(str(step.progress[_ACCEPTED]))
    record = step.get(identifiers) if identifiers else None
    if record is None:
        raise Unfinished(f"{step.spec.kind} {step.progress[_ACCEPTED]} does not show yet")
    return record


def _is_new(step: Step, record: Record) -> bool:
    return "createTime" not in record.answer or step.is_of_this_request(record)


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
    if request.kind == "Update" and not request.is_wait and not Requests(step.service, request, step.execution).later():
        replacement = replacement_of_lost(step)
        if replacement is not None:
            # CloudFormation may have received this answer already: it may rely on the replacement.
            return _ended(Answer(replacement.id, _attributes(step, replacement)))
        undo_lost(step)
    advice = "delete again" if request.kind == "Delete" else "deploy again"
    return _ended(
        Answer(keeps_id, reason=f"{request.logical_id}: the request was lost in Lambda or Step Functions; {advice}")
    )


def _watch(step: Step, _keeps_id: str) -> Outcome:
    watch(step)
    return _SILENCE


def _delete_later(step: Step, _keeps_id: str) -> Outcome:
    if step.request.kind == "Update":
        delete_undone(step)
    else:
        _LIFECYCLES[step.spec.cardinality][1](step)
    return _SILENCE


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
    return {} if request.kind == "Delete" else result(step)


# -- what comes after a step -------------------------------------------------------------------------------------------


def _is_retryable(step: Step, error: ServiceError) -> bool:
    """Whether a failed call may succeed later without a change."""
    if error.fault in (Fault.THROTTLED, Fault.UNCERTAIN) or not purpose_of(step.execution).is_awaited:
        # What nobody waits for has the time to wait for a permission, too.
        return True
    if error.fault is Fault.DENIED:
        denied_at: float = step.progress.setdefault("denied_at", step.now)
        return step.now < denied_at + PROPAGATION_SECONDS
    # A create has other reasons for a conflict, and decides itself.
    is_create = error.operation == step.spec.create and step.spec.cardinality is Cardinality.NAMED
    return error.fault is Fault.CONFLICT and not is_create


def _later(step: Step, keeps_id: str, reason: str, seconds: int = 0) -> Outcome:
    """The time of the next step, at least some seconds from now; after the deadline the end."""
    unhurried = not purpose_of(step.execution).is_awaited
    deadline = _deadline(step)
    if step.now >= deadline:
        return _out_of_time(step, keeps_id, reason)
    started: float = step.progress.setdefault("since", step.now)
    waited = step.now - started
    wait: float = max(_FIRST_WAIT_SECONDS, seconds)
    if waited > _PATIENT_AFTER_SECONDS:
        longest = _LONGEST_UNHURRIED_WAIT_SECONDS if unhurried else _LONGEST_WAIT_SECONDS
        wait = min(longest, max(wait, waited * _GROWTH))
    # The state machine accepts only whole seconds.
    return _next(step, min(int(wait), ceil(deadline - step.now)))


def _next(step: Step, seconds: int = _FIRST_WAIT_SECONDS) -> Outcome:
    return Outcome(None, done=False, wait_seconds=seconds, progress=step.progress)


def _deadline(step: Step) -> float:
    if not purpose_of(step.execution).is_awaited:
        return step.request.signed_at + UNHURRIED_SECONDS
    if "undo" in step.progress or purpose_of(step.execution) is Purpose.LOST:
        return step.request.signed_at + LAST_MOMENT_SECONDS
    return step.request.deadline


def _out_of_time(step: Step, keeps_id: str, reason: str) -> Outcome:
    request = step.request
    if purpose_of(step.execution) is Purpose.WATCH:
        with suppress(ServiceError):
            report_unseen(step, reason)
    if not purpose_of(step.execution).is_awaited:
        return _SILENCE
    if "undo" in step.progress:
        return _failed(step, keeps_id, str(step.progress["undo"]))
    if request.is_wait and (request.kind == "Delete" or request.is_set("Link")):
        # The next link, or `Ready`, continues to wait.
        return _ended(Answer(keeps_id))
    if request.kind == "Delete" and step.progress.get("busy"):
        # CloudFormation tries a cleanup Delete three times and then forgets it; this execution continues.
        try:
            step.start(Purpose.BACKGROUND_DELETE)
        except ServiceError as error:
            if step.now < request.signed_at + LAST_MOMENT_SECONDS:
                # Without it the run would cost money until somebody deletes it by hand.
                return _next(step)
            reason = f"{reason}; its deletion cannot continue ({error})"
    return _failed(step, keeps_id, f"{reason} after {_span(request.waited_seconds)}{_advice(request)}")


def _span(seconds: int) -> str:
    """A time for a message."""
    return f"{seconds / 60:g} minutes" if seconds < _MANY_MINUTES_SECONDS else f"{seconds / 3600:.3g} hours"


def _advice(request: Request) -> str:
    if request.kind == "Delete":
        return "; delete again"
    return "; raise wait=Wait.until_active(...)" if request.is_wait else "; deploy again"


def _failed(step: Step, keeps_id: str, reason: str) -> Outcome:
    if not purpose_of(step.execution).is_awaited:
        return _SILENCE
    reason = step.redacted(reason)
    creates = step.request.kind != "Delete" and not step.request.is_wait
    if creates and _ACCEPTED in step.progress:
        accepted = str(step.progress[_ACCEPTED])
        if step.request.kind == "Create" or accepted == step.request.physical_id:
            return _ended(Answer(accepted, reason=reason))
    if creates and not {*OPEN_QUESTIONS, _ACCEPTED}.isdisjoint(step.progress):
        if step.request.kind == "Create":
            keeps_id = step.progress.get(CREATED) or step.owner.orphan_id(step.request.signed_at)
        elif "undo" not in step.progress:
            # The replacement may have been created: what shows of it is deleted before the answer.
            step.progress["undo"] = reason
            return _next(step)
    return _ended(Answer(keeps_id, reason=reason))


def _ended(answer: Answer) -> Outcome:
    return Outcome(answer, done=True)
