"""Resource policies: one document that several owners write their statements into.

A document has no ownership tag. The statements of an owner are known by their ids (`Sid`); all others stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from .errors import Fault, ServiceError
from .identity import Desired, Record
from .in_place import refuse_what_the_model_forbids, require_shown
from .ownership import require_present
from .past_request import PastRequest
from .records import get_record
from .singleton import GIVEN_BACK, canceled_update, look_again, put, remove_singleton, updates_in_place
from .singleton_ownership import cleaned_up, retained, retained_before_replacement, retained_before_update
from .steps import Step, Unfinished
from .timing import SETTLING_SECONDS

_SID_PREFIX = "CdkCleanRoomsMl"
# What the service says of a document that is not the one that was read, in words of the members that guard it.
_GUARD = re.compile("hash|exist", re.IGNORECASE)
# Of the ids of earlier versions: longer ones have the longer hash.
_OLD_NUMBER_CHARS = 3


def put_statements(step: Step) -> Record:
    """Writes the owner's statements into the document; those of others stay.

    Raises:
        Unfinished: Someone else changed the document at the same time, or nothing shows yet.
        Failure: The owner's statements are gone.
    """
    desired = Desired(step.spec, step.request.properties)
    identifiers = {key: desired.request[key] for key in step.spec.identifier_members}
    canceled = canceled_update(step, identifiers)
    if canceled is not None:
        taken_over = {key: canceled.request[key] for key in identifiers}
        kept = retained_before_update(step, step.spec.physical_id(taken_over))
        if _gives_back(step, taken_over, kept) if kept is not None else _write(step, taken_over, []):
            raise Unfinished("removing the statements of an interrupted update")
        look_again(step)
    statements = _own_statements(step, desired)
    previous = _own_statements(step, Desired(step.spec, step.request.old_properties))
    # Without statements before or now, none can be gone.
    if updates_in_place(step, identifiers) and statements and previous:
        record = get_record(step, identifiers)
        is_there = any(_is_own(step, item) for item in _listed(step, record))
        if require_present(step, record if is_there else None) is None:
            return step.record(desired.request)
    # A Create whose answer was lost shows its own statements, and writes them once.
    is_change = updates_in_place(step, identifiers) and previous != statements
    _write(step, identifiers, statements, is_change=is_change)
    return step.record(desired.request)


def delete_statements(step: Step) -> None:
    """Removes the owner's statements from the document, and the document if it is empty then.

    Raises:
        Unfinished: The removal is in progress, or someone else changed the document at the same time.
    """
    identifiers = step.spec.identifiers(step.request.physical_id)
    desired = Desired(step.spec, step.request.properties)
    if identifiers is None:
        if step.request.physical_id == step.owner.not_created_id:
            return
        if any(key not in desired.request for key in step.spec.identifier_members):
            return
        cleans = cleaned_up(step, desired)
        if cleans.claim is not None:
            return
        identifiers = {key: str(desired.request[key]) for key in step.spec.identifier_members}
        kept = retained(step, step.spec.physical_id(identifiers), cleans.since)
    else:
        kept = retained_before_replacement(step, step.request.physical_id, step.request)
    if kept is not None:
        # What a rolled-back deployment granted is taken back.
        if _gives_back(step, identifiers, kept):
            raise Unfinished(f"the retained statements of {step.request.logical_id} are being written again")
        look_again(step)
        return
    if _write(step, identifiers, []) and any(_is_own(step, it) for it in _listed(step, get_record(step, identifiers))):
        raise Unfinished(f"the statements of {step.request.logical_id} are being removed from {step.spec.kind}")
    look_again(step)


def _gives_back(step: Step, identifiers: Mapping[str, Any], kept: PastRequest) -> bool:
    """Writes retained statements as they were before, once; returns whether there was anything to do.

    Statements that somebody has removed are not granted again, unless the deployment that is undone did.
    """
    is_there = any(_is_own(step, it) for it in _listed(step, get_record(step, identifiers)))
    if GIVEN_BACK in step.progress or not is_there:
        return False
    try:
        is_written = _write(step, identifiers, _own_statements(step, Desired(step.spec, kept.properties)))
    except ServiceError as error:
        if error.fault is not Fault.INVALID:
            raise
        # Their principal is gone.
        is_written = _write(step, identifiers, [])
    if is_written:
        step.progress[GIVEN_BACK] = True
    return is_written


def _write(step: Step, identifiers: Mapping[str, Any], own: list[dict[str, Any]], *, is_change: bool = False) -> bool:
    """Replaces the owner's statements in the document; returns whether there was anything to do.

    Args:
        step: The step.
        identifiers: The members that identify the document.
        own: The owner's statements from now on.
        is_change: Whether the document may show them only because an earlier change does not show yet.
    """
    record = get_record(step, identifiers)
    document = _document(step, record)
    before = document.get("Statement", [])
    after = [*(item for item in before if not _is_own(step, item)), *own]
    # Statements of others may follow them.
    is_shown = [_content(item) for item in before if _is_own(step, item)] == list(map(_content, own))
    if is_shown and (not is_change or step.shows_earlier_changes):
        return False
    step.progress["seen"] = True
    # The service deletes whatever is there by then: replacing the document by itself shows that nothing else is.
    text = json.dumps({"Version": "2012-10-17", **document, "Statement": after or before})
    # The service replaces the document only if it is still the one that was read.
    guard = (
        {"previousPolicyHash": record.answer["policyHash"]}
        if record
        else {"policyExistenceCondition": "POLICY_MUST_NOT_EXIST"}
    )
    request = {**identifiers, step.spec.document_field: text, **guard}
    refuse_what_the_model_forbids(step, step.spec.create, request)
    try:
        _unless_changed(step, identifiers, record, lambda: put(step, request))
    except ServiceError as error:
        # A document that the service would not take any more, with the principal of a deleted role, can be deleted.
        if after or error.fault is not Fault.INVALID:
            require_shown(step, error, is_shown=is_shown)
    if not after:
        remove_singleton(step, identifiers)
    return True


def _unless_changed(step: Step, identifiers: Mapping[str, Any], read: Record | None, call: Callable[[], None]) -> None:
    """Makes a call that the service refuses if the document is not the one that was read.

    Raises:
        Unfinished: The document was changed in between.
    """
    try:
        call()
        step.progress.pop("refused_at", None)
    except ServiceError as error:
        if error.fault not in (Fault.INVALID, Fault.CONFLICT, Fault.NOT_FOUND):
            raise
        refused_at: float = step.progress.setdefault("refused_at", step.now)
        is_same = _document(step, get_record(step, identifiers)) == _document(step, read)
        # What somebody else wrote may not show yet. The error has no code of its own.
        may_be_late = _GUARD.search(error.message) and step.now < refused_at + SETTLING_SECONDS
        if is_same and not may_be_late:
            raise
        raise Unfinished(f"someone else changed {step.spec.kind} at the same time") from error


def _own_statements(step: Step, desired: Desired) -> list[dict[str, Any]]:
    """The statements that a request asks for, with the owner's ids."""
    asked = _statements(desired.request.get(step.spec.document_field, []))
    return [{**statement, "Sid": f"{_sid(step)}{number}"} for number, statement in enumerate(asked)]


def _sid(step: Step) -> str:
    """The prefix of the owner's statement ids."""
    return f"{_SID_PREFIX}{step.owner.long_hash}"


def _is_own(step: Step, statement: Mapping[str, Any]) -> bool:
    """Whether a statement has the owner's id, or one of an earlier version, with the shorter hash."""
    head, _, number = str(statement.get("Sid", "")).rpartition(step.owner.long_hash)
    if head == _SID_PREFIX and number.isdecimal():
        return True
    head, _, number = str(statement.get("Sid", "")).rpartition(step.owner.hash)
    return head == _SID_PREFIX and number.isdecimal() and len(number) <= _OLD_NUMBER_CHARS


def _content(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement without its id: that of an earlier version is no reason to write."""
    return {key: value for key, value in statement.items() if key != "Sid"}


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
