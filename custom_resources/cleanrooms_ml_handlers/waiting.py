"""`Ready`: waits until a run has its result, checks the quality gates, and returns the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .deletion import details
from .errors import Failure
from .history import is_rollback
from .identity import OWNERSHIP_TAG_KEY, Desired, Record
from .ownership import owns
from .parents import require_own_parent
from .records import find_records, get_record
from .request_order import Requests
from .shared_names import STATE_CHANGE
from .spec import Phase, ResourceSpec, Threshold
from .steps import Step, Unfinished
from .texts import redacted
from .timing import CLOCK_SKEW_SECONDS, SERVICE_TIMEOUT_SECONDS, SETTLING_SECONDS

# A run that has not been seen for this long is gone.
_MISSING_SECONDS = 3600
# Statuses of the event of a run that is gone, and of one whose status was never seen.
_DELETED = "DELETED"
_UNKNOWN = "UNKNOWN"


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
        if step.settled():
            raise Failure(f"{step.spec.kind} {arn} is gone: it was deleted outside CloudFormation")
        raise Unfinished(f"{step.spec.kind} {arn} does not show yet")
    if step.spec.is_taggable and not step.owner.is_in_stack(record):
        if not step.settled():
            # Tags may show later than the rest.
            raise Unfinished(f"{step.named(record)} has no tags yet")
        raise Failure(f"{step.spec.kind} {arn} is not this stack's")
    step.progress["name"] = record.name
    phase = step.phase(record)
    if phase is Phase.PENDING:
        raise Unfinished(f"{step.named(record)} is still {record.status}", since=record.created_at)
    is_past = phase not in (Phase.READY, Phase.DELETING) and _is_past(step, record, phase)
    if not is_past:
        _announce(step, record, phase)
        if phase is not Phase.READY:
            raise Failure(_why_not_ready(step, record, phase))
    _check_gates(step, record, present_only=is_past)
    # One that was asked for may be missing, for example because the owner of a model shares no metrics.
    asked = dict.fromkeys(map(str, step.request.settings.get("Figures", ())), "")
    plain = {name: first(record.answer, path) for name, path in step.spec.attributes.items()}
    return {**asked, **keyed(step.spec, record.answer), **plain}


def keyed(spec: ResourceSpec, answer: Any) -> dict[str, object]:
    """The results of which there is one for each key, by the names of their attributes."""
    return {
        each.attribute(name, item.get(each.key, {})): item[each.figure]
        for name, each in spec.keyed_attributes.items()
        for item in values(answer, each.items)
        if item.get(each.figure) is not None
    }


def _record_of(step: Step, arn: str) -> Record | None:
    identifiers = step.spec.identifiers(arn)
    return get_record(step, identifiers) if identifiers else None


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

    Only a later request for the same resource ends it without an event.

    Raises:
        Unfinished: It is still running, or does not show.
    """
    record = _watched(step)
    if record is None:
        missing_since: float = step.progress.setdefault("missing_since", step.now)
        if step.now < missing_since + _MISSING_SECONDS:
            raise Unfinished("the run does not show")
        if not _is_superseded(step):
            report_unseen(step, "it is gone: it was deleted outside CloudFormation", _DELETED)
        return
    step.progress.pop("missing_since", None)
    step.progress["seen"] = [record.id, record.arn, record.name, record.status]
    if record.is_marked_for_deletion:
        return
    phase = step.phase(record)
    if phase in (Phase.PENDING, Phase.DELETING):
        raise Unfinished(f"{step.named(record)} is still {record.status}")
    if phase is None:
        reason = "this version does not know the status; upgrade cdk-cleanrooms-ml"
    elif phase is Phase.GONE:
        reason = "it was canceled, its data was deleted, or its retention has ended"
    else:
        reason = "" if phase is Phase.READY else details(record)
    _report(step, record.arn, record.name, record.status, reason)


def _watched(step: Step) -> Record | None:
    """The run of the watch, the newest of its identity; None if it does not show."""
    if "seen" in step.progress:
        record = _record_of(step, str(step.progress["seen"][0]))
        return record if record is not None and _may_be_shown(step, record) else None
    desired = Desired(step.spec, step.request.properties)
    signed_at = step.request.signed_at
    found = [
        record
        for record in find_records(step, desired)
        # What is marked for deletion cannot have been adopted.
        if owns(step, record, desired) and not (record.is_marked_for_deletion and record.created_at < signed_at)
    ]
    newest = max(found, key=lambda record: record.created_at, default=None)
    since: float = step.progress.setdefault("watching_since", step.now)
    if newest is not None and newest.created_at < signed_at and step.looked_at < since + SETTLING_SECONDS:
        # It was adopted, or it is an earlier one and the run does not show yet: its request may be long past.
        return None
    return newest


def _may_be_shown(step: Step, record: Record) -> bool:
    """Whether a run that was seen is this stack's: the caller of the worker can make the progress up."""
    if step.spec.is_taggable:
        has_lost_tag = OWNERSHIP_TAG_KEY not in record.tags and step.owner.named(record.name)
        return step.owner.is_in_stack(record) or "tags" not in record.answer or has_lost_tag
    try:
        require_own_parent(step, step.spec.identifiers(record.id) or {})
    except Failure:
        return False
    return True


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
        reason = details(record) if phase is Phase.FAILED else ""
        _report(step, record.arn, record.name, record.status, reason, str(logical_id))


def _is_superseded(step: Step) -> bool:
    """Whether a later request deletes or replaces the run."""
    identity = Desired(step.spec, step.request.properties).identity
    return any(
        event["RequestType"] == "Delete" or Desired(step.spec, event["ResourceProperties"]).identity != identity
        for event in Requests(step.service, step.request, step.execution).later_events()
    )


def report_unseen(step: Step, reason: str, status: str = _UNKNOWN) -> None:
    """Puts the event of a run whose end the service does not show.

    Args:
        step: The step.
        reason: Why.
        status: The status to report, unless the service showed one before.
    """
    _, arn, name, seen = step.progress.get("seen") or ("", "", "", _UNKNOWN)
    _report(step, arn, name, seen if status == _UNKNOWN else status, reason)


def _report(step: Step, arn: str, name: str, status: str, reason: str, logical_id: str = "") -> None:
    detail = {
        "kind": step.spec.kind,
        "arn": arn,
        "name": name,
        "status": status,
        "reason": redacted(step, reason),
        "stackId": step.request.stack_id,
        "logicalId": logical_id or step.request.logical_id,
    }
    step.service.put_event(STATE_CHANGE, detail)


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


_FOLDS: Mapping[str, Callable[[list[Any]], Any]] = {"min": min, "sum": sum}


def figure_name(threshold: Threshold) -> str:
    """The name of the figure; for the items of a list the name of the list."""
    return next(part for part in reversed(threshold.figure.split(".")) if part != "score").removesuffix("[]")


def values(answer: Any, path: str) -> list[Any]:
    """The values at a path.

    "[]" means every item of a list; "[min]" and "[sum]" the least and the sum of what the rest of the path finds there.
    """
    part, _, rest = path.partition(".")
    name, _, fold = part.removesuffix("]").partition("[")
    below = answer.get(name) if isinstance(answer, Mapping) else None
    if below is None:
        return []
    items = below if part.endswith("]") else [below]
    found = [value for item in items for value in (values(item, rest) if rest else [item])]
    return [_FOLDS[fold](found)] if fold and found else found


def first(answer: Any, path: str) -> object:
    """The value at a path for Fn::GetAtt; an empty string if the service returns none."""
    found = values(answer, path)
    if not found:
        return ""
    # The service returns counts as doubles: 33 is the same number as 33.0 and reads better.
    return int(found[0]) if isinstance(found[0], float) and found[0].is_integer() else found[0]
