"""`Ready`: waits until a run has its result, serves it, and judges it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .deletion import details
from .errors import Failure
from .identity import Record, Wanted
from .spec import STATE_CHANGE, Bar, Phase
from .steps import Step, Unfinished


def result(step: Step) -> dict[str, object]:
    """The attributes of a run that has its result.

    Raises:
        Unfinished: It is still running.
        Failure: It failed, or its result is below a bar.
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
    expired = phase is Phase.GONE and _is_past(step, record)
    if phase is not Phase.READY and not expired:
        raise Failure(_why_not_ready(step, record, phase))
    _judge(step, record, present_only=expired)
    return {name: first(record.answer, path) for name, path in step.spec.attributes.items()}


def _record_of(step: Step, arn: str) -> Record | None:
    identifiers = step.spec.identifiers(arn)
    return step.get(identifiers) if identifiers else None


def drain(step: Step, properties: Mapping[str, Any]) -> None:
    """Waits until a run has ended, however it ends, so that it can be deleted.

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
    wanted = Wanted(step.spec, step.request.properties)
    for record in step.find(wanted):
        phase = step.phase(record)
        if not step.owns(record, wanted) or record.is_left:
            continue
        if phase is Phase.PENDING:
            raise Unfinished(f"{step.named(record)} is still {record.status}")
        if phase in (Phase.READY, Phase.FAILED):
            step.service.put_event(
                STATE_CHANGE,
                {
                    "kind": step.spec.kind,
                    "arn": record.arn,
                    "name": record.name,
                    "status": record.status,
                    "reason": step.redacted(details(record)) if phase is Phase.FAILED else "",
                    "stackId": step.request.stack_id,
                    "logicalId": step.request.logical_id,
                },
            )


def _is_past(step: Step, record: Record) -> bool:
    """Whether a run without data is one of the past, of which only what its record still says can be served."""
    if step.request.kind != "Update":
        return False
    if step.now - record.updated_at > step.request.timeout_seconds:
        return True
    # A rollback comes back to the older of two runs, whose time may have run out in the middle of the deployment.
    left_arn = str(step.request.old_properties.get("Arn", ""))
    left = _record_of(step, left_arn) if left_arn != record.id else None
    return left is not None and left.created_at > record.created_at


def _why_not_ready(step: Step, record: Record, phase: Phase | None) -> str:
    subject = f"{step.named(record)}"
    if phase is None:
        return f"{subject} has status {record.status}, which this version does not know; upgrade cdk-cleanrooms-ml"
    retry = f"; roll back, or {step.spec.retry_hint}, to try again" if step.spec.retry_hint else ""
    if phase is Phase.FAILED:
        return f"{subject} is {record.status}: {details(record)}{retry}"
    return f"{subject} is {record.status}: its data was deleted, or its retention has ended{retry}"


def _judge(step: Step, record: Record, *, present_only: bool) -> None:
    gates = step.request.settings.get("Gates") or {}
    problems = []
    for name, text in gates.items():
        bar = step.spec.gates.get(name)
        if bar is None:
            problems.append(f"gate {name} is not known; allowed are {', '.join(step.spec.gates)}")
            continue
        figures = values(record.answer, bar.figure)
        if not figures and not present_only:
            problems.append(f"{last(bar)} is not among the results, but {bar.keyword} is {text}")
        problems += [
            f"{last(bar)} is {figure}, {'below' if bar.at_least else 'above'} {bar.keyword}={text}"
            for figure in figures
            if (figure < float(text) if bar.at_least else figure > float(text))
        ]
    if problems:
        retry = f"; change the data or the gate, and {step.spec.retry_hint} to try again"
        raise Failure(f"{step.named(record)} is {record.status}, but {'; '.join(problems)}{retry}")


def last(bar: Bar) -> str:
    """The figure's own name; for the items of a list the list's."""
    return next(part for part in reversed(bar.figure.split(".")) if part != "score").removesuffix("[]")


def values(answer: Any, path: str) -> list[Any]:
    """The values at a path; "[]" goes through a list."""
    found = [answer]
    for part in path.split("."):
        name, many = part.removesuffix("[]"), part.endswith("[]")
        found = [item[name] for item in found if isinstance(item, Mapping) and item.get(name) is not None]
        if many:
            found = [item for items in found for item in items]
    return found


def first(answer: Any, path: str) -> object:
    """The value at a path for Fn::GetAtt; empty text where the service gives none."""
    found = values(answer, path)
    if not found:
        return ""
    # The service has counts as doubles: 33 reads better than 33.0, and is the same to whoever calculates.
    return int(found[0]) if isinstance(found[0], float) and found[0].is_integer() else found[0]
