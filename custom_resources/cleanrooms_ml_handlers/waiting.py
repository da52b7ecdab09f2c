"""`Ready`: waits until a run has its result, checks the quality gates, and returns the result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Failure
from .figures import figure_name, first, keyed, values
from .history import is_rollback
from .identity import Record
from .no_result import why_not_ready
from .ownership import deleted_outside, undoes_failed_update
from .parents import require_own_parent
from .records import get_record, record_of
from .spec import Phase
from .steps import Step, Unfinished
from .timing import CLOCK_SKEW_SECONDS, SERVICE_TIMEOUT_SECONDS
from .watching import announce, announce_deleted, note_seen


def result(step: Step) -> dict[str, object]:
    """The attributes of a run that has its result.

    Raises:
        Unfinished: It is still running.
        Failure: It failed, or its result misses a threshold.
    """
    arn = str(step.request.properties.get("Arn", ""))
    identifiers = step.spec.identifiers(arn)
    if identifiers is None:
        raise Failure(f"Arn is {arn!r}; needed is that of a {step.spec.kind}")
    require_own_parent(step, identifiers)
    record = get_record(step, identifiers)
    if record is None:
        if not step.settled():
            raise Unfinished(f"{step.spec.kind} {arn} does not show yet")
        if undoes_failed_update(step):
            return _results(step, {})
        announce_deleted(step, arn)
        raise Failure(f"{step.spec.kind} {arn} is gone: {deleted_outside(step)}")
    if step.spec.is_taggable and not step.owner.is_in_stack(record):
        if not step.settled():
            # Tags may show later than the rest.
            raise Unfinished(f"{step.named(record)} has no tags yet")
        raise Failure(f"{step.spec.kind} {arn} is not this stack's")
    note_seen(step, record)
    phase = step.phase(record)
    if phase is Phase.PENDING:
        raise Unfinished(f"{step.named(record)} is still {record.status}", since=record.created_at)
    is_past = phase not in (Phase.READY, Phase.DELETING) and _is_past(step, record, phase)
    if not is_past:
        announce(step, record, phase)
        if phase is not Phase.READY:
            raise Failure(_why_not_ready(step, record, phase))
    _check_gates(step, record, present_only=is_past)
    return _results(step, record.answer)


def _results(step: Step, answer: Mapping[str, Any]) -> dict[str, object]:
    # One that was asked for may be missing, for example because the owner of a model shares no metrics.
    asked = dict.fromkeys(map(str, step.request.settings.get("Figures", ())), "")
    plain = {name: first(answer, path) for name, path in step.spec.attributes.items()}
    return {**asked, **keyed(step.spec, answer), **plain}


def drain(step: Step, properties: Mapping[str, Any]) -> None:
    """Waits until a run has ended, with any status, so that it can be deleted.

    Raises:
        Unfinished: It is still running.
    """
    record = record_of(step, str(properties.get("Arn", "")))
    if record is not None and step.phase(record) is Phase.PENDING:
        raise Unfinished(f"{step.named(record)} is still {record.status}")


def _is_past(step: Step, record: Record, phase: Phase | None) -> bool:
    """Whether a run that is not ready is an old one, of which there is only the record to return.

    Raises:
        Unfinished: The Update that this one may roll back may arrive later than it.
    """
    if step.request.kind != "Update":
        return False
    if phase is Phase.GONE and step.now - record.updated_at > step.request.timeout_seconds:
        return True
    # A rollback returns to the run before, whatever has become of it meanwhile.
    replaces = str(step.request.old_properties.get("Arn", "")) != record.id
    since = record.created_at - SERVICE_TIMEOUT_SECONDS
    if not replaces or is_rollback(step.past(since), step.request):
        return replaces
    if not step.settled() and record.created_at < step.request.signed_at - CLOCK_SKEW_SECONDS:
        raise Unfinished(f"{step.named(record)} is {record.status}")
    return False


def _why_not_ready(step: Step, record: Record, phase: Phase | None) -> str:
    subject = f"{step.named(record)}"
    if phase is None:
        return f"{subject} has status {record.status}, which this version does not know; upgrade cdk-cleanrooms-ml"
    retry = f"; roll back, or {step.spec.retry_hint}, to try again" if step.spec.retry_hint else ""
    return f"{subject} is {record.status}: {why_not_ready(step.spec, record, phase)}{retry}"


def _check_gates(step: Step, record: Record, *, present_only: bool) -> None:
    gates = step.request.settings.get("Gates") or {}
    problems = []
    for name, text in gates.items():
        threshold = step.spec.gates.get(name)
        if threshold is None:
            problems.append(f"gate {name} is not known; allowed are {', '.join(step.spec.gates)}")
            continue
        figures = values(record.answer, threshold.figure)
        if not figures and not present_only:
            problems.append(f"{figure_name(threshold)} is not among the results, but {threshold.keyword} is {text}")
        problems += [
            f"{figure_name(threshold)} is {figure}, {'below' if threshold.at_least else 'above'} "
            f"{threshold.keyword}={text}"
            for figure in figures
            if (figure < float(text) if threshold.at_least else figure > float(text))
        ]
    if problems:
        retry = f"; change the data or the gate, and {step.spec.retry_hint} to try again"
        raise Failure(f"{step.named(record)} is {record.status}, but {'; '.join(problems)}{retry}")
