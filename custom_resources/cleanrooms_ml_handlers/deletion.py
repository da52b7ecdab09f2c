"""Delete: only an own resource, marked for deletion first, and done when the service confirms it."""

from __future__ import annotations

from .errors import Failure, Fault, ServiceError
from .identity import Desired, Record
from .spec import Phase
from .steps import Step, Unfinished


def delete(step: Step) -> None:
    """Deletes the resource of the physical id, or without an ARN every one with the ownership tag, until it is gone.

    Raises:
        Unfinished: It is not gone yet.
        Failure: It cannot be deleted, or is not this stack's.
    """
    identifiers = step.spec.identifiers(step.request.physical_id)
    if identifiers is not None:
        record = step.get(identifiers)
        if record is None:
            # A resource that was never seen may not show yet; one that was seen is gone.
            if not step.progress.get("seen") and not step.settled():
                raise Unfinished(f"{step.spec.kind} {step.request.physical_id} does not show; is it gone?")
            return
        if not step.owns(record):
            raise Failure(
                f"{step.named(record)} does not have the ownership tag of this stack's {step.request.logical_id}; it "
                "was not deleted. Delete it by hand, or keep it with removal_policy=RemovalPolicy.RETAIN"
            )
        step.progress["seen"] = True
        remove(step, record)
        return
    if step.request.physical_id == step.owner.not_created_id:
        return
    remaining = delete_all(step, Desired(step.spec, step.request.properties))
    if remaining or not (step.progress.get("seen") or step.settled()):
        raise Unfinished(f"looking for what {step.request.logical_id} may have created")


def delete_all(step: Step, desired: Desired, *, since: float = 0.0, exclude: str = "") -> int:
    """Continues the deletion of all own records of one identity; returns how many are not gone yet.

    Args:
        step: The step.
        desired: The desired state from which they were created.
        since: Keep what was created earlier than this, in seconds since 1970, unless its deletion has begun.
        exclude: Keep the record with this physical id.
    """
    remaining = 0
    for record in step.find(desired):
        if not step.owns(record, desired) or record.id == exclude:
            continue
        # An earlier deletion of it may have taken hours, and failed.
        if record.created_at < since and not record.is_marked_for_deletion:
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
    """Continues the deletion of one own record.

    Raises:
        Unfinished: It is in progress.
        Failure: The service could not delete it.
    """
    phase = step.phase(record)
    asked: list[str] = step.progress.setdefault("asked", [])
    step.mark_for_deletion(record)
    if phase is Phase.DELETING:
        raise Unfinished(f"{step.named(record)} is {record.status}")
    if phase is Phase.DELETE_FAILED and record.id in asked:
        raise Failure(f"{step.named(record)} is {record.status}: {details(record)}; delete again")
    running = phase is Phase.PENDING
    if phase is Phase.GONE or (step.spec.delete is None and not running):
        return
    ending = step.spec.cancel if running and step.spec.cancel else step.spec.delete
    if ending is None:
        # A run that can be neither canceled nor deleted has to end; its record remains.
        step.progress["busy"] = True
        raise Unfinished(f"{step.named(record)} is {record.status}")
    try:
        step.call(ending, step.spec.identifiers(record.id) or {})
    except ServiceError as error:
        if error.fault is Fault.CONFLICT:
            # A run has to end first; any other conflict is for the user to resolve.
            step.progress["busy"] = running
            raise Unfinished(
                f"{step.named(record)} is {record.status or 'in use'} and cannot be deleted yet "
                f"({error.code}: {error.message}); delete again when it is free"
            ) from error
        if error.fault is not Fault.NOT_FOUND:
            raise
        # It existed a moment ago: the get operation says whether it is gone.
    if record.id not in asked:
        asked.append(record.id)
    raise Unfinished(f"{step.named(record)} is being deleted")


def details(record: Record) -> str:
    """The service's own explanation of a status."""
    given = record.answer.get("statusDetails") or {}
    words = " ".join(str(given[key]) for key in ("statusCode", "message") if given.get(key))
    return words or "the service gives no details"
