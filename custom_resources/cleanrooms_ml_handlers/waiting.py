"""`Ready`: waits until a run has its result, checks the quality gates, and returns the result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .deletion import details
from .errors import Failure
from .identity import Desired, Record
from .spec import STATE_CHANGE, Phase, Threshold
from .steps import Step, Unfinished


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
    record = step.get(identifiers)
    if record is None:
        if step.settled():
            raise Failure(f"{step.spec.kind} {arn} is gone: it was deleted outside CloudFormation")
        raise Unfinished(f"{step.spec.kind} {arn} does not show yet")
    step.progress["name"] = record.name
    phase = step.phase(record)
    if phase is Phase.PENDING:
        raise Unfinished(f"{step.named(record)} is still {record.status}")
    _announce(step, record, phase)
    expired = phase is Phase.GONE and _is_past(step, record)
    if phase is not Phase.READY and not expired:
        raise Failure(_why_not_ready(step, record, phase))
    _check_gates(step, record, present_only=expired)
    return {name: first(record.answer, path) for name, path in step.spec.attributes.items()}


def _record_of(step: Step, arn: str) -> Record | None:
    identifiers = step.spec.identifiers(arn)
    return step.get(identifiers) if identifiers else None


def drain(step: Step, properties: Mapping[str, Any]) -> None:
    """Waits until a run has ended, with any status, so that it can be deleted.

    Raises:
        Unfinished: It is still running.
    """
    record = _record_of(step, str(properties.get("Arn", "")))
    if record is not None and step.phase(record) is Phase.PENDING:
        raise Unfinished(f"{step.named(record)} is still {record.status}")


def watch(step: Step) -> None:
    """Waits until a run that no `Ready` waits for has ended, and puts an event on the default bus.

    Raises:
        Unfinished: It is still running.
    """
    desired = Desired(step.spec, step.request.properties)
    for record in step.find(desired):
        phase = step.phase(record)
        if not step.owns(record, desired) or record.is_marked_for_deletion:
            continue
        if phase is Phase.PENDING:
            raise Unfinished(f"{step.named(record)} is still {record.status}")
        if phase in (Phase.READY, Phase.FAILED):
            _put_event(step, record, phase, step.request.logical_id)


def _announce(step: Step, record: Record, phase: Phase | None) -> None:
    """Puts the event at the end of a run for which the deployment waits, if someone has asked for it.

    Every link sees a success, so that `Ready` alone reports it; a failure is seen once. An Update that concerns the
    same run reports nothing new.
    """
    settings, request = step.request.settings, step.request
    logical_id = settings.get("EventFor")
    is_known = request.kind == "Update" and request.old_properties.get("Arn") == request.properties.get("Arn")
    if not logical_id or is_known:
        return
    if phase is Phase.FAILED or (phase is Phase.READY and not settings.get("Link")):
        _put_event(step, record, phase, str(logical_id))


def _put_event(step: Step, record: Record, phase: Phase, logical_id: str) -> None:
    step.service.put_event(
        STATE_CHANGE,
        {
            "kind": step.spec.kind,
            "arn": record.arn,
            "name": record.name,
            "status": record.status,
            "reason": step.redacted(details(record)) if phase is Phase.FAILED else "",
            "stackId": step.request.stack_id,
            "logicalId": logical_id,
        },
    )


def _is_past(step: Step, record: Record) -> bool:
    """Whether a run without data is an old one, of which only the record is left to return."""
    if step.request.kind != "Update":
        return False
    if step.now - record.updated_at > step.request.timeout_seconds:
        return True
    # A rollback returns to the older of two runs, which may have expired during the deployment.
    undone_arn = str(step.request.old_properties.get("Arn", ""))
    undone = _record_of(step, undone_arn) if undone_arn != record.id else None
    return undone is not None and undone.created_at > record.created_at


def _why_not_ready(step: Step, record: Record, phase: Phase | None) -> str:
    subject = f"{step.named(record)}"
    if phase is None:
        return f"{subject} has status {record.status}, which this version does not know; upgrade cdk-cleanrooms-ml"
    retry = f"; roll back, or {step.spec.retry_hint}, to try again" if step.spec.retry_hint else ""
    if phase is Phase.FAILED:
        return f"{subject} is {record.status}: {details(record)}{retry}"
    return f"{subject} is {record.status}: its data was deleted, or its retention has ended{retry}"


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


def figure_name(threshold: Threshold) -> str:
    """The name of the figure; for the items of a list the name of the list."""
    return next(part for part in reversed(threshold.figure.split(".")) if part != "score").removesuffix("[]")


def values(answer: Any, path: str) -> list[Any]:
    """The values at a path; "[]" means every item of a list."""
    found = [answer]
    for part in path.split("."):
        name, many = part.removesuffix("[]"), part.endswith("[]")
        found = [item[name] for item in found if isinstance(item, Mapping) and item.get(name) is not None]
        if many:
            found = [item for items in found for item in items]
    return found


def first(answer: Any, path: str) -> object:
    """The value at a path for Fn::GetAtt; an empty string if the service returns none."""
    found = values(answer, path)
    if not found:
        return ""
    # The service returns counts as doubles: 33 is the same number as 33.0 and reads better.
    return int(found[0]) if isinstance(found[0], float) and found[0].is_integer() else found[0]
