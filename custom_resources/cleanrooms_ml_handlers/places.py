"""Resources that have no name but a place: one configuration, or one document that several owners write into.

Neither can carry a mark. A configuration counts as ours if it was made for the request, or is what we would make;
in a document our statements are known by their ids.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .creation import refuse_what_the_model_forbids
from .errors import Failure, Fault, ServiceError
from .identity import Record, Wanted
from .steps import Step, Unfinished

# A request that was cancelled belongs to the deployment that is being undone.
_DEPLOYMENT_SECONDS = 2 * 3600
_SID_PREFIX = "CdkCleanRoomsMl"


def put_configuration(step: Step) -> Record:
    """Makes or overwrites the configuration at its place, but none of somebody else's.

    Raises:
        Failure: There is one that is not ours.
    """
    wanted = Wanted(step.spec, step.request.properties)
    place = {key: wanted.request[key] for key in step.spec.identifying}
    record = step.get(place)
    same = record is not None and all(record.answer.get(key) == value for key, value in wanted.request.items())
    if record is not None and not same and not _may_overwrite(step, wanted, record):
        raise Failure(
            f"{step.spec.kind} {step.spec.physical_id(place)} exists already and is not this stack's: it was left "
            "alone. Remove it, or allow its replacement with replace_existing=True"
        )
    if not same:
        refuse_what_the_model_forbids(step, step.spec.create, wanted.request)
        step.call(step.spec.create, step.with_texts(wanted.request))
    return step.record(wanted.request)


def _may_overwrite(step: Step, wanted: Wanted, record: Record) -> bool:
    request = step.request
    if str(request.settings.get("ReplaceExisting", "")).lower() == "true" or record.created_at >= request.signed_at:
        return True
    stays = step.spec.physical_id(wanted.request) == request.physical_id
    return request.kind == "Update" and stays


def delete_configuration(step: Step) -> None:
    """Deletes the configuration at its place.

    Raises:
        Unfinished: It is still there.
    """
    place = step.spec.identifiers(step.request.physical_id)
    if place is None:
        # Never made: a place that was refused, or a request that was cancelled before it had an answer.
        _delete_cancelled(step)
        return
    if step.get(place) is None:
        return
    assert step.spec.delete is not None
    step.call(step.spec.delete, place)
    raise Unfinished(f"{step.spec.kind} {step.request.physical_id} is being deleted")


def _delete_cancelled(step: Step) -> None:
    wanted = Wanted(step.spec, step.request.properties)
    if step.request.physical_id == step.owner.nothing_id or any(k not in wanted.request for k in step.spec.identifying):
        return
    place = {key: wanted.request[key] for key in step.spec.identifying}
    record = step.get(place)
    # What a cancelled Create of ours left is what it would have made, and was made in the same deployment.
    if record is None or any(record.answer.get(key) != value for key, value in wanted.request.items()):
        return
    if record.created_at < step.request.signed_at - _DEPLOYMENT_SECONDS:
        return
    assert step.spec.delete is not None
    step.call(step.spec.delete, place)
    raise Unfinished(f"{step.spec.kind} of {step.request.logical_id} is being deleted")


def put_statements(step: Step) -> Record:
    """Brings our statements in the document to what is wanted; those of others stay.

    Raises:
        Unfinished: Somebody else changed the document at the same time.
    """
    wanted = Wanted(step.spec, step.request.properties)
    place = {key: wanted.request[key] for key in step.spec.identifying}
    statements = [
        {**statement, "Sid": f"{_sid(step)}{number}"}
        for number, statement in enumerate(_statements(wanted.request[step.spec.document_field]))
    ]
    _write(step, place, statements)
    return step.record(wanted.request)


def delete_statements(step: Step) -> None:
    """Takes our statements out of the document, and the document away if nothing is left of it.

    Raises:
        Unfinished: Somebody else changed the document at the same time.
    """
    place = step.spec.identifiers(step.request.physical_id)
    if place is None:
        wanted = Wanted(step.spec, step.request.properties)
        if any(key not in wanted.request for key in step.spec.identifying):
            return
        place = {key: str(wanted.request[key]) for key in step.spec.identifying}
    _write(step, place, [])


def _write(step: Step, place: Mapping[str, Any], own: list[dict[str, Any]]) -> None:
    record = step.get(place)
    document = _document(step, record)
    before = document.get("Statement", [])
    after = [*(item for item in before if not str(item.get("Sid", "")).startswith(_sid(step))), *own]
    if after == before:
        return
    if not after:
        assert step.spec.delete is not None
        _call(step, step.spec.delete, place, record)
        return
    text = json.dumps({"Version": "2012-10-17", **document, "Statement": after})
    # The document is replaced only if it is still the one that was read.
    guard = (
        {"previousPolicyHash": record.answer["policyHash"]}
        if record
        else {"policyExistenceCondition": "POLICY_MUST_NOT_EXIST"}
    )
    request = {**place, step.spec.document_field: text, **guard}
    refuse_what_the_model_forbids(step, step.spec.create, request)
    _call(step, step.spec.create, request, record)


def _call(step: Step, operation: str, request: Mapping[str, Any], read: Record | None) -> None:
    try:
        step.call(operation, request)
    except ServiceError as error:
        if error.fault not in (Fault.INVALID, Fault.CONFLICT, Fault.NOT_FOUND):
            raise
        now = step.get({key: request[key] for key in step.spec.identifying})
        if _document(step, now) == _document(step, read):
            raise
        raise Unfinished(f"{step.spec.kind} was changed by somebody else at the same time") from error


def _sid(step: Step) -> str:
    """What the ids of our statements begin with."""
    return f"{_SID_PREFIX}{step.owner.hash}"


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
