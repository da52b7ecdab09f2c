"""Deleting: only what is ours, marked first, and done when the service says so."""

from __future__ import annotations

from .errors import Failure, Fault, ServiceError
from .identity import Record, Wanted
from .spec import Phase
from .steps import Step, Unfinished


def delete(step: Step) -> None:
    """Deletes what the request's physical id names, or without an ARN what bears the mark; ends when it is gone.

    Raises:
        Unfinished: It is not gone yet.
        Failure: It will not go, or is not ours.
    """
    identifiers = step.spec.identifiers(step.request.physical_id)
    if identifiers is not None:
        record = step.get(identifiers)
        if record is None:
            # What was never seen may only not show yet; what was seen is gone.
            if not step.progress.get("seen") and not step.settled():
                raise Unfinished(f"{step.spec.kind} {step.request.physical_id} does not show; is it gone?")
            return
        if not step.owns(record):
            raise Failure(
                f"{step.named(record)} does not carry the mark of this stack's {step.request.logical_id}; it was "
                "not deleted. Delete it by hand, or keep it with removal_policy=RemovalPolicy.RETAIN"
            )
        step.progress["seen"] = True
        remove(step, record)
        return
    if step.request.physical_id == step.owner.nothing_id:
        return
    remaining = removed_all(step, Wanted(step.spec, step.request.properties))
    if remaining or not (step.progress.get("seen") or step.settled()):
        raise Unfinished(f"looking for what {step.request.logical_id} may have made")


def removed_all(step: Step, wanted: Wanted, *, since: float = 0.0, but: str = "") -> int:
    """Moves the deletion of all own records of one identity on; returns how many are not gone yet.

    Args:
        step: The step.
        wanted: What they were made from.
        since: Spare what was created earlier than this, in seconds since 1970, unless its deletion has begun.
        but: Spare what has this physical id.
    """
    remaining = 0
    for record in step.find(wanted):
        if not step.owns(record, wanted) or record.id == but:
            continue
        # An earlier attempt to delete it may have taken hours, and failed.
        if record.created_at < since and not record.is_left:
            continue
        if step.phase(record) is Phase.GONE:
            continue
        step.progress["seen"] = True
        try:
            remove(step, record)
        except Unfinished:
            remaining += 1
    return remaining


def remove(step: Step, record: Record) -> None:
    """Moves the deletion of one own record on.

    Raises:
        Unfinished: It is on its way.
        Failure: The service could not delete it.
    """
    phase = step.phase(record)
    asked: list[str] = step.progress.setdefault("asked", [])
    step.leave(record)
    if phase is Phase.DELETING:
        raise Unfinished(f"{step.named(record)} is {record.status}")
    if phase is Phase.DELETE_FAILED and record.id in asked:
        raise Failure(f"{step.named(record)} is {record.status}: {details(record)}; delete again")
    running = phase is Phase.PENDING
    if phase is Phase.GONE or (step.spec.delete is None and not running):
        return
    ending = step.spec.cancel if running and step.spec.cancel else step.spec.delete
    if ending is None:
        # What can be neither cancelled nor deleted stays as a record when it has ended.
        step.progress["busy"] = True
        raise Unfinished(f"{step.named(record)} is {record.status}")
    try:
        step.call(ending, step.spec.identifiers(record.id) or {})
    except ServiceError as error:
        if error.fault is Fault.CONFLICT:
            # A run that has to end first; anything else that is in the way is for the user to take away.
            step.progress["busy"] = running
            raise Unfinished(
                f"{step.named(record)} is {record.status or 'in use'} and cannot be deleted yet "
                f"({error.code}: {error.message}); delete again when it is free"
            ) from error
        if error.fault is not Fault.NOT_FOUND:
            raise
        # It was there a moment ago: whether it is gone is for the get operation to say.
    if record.id not in asked:
        asked.append(record.id)
    raise Unfinished(f"{step.named(record)} is being deleted")


def details(record: Record) -> str:
    """The service's own words about a status."""
    given = record.answer.get("statusDetails") or {}
    words = " ".join(str(given[key]) for key in ("statusCode", "message") if given.get(key))
    return words or "the service gives no details"
