"""Resources that have no name but a place: one configuration, or one document that several owners write into.

Neither can carry a mark. A configuration counts as ours if it was made for the request, or is what we would make;
in a document our statements are known by their ids.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .creation import LOST_STEP, refuse_what_the_model_forbids
from .errors import Failure, Fault, ServiceError
from .identity import Record, Wanted
from .steps import Step, Unfinished
from .waiting import values

# A request that was cancelled belongs to the deployment that is being undone.
_DEPLOYMENT_SECONDS = 2 * 3600
_SID_PREFIX = "CdkCleanRoomsMl"


def put_configuration(step: Step) -> Record:
    """Makes or overwrites the configuration at its place, but none of somebody else's.

    Raises:
        Unfinished: What a cancelled update made at another place is being deleted, or nothing shows yet.
        Failure: There is one that is not ours, or ours is gone.
    """
    wanted = Wanted(step.spec, step.request.properties)
    place = {key: wanted.request[key] for key in step.spec.identifying}
    before = _cancelled(step, place)
    if before is not None:
        if _takes_back(step, before):
            raise Unfinished("deleting what an interrupted update made")
        _look_again(step)
    record = step.get(place)
    if _stays(step, place):
        record = step.still_there(record)
    same = record is not None and _shows(record, wanted)
    if record is not None and not same and not _may_overwrite(step, place, record):
        raise Failure(
            f"{step.spec.kind} {step.spec.physical_id(place)} exists already and is not this stack's: it was left "
            "alone. Remove it, or allow its replacement with replace_existing=True"
        )
    if not same:
        refuse_what_the_model_forbids(step, step.spec.create, wanted.request)
        put(step, step.with_texts(wanted.request))
    return step.record(wanted.request)


def put(step: Step, request: Mapping[str, Any]) -> None:
    """Calls the create operation; notes if it may have taken effect although it failed."""
    try:
        step.call(step.spec.create, request)
    except ServiceError as error:
        if error.fault is Fault.UNCERTAIN:
            step.progress["unanswered"] = True
            if step.request.kind == "Create":
                # An update that fails is undone by the one that rolls back; a create only by a Delete that looks.
                step.progress["uncertain_at"] = step.now
        raise


def _stays(step: Step, place: Mapping[str, Any]) -> bool:
    """Whether the request updates what is at this place, rather than bring it there."""
    return step.request.kind == "Update" and step.spec.physical_id(place) == step.request.physical_id


def _cancelled(step: Step, place: Mapping[str, Any]) -> Wanted | None:
    """What an update asked for at another place, if it is being rolled back before its end was known."""
    before = Wanted(step.spec, step.request.old_properties)
    if not _stays(step, place) or any(key not in before.request for key in step.spec.identifying):
        return None
    return before if any(before.request[key] != place[key] for key in place) else None


def _shows(record: Record, wanted: Wanted) -> bool:
    return all(record.answer.get(key) == value for key, value in wanted.request.items())


def _may_overwrite(step: Step, place: Mapping[str, Any], record: Record) -> bool:
    if str(step.request.settings.get("ReplaceExisting", "")).lower() == "true" or _stays(step, place):
        return True
    # What came while this request waited is somebody else's, unless it may be what an earlier step put there.
    may_be_own = LOST_STEP in step.progress or "unanswered" in step.progress
    return may_be_own and record.created_at >= step.request.signed_at


def _is_replaced(record: Record, wanted: Wanted) -> bool:
    """Whether a configuration is another than the one that was put here: the service writes as another role."""
    pairs = [(values(wanted.request, path), values(record.answer, path)) for path in wanted.spec.role_fields]
    return any(own and own != shown for own, shown in pairs)


def delete_configuration(step: Step) -> None:
    """Deletes the configuration at its place; one that has replaced it stays.

    Raises:
        Unfinished: It is still there.
        Failure: The place is not the one in the properties.
    """
    wanted = Wanted(step.spec, step.request.properties)
    place = step.spec.identifiers(step.request.physical_id)
    if place is None:
        # Never made: a place that was refused, or a request that was cancelled before it had an answer.
        if step.request.physical_id == step.owner.nothing_id:
            return
        if _takes_back(step, wanted):
            raise Unfinished(f"{step.spec.kind} of {step.request.logical_id} is being deleted")
        _look_again(step)
        return
    if any(wanted.request.get(key, value) != value for key, value in place.items()):
        raise Failure(
            f"{step.spec.kind} {step.request.physical_id} is not where this stack's {step.request.logical_id} is; it "
            "was not deleted. Delete it by hand, and the stack with this resource retained"
        )
    record = step.get(place)
    if record is not None:
        if _is_replaced(record, wanted):
            return
        _remove(step, place)
        raise Unfinished(f"{step.spec.kind} {step.request.physical_id} is being deleted")
    _look_again(step)


def _look_again(step: Step) -> None:
    """Lets what found nothing to delete go on, unless what was made a moment ago may not show yet.

    Raises:
        Unfinished: It may.
    """
    if not step.progress.get("seen") and not step.settled():
        raise Unfinished(f"looking for what {step.request.logical_id} may have made")


def _remove(step: Step, place: Mapping[str, Any]) -> None:
    """Calls the delete operation; whether it is gone is for the get operation to say.

    Raises:
        Unfinished: Something is in the way.
    """
    assert step.spec.delete is not None
    step.progress["seen"] = True
    try:
        step.call(step.spec.delete, place)
    except ServiceError as error:
        if error.fault is Fault.CONFLICT:
            raise Unfinished(
                f"{step.spec.kind} {step.spec.physical_id(place)} cannot be deleted yet ({error.code}: "
                f"{error.message}); delete again when it is free"
            ) from error
        if error.fault is not Fault.NOT_FOUND:
            raise


def _takes_back(step: Step, wanted: Wanted) -> bool:
    """Deletes what a cancelled request of this deployment has made; whether there was any."""
    if any(key not in wanted.request for key in step.spec.identifying):
        return False
    place = {key: wanted.request[key] for key in step.spec.identifying}
    record = step.get(place)
    # What it left is what it would have made, and was put there in the same deployment, over another one perhaps.
    if record is None or not _shows(record, wanted):
        return False
    if record.updated_at < step.request.signed_at - _DEPLOYMENT_SECONDS:
        return False
    _remove(step, place)
    return True


def put_statements(step: Step) -> Record:
    """Brings our statements in the document to what is wanted; those of others stay.

    Raises:
        Unfinished: Somebody else changed the document at the same time, or nothing shows yet.
        Failure: Ours are gone.
    """
    wanted = Wanted(step.spec, step.request.properties)
    place = {key: wanted.request[key] for key in step.spec.identifying}
    before = _cancelled(step, place)
    if before is not None:
        if _write(step, {key: before.request[key] for key in place}, []):
            raise Unfinished("taking out what an interrupted update stated")
        _look_again(step)
    statements = [
        {**statement, "Sid": f"{_sid(step)}{number}"}
        for number, statement in enumerate(_statements(wanted.request[step.spec.document_field]))
    ]
    old = Wanted(step.spec, step.request.old_properties).request.get(step.spec.document_field, [])
    # Where nothing was stated, or is to be, nothing can be gone.
    if _stays(step, place) and statements and _statements(old):
        record = step.get(place)
        step.still_there(record if any(_is_own(step, item) for item in _listed(step, record)) else None)
    _write(step, place, statements)
    return step.record(wanted.request)


def delete_statements(step: Step) -> None:
    """Takes our statements out of the document, and the document away if nothing is left of it.

    Raises:
        Unfinished: They are on their way out, or somebody else changed the document at the same time.
    """
    place = step.spec.identifiers(step.request.physical_id)
    if place is None:
        wanted = Wanted(step.spec, step.request.properties)
        if step.request.physical_id == step.owner.nothing_id:
            return
        if any(key not in wanted.request for key in step.spec.identifying):
            return
        place = {key: str(wanted.request[key]) for key in step.spec.identifying}
    if _write(step, place, []):
        raise Unfinished(f"statements of {step.request.logical_id} are being taken out of {step.spec.kind}")
    _look_again(step)


def _write(step: Step, place: Mapping[str, Any], own: list[dict[str, Any]]) -> bool:
    """Gives the document these statements of ours; whether there was anything to do."""
    record = step.get(place)
    document = _document(step, record)
    before = document.get("Statement", [])
    after = [*(item for item in before if not _is_own(step, item)), *own]
    # Those of others may have come after them.
    if [item for item in before if _is_own(step, item)] == own:
        return False
    step.progress["seen"] = True
    if not after:
        _unless_changed(step, place, record, lambda: _remove(step, place))
        return True
    text = json.dumps({"Version": "2012-10-17", **document, "Statement": after})
    # The document is replaced only if it is still the one that was read.
    guard = (
        {"previousPolicyHash": record.answer["policyHash"]}
        if record
        else {"policyExistenceCondition": "POLICY_MUST_NOT_EXIST"}
    )
    request = {**place, step.spec.document_field: text, **guard}
    refuse_what_the_model_forbids(step, step.spec.create, request)
    _unless_changed(step, place, record, lambda: put(step, request))
    return True


def _unless_changed(step: Step, place: Mapping[str, Any], read: Record | None, call: Callable[[], None]) -> None:
    """Makes a call that the service refuses if the document is not the one that was read.

    Raises:
        Unfinished: It is not.
    """
    try:
        call()
    except ServiceError as error:
        if error.fault not in (Fault.INVALID, Fault.CONFLICT, Fault.NOT_FOUND):
            raise
        if _document(step, step.get(place)) == _document(step, read):
            raise
        raise Unfinished(f"{step.spec.kind} was changed by somebody else at the same time") from error


def _sid(step: Step) -> str:
    """What the ids of our statements begin with."""
    return f"{_SID_PREFIX}{step.owner.hash}"


def _is_own(step: Step, statement: Mapping[str, Any]) -> bool:
    return str(statement.get("Sid", "")).startswith(_sid(step))


def _listed(step: Step, record: Record | None) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = _document(step, record).get("Statement", [])
    return statements


def _document(step: Step, record: Record | None) -> dict[str, Any]:
    if record is None:
        return {}
    document: dict[str, Any] = json.loads(record.answer[step.spec.document_field])
    statements = document.get("Statement", [])
    return {**document, "Statement": statements if isinstance(statements, list) else [statements]}


def _statements(document: Any) -> list[dict[str, Any]]:
    parsed = json.loads(document) if isinstance(document, str) else document
    statements = parsed.get("Statement", []) if isinstance(parsed, Mapping) else parsed
    return statements if isinstance(statements, list) else [statements]
