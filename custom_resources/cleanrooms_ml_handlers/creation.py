"""Creating: look first, adopt what is ours, never make a second one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from .errors import Failure, Fault, ServiceError
from .identity import Record, Wanted
from .model import service_model
from .spec import SETTLING_SECONDS, Phase
from .steps import Step, Unfinished

# How long a name that is refused but does not show is looked for.
_CONFLICT_SECONDS = 60

# Keys of the progress that say: something may have been made.
LOST_STEP = "lost_step"
OPEN_QUESTIONS = frozenset({"uncertain_at", "conflict_at", LOST_STEP})
USABLE = frozenset({Phase.PENDING, Phase.READY})


def bring_about(step: Step, wanted: Wanted, usable: Collection[Phase] = USABLE) -> Record:
    """The resource that is wanted: the one that an earlier attempt made, or a new one.

    Args:
        step: The step.
        wanted: What is asked for.
        usable: Phases in which an earlier attempt's record is the answer.

    Raises:
        Unfinished: It cannot be made now.
        Failure: It cannot be made.
    """
    found = step.find(wanted)
    adopted = adoptable(step, wanted, found, usable)
    if adopted is not None:
        return adopted
    foreign = next((record for record in found if not step.owns(record)), None)
    if foreign is not None and not step.spec.names_are_unique:
        # The service would make a second one.
        raise Failure(_is_taken(step, foreign))
    uncertain_at = step.progress.get("uncertain_at")
    if uncertain_at is not None and step.now < uncertain_at + SETTLING_SECONDS:
        raise Unfinished(str(step.progress["uncertainty"]))
    step.be_last()
    return _create(step, wanted, _free_name(step, wanted, found), foreign)


def _is_taken(step: Step, foreign: Record) -> str:
    return (
        f"{step.named(foreign)} exists already and is not this stack's: it was left alone. "
        "Choose another name, or none to have one generated"
    )


def adoptable(step: Step, wanted: Wanted, found: list[Record], usable: Collection[Phase]) -> Record | None:
    """The record of an earlier attempt that is as good as a new one.

    What this very request made is the answer however it ended: its failure is told by whoever waits for it, and its
    id makes that it is deleted.
    """
    for record in found:
        if record.is_left or not step.owns(record, wanted):
            continue
        is_this_attempt = bool(step.spec.statuses) and record.created_at >= step.request.signed_at
        if step.phase(record) in usable or (is_this_attempt and step.phase(record) is Phase.FAILED):
            return record
    return None


def _free_name(step: Step, wanted: Wanted, found: list[Record]) -> str:
    """The name for a new resource: a counter tells it from our own dead records, which may keep theirs."""
    if wanted.fixed_name:
        return wanted.fixed_name
    name = step.owner.name(wanted.identity)
    taken = {record.name for record in found}
    counted = (f"{name}-{number}" for number in range(2, 1000))
    return name if name not in taken else next(other for other in counted if other not in taken)


def _create(step: Step, wanted: Wanted, name: str, foreign: Record | None) -> Record:
    request: dict[str, Any] = {**step.with_texts(wanted.request), step.spec.name_field: name}
    tags = wanted.marked_tags(step.owner)
    if tags and step.spec.is_taggable:
        request["tags"] = tags
    refuse_what_the_model_forbids(step, step.spec.create, request)
    try:
        answer = step.call(step.spec.create, request)
    except ServiceError as error:
        if foreign is not None and error.fault is Fault.CONFLICT:
            raise Failure(f"{error}; {_is_taken(step, foreign)}") from error
        _after_a_failed_create(step, error)
        raise
    made = answer[step.spec.answer_field] if step.spec.answer_field else answer
    return replace(step.record({**request, **made}), name=name)


def refuse_what_the_model_forbids(step: Step, operation: str, request: dict[str, Any]) -> None:
    """Ends with the service model's own limits before the service is asked.

    Raises:
        Failure: The request breaks one.
    """
    problems = service_model(step.spec.service).check(operation, request)
    if problems:
        raise Failure(f"{step.spec.kind}: {'; '.join(map(str, problems))} ({operation})")


def _after_a_failed_create(step: Step, error: ServiceError) -> None:
    """Notes what a failed create leaves open.

    Raises:
        Unfinished: It is worth looking again.
    """
    if error.fault is Fault.UNCERTAIN:
        step.progress["uncertain_at"] = step.now
        # Step Functions keeps the progress.
        step.progress["uncertainty"] = step.redacted(f"{error.code}: {error.message}")
        return
    if error.fault is Fault.QUOTA:
        limit = f"{error.quota} {error.message}".lower().replace("-", " ")
        if any(part in limit for part in step.spec.in_flight_quotas):
            raise Unfinished(f"{error.code}: {error.message}") from error
    if error.fault is Fault.CONFLICT:
        since = step.progress.setdefault("conflict_at", step.now)
        if step.now < since + _CONFLICT_SECONDS:
            raise Unfinished(f"{error.code}: {error.message}") from error
