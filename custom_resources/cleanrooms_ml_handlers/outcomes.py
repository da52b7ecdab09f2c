"""The outcome of a step: whether the request is done, when the next step comes, and what CloudFormation is told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from math import ceil, inf
from typing import Any

from .errors import Fault, ServiceError
from .executions import Purpose, purpose_of
from .reply import Answer
from .request import Request
from .spec import Cardinality
from .steps import OPEN_QUESTIONS, PROPAGATION_SECONDS, Step
from .texts import redacted
from .timing import SERVICE_TIMEOUT_SECONDS
from .watching import report_unseen

# The engine polls every second at first; after ten seconds the interval grows with the time waited, so that the end is
# seen within this part of the wait.
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
        fault: What the log says of an execution for which nobody waits; empty if all is well.
    """

    answer: Answer | None
    done: bool
    wait_seconds: float = 0
    progress: dict[str, Any] = field(default_factory=dict)
    is_throttled: bool = False
    fault: str = ""


SILENCE = Outcome(None, done=True)

# The key of the progress with the id of the resource that this request has created or updated.
ACCEPTED = "accepted"
# And with the time of that, in seconds since 1970.
ACCEPTED_AT = "accepted_at"


def is_retryable(step: Step, error: ServiceError) -> bool:
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


def denial(step: Step, error: ServiceError) -> str:
    """What the log says, once, of a call that is denied to an execution for which nobody waits; it is tried again."""
    if error.fault is not Fault.DENIED or purpose_of(step.execution).is_awaited or "denied_at" in step.progress:
        return ""
    step.progress["denied_at"] = step.now
    return f"{error.code} ({error.operation})"


def continue_later(step: Step, keeps_id: str, reason: str, seconds: int = 0, since: float = inf) -> Outcome:
    """The time of the next step, at least some seconds from now; after the deadline the end.

    Args:
        step: The step.
        keeps_id: The physical id of a failure.
        reason: What the request waits for.
        seconds: At least how long.
        since: When that has begun, if before the request: an earlier link of the chain has waited for it, too.
    """
    unhurried = not purpose_of(step.execution).is_awaited
    deadline = _deadline(step)
    if step.now >= deadline:
        return _out_of_time(step, keeps_id, reason)
    started: float = step.progress.setdefault("since", step.now)
    waited = step.now - min(started, since)
    wait: float = max(_FIRST_WAIT_SECONDS, seconds)
    if waited > _PATIENT_AFTER_SECONDS:
        longest = _LONGEST_UNHURRIED_WAIT_SECONDS if unhurried else _LONGEST_WAIT_SECONDS
        wait = min(longest, max(wait, waited * _GROWTH / (1 - _GROWTH)))
    return _next(step, min(wait, ceil(deadline - step.now)))


def _next(step: Step, seconds: float = _FIRST_WAIT_SECONDS) -> Outcome:
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
        return Outcome(None, done=True, fault="given up: it took too long")
    if "undo" in step.progress:
        return failed(step, keeps_id, str(step.progress["undo"]))
    if request.is_wait and (request.kind == "Delete" or request.is_set("Link")):
        # The next link, or `Ready`, continues to wait.
        return ended(Answer(keeps_id))
    if request.kind == "Delete" and step.progress.get("busy"):
        # CloudFormation tries a cleanup Delete three times and then forgets it; this execution continues.
        try:
            step.start(Purpose.BACKGROUND_DELETE)
        except ServiceError as error:
            if step.now < request.signed_at + LAST_MOMENT_SECONDS:
                # Without it the run would cost money until somebody deletes it by hand.
                return _next(step)
            reason = f"{reason}; its deletion cannot continue ({error})"
    return failed(step, keeps_id, f"{reason} after {_span(request.waited_seconds)}{_advice(request)}")


def _span(seconds: int) -> str:
    """A time for a message."""
    return f"{seconds / 60:g} minutes" if seconds < _MANY_MINUTES_SECONDS else f"{seconds / 3600:.3g} hours"


def _advice(request: Request) -> str:
    if request.kind == "Delete":
        return "; delete again"
    return "; raise wait=Wait.until_active(...)" if request.is_wait else "; deploy again"


def failed(step: Step, keeps_id: str, reason: str) -> Outcome:
    if not purpose_of(step.execution).is_awaited:
        return Outcome(None, done=True, fault="given up: it cannot succeed")
    reason = redacted(step, reason)
    creates = step.request.kind != "Delete" and not step.request.is_wait
    if creates and ACCEPTED in step.progress:
        accepted = str(step.progress[ACCEPTED])
        if step.request.kind == "Create" or accepted == step.request.physical_id:
            return ended(Answer(accepted, reason=reason))
    if creates and not {*OPEN_QUESTIONS, ACCEPTED}.isdisjoint(step.progress):
        if step.request.kind == "Create":
            keeps_id = step.owner.orphan_id(step.request.signed_at)
        elif "undo" not in step.progress:
            # The replacement may have been created: what shows of it is deleted before the answer.
            step.progress["undo"] = reason
            return _next(step)
    return ended(Answer(keeps_id, reason=reason))


def ended(answer: Answer) -> Outcome:
    return Outcome(answer, done=True)
