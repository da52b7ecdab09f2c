"""One step of one request: what to do now, and whether that was all.

The engine knows no resource, only specs. It keeps nothing between steps but what it returns, calls nothing but
the service it is given, and reads no clock: the same step with the same service does the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from .creation import OPEN_QUESTIONS, bring_about
from .deletion import delete
from .errors import Failure, Fault, ServiceError
from .identity import Owner, Record, Wanted
from .model import service_model
from .reply import Answer
from .request import Request
from .resources import SPECS, spec_of
from .spec import RESOURCE_TYPE_PREFIX, SERVICE_TIMEOUT_SECONDS, WAIT_RESOURCE_TYPE
from .steps import PROPAGATION_SECONDS, Caller, Step, Unfinished
from .update import update
from .waiting import result

# Short work is looked at every second; after ten seconds the interval grows with the time waited.
_FIRST_WAIT_SECONDS = 1
_LONGEST_WAIT_SECONDS = 60.0
_PATIENT_AFTER_SECONDS = 10.0
_GROWTH = 0.05
# What is left for undoing a failed update before CloudFormation stops waiting.
_LAST_MOMENT_SECONDS = SERVICE_TIMEOUT_SECONDS - 60
# Shorter texts are not worth hiding: they would blank out innocent words.
_SECRET_CHARS = 4


@dataclass(frozen=True)
class Outcome:
    """What a step came to: an answer, or the seconds until the next step."""

    answer: Answer | None
    wait_seconds: int
    progress: dict[str, Any]


def advance(request: Request, service: Caller, progress: Mapping[str, Any], now: float) -> Outcome:
    """Runs one step.

    Args:
        request: What CloudFormation asks.
        service: The calls.
        progress: What the step before returned; empty at first.
        now: The time, in seconds since 1970.
    """
    waiting = request.resource_type == WAIT_RESOURCE_TYPE
    kind = str(request.properties.get("Kind")) if waiting else request.resource_type.removeprefix(RESOURCE_TYPE_PREFIX)
    owner = Owner.of(request)
    keeps_id = request.physical_id or (owner.waiting_id if waiting else owner.nothing_id)
    try:
        spec = spec_of(kind)
    except KeyError:
        known = ", ".join(spec.kind for spec in SPECS)
        return _ended(Answer(keeps_id, reason=f"this version does not know a {kind}; it knows {known}"))
    step = Step(spec, request, service, dict(progress), now)
    try:
        return _ended(_wait(step, keeps_id) if waiting else _resource(step))
    except Unfinished as pending:
        reason = str(pending)
        step.progress.pop("denied_at", None)
    except Failure as failure:
        return _failed(step, keeps_id, str(failure))
    except ServiceError as error:
        if not _worth_another_try(step, error):
            return _failed(step, keeps_id, str(error))
        reason = str(error)
    return _later(step, keeps_id, reason)


def _resource(step: Step) -> Answer:
    if step.request.kind == "Delete":
        delete(step)
        return Answer(step.request.physical_id)
    wanted = Wanted(step.spec, step.request.properties)
    record = bring_about(step, wanted) if step.request.kind == "Create" else update(step)
    return Answer(record.arn, _attributes(record, wanted))


def _attributes(record: Record, wanted: Wanted) -> dict[str, object]:
    return {"Arn": record.arn, "Name": record.name, "RequestHash": wanted.request_hash}


def _wait(step: Step, physical_id: str) -> Answer:
    if step.request.kind == "Delete":
        return Answer(physical_id)
    return Answer(physical_id, result(step))


def _worth_another_try(step: Step, error: ServiceError) -> bool:
    """Whether a failed call may succeed later without anything being changed."""
    if error.fault in (Fault.THROTTLED, Fault.UNCERTAIN):
        return True
    if error.fault is Fault.DENIED:
        denied_at: float = step.progress.setdefault("denied_at", step.now)
        return step.now < denied_at + PROPAGATION_SECONDS
    return False


def _later(step: Step, keeps_id: str, reason: str) -> Outcome:
    """The next step's time; at the deadline the end."""
    request = step.request
    undoing = "undo" in step.progress
    deadline = request.signed_at + _LAST_MOMENT_SECONDS if undoing else request.deadline
    if step.now >= deadline:
        if undoing:
            return _failed(step, keeps_id, str(step.progress["undo"]))
        minutes = round(request.timeout_seconds / 60, 1)
        text = f"{reason} after {minutes:g} minutes{_advice(step)}"
        return _failed(step, keeps_id, text)
    started: float = step.progress.setdefault("since", step.now)
    waited = step.now - started
    wait: float = _FIRST_WAIT_SECONDS
    if waited > _PATIENT_AFTER_SECONDS:
        wait = min(_LONGEST_WAIT_SECONDS, max(wait, waited * _GROWTH))
    # The state machine takes whole seconds alone.
    return Outcome(None, ceil(min(wait, deadline - step.now)), step.progress)


def _advice(step: Step) -> str:
    if step.request.resource_type == WAIT_RESOURCE_TYPE:
        return "; raise wait=Wait.until_active(...)"
    return "; delete again" if step.request.kind == "Delete" else "; deploy again"


def _failed(step: Step, keeps_id: str, reason: str) -> Outcome:
    reason = _without_secrets(step, reason)
    if not OPEN_QUESTIONS.isdisjoint(step.progress):
        if step.request.kind == "Create":
            keeps_id = step.owner.unknown_id
        elif "undo" not in step.progress:
            # Whether the replacement was made is not known: what shows of it goes before the answer does.
            step.progress["undo"] = reason
            return Outcome(None, _FIRST_WAIT_SECONDS, step.progress)
    return _ended(Answer(keeps_id, reason=reason))


def _ended(answer: Answer) -> Outcome:
    return Outcome(answer, 0, {})


def _without_secrets(step: Step, text: str) -> str:
    """A reason from which what AWS marks sensitive is taken out, should a service repeat it."""
    model = service_model(step.spec.service)
    shape = model.operations[step.spec.create].input
    for properties in (step.request.properties, step.request.old_properties):
        for secret in sorted(model.sensitive_texts(shape, properties) if shape else (), key=len, reverse=True):
            if len(secret) >= _SECRET_CHARS:
                text = text.replace(secret, "***")
    return text
