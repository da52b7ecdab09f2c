"""Create: look first, adopt an own resource, otherwise create one. Idempotent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from .errors import Failure, Fault, ServiceError
from .identity import Desired, Record
from .model import service_model
from .spec import SETTLING_SECONDS, Phase
from .steps import Step, Unfinished

# How long to look for a resource whose name is refused but which does not show.
_CONFLICT_SECONDS = 60

# Keys of the progress which say that something may have been created.
LOST_STEP = "lost_step"
OPEN_QUESTIONS = frozenset({"uncertain_at", "conflict_at", LOST_STEP})
USABLE = frozenset({Phase.PENDING, Phase.READY})


def create_or_adopt(step: Step, desired: Desired, usable: Collection[Phase] = USABLE) -> Record:
    """The desired resource: adopted from an earlier attempt, or created.

    Args:
        step: The step.
        desired: The desired state.
        usable: Phases in which the record of an earlier attempt is adopted.

    Raises:
        Unfinished: It cannot be created now.
        Failure: It cannot be created.
    """
    found = step.find(desired)
    adopted = adoptable(step, desired, found, usable)
    if adopted is not None:
        return adopted
    foreign = next((record for record in found if not step.owns(record)), None)
    if foreign is not None and not step.spec.names_are_unique:
        # The service would create a second one of the same name.
        raise Failure(_is_taken(step, foreign))
    uncertain_at = step.progress.get("uncertain_at")
    if uncertain_at is not None and step.now < uncertain_at + SETTLING_SECONDS:
        raise Unfinished(str(step.progress["uncertainty"]))
    step.ensure_latest()
    return _create(step, desired, _free_name(step, desired, found), foreign)


def _is_taken(step: Step, foreign: Record) -> str:
    return (
        f"{step.named(foreign)} exists already and is not this stack's: it was left alone. "
        "Choose another name, or none to have one generated"
    )


def adoptable(step: Step, desired: Desired, found: list[Record], usable: Collection[Phase]) -> Record | None:
    """The record of an earlier attempt that can be adopted.

    What this request itself created is the answer even if it failed: `Ready` reports the failure, and with the id
    CloudFormation deletes it.
    """
    for record in found:
        if record.is_marked_for_deletion or not step.owns(record, desired):
            continue
        is_this_attempt = bool(step.spec.statuses) and record.created_at >= step.request.signed_at
        if step.phase(record) in usable or (is_this_attempt and step.phase(record) is Phase.FAILED):
            return record
    return None


def _free_name(step: Step, desired: Desired, found: list[Record]) -> str:
    """The name for a new resource: a counter tells it apart from own records that are dead but keep their names."""
    if desired.fixed_name:
        return desired.fixed_name
    name = step.owner.name(desired.identity)
    taken = {record.name for record in found}
    counted = (f"{name}-{number}" for number in range(2, 1000))
    return name if name not in taken else next(other for other in counted if other not in taken)


def _create(step: Step, desired: Desired, name: str, foreign: Record | None) -> Record:
    request: dict[str, Any] = {**step.with_texts(desired.request), step.spec.name_field: name}
    tags = desired.tags_with_ownership(step.owner)
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
    members = answer[step.spec.answer_field] if step.spec.answer_field else answer
    return replace(step.record({**request, **members}), name=name)


def refuse_what_the_model_forbids(step: Step, operation: str, request: dict[str, Any]) -> None:
    """Checks a request against the service model's limits before the call.

    Raises:
        Failure: The request breaks a limit.
    """
    problems = service_model(step.spec.service).check(operation, request)
    if problems:
        raise Failure(f"{step.spec.kind}: {'; '.join(map(str, problems))} ({operation})")


def _after_a_failed_create(step: Step, error: ServiceError) -> None:
    """Notes what a failed create leaves uncertain.

    Raises:
        Unfinished: The create is tried again.
    """
    if error.fault is Fault.UNCERTAIN:
        step.progress["uncertain_at"] = step.now
        # Step Functions stores the progress.
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
