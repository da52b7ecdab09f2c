"""Changes in place: of mutable members and of tags, after an Update and of what is adopted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from .errors import Failure, Fault, ServiceError
from .identity import OWNERSHIP_TAG_KEY, Desired, Record
from .model import service_model
from .records import get_record
from .steps import Step, Unfinished
from .tags import TAGS_PER_RESOURCE, counted_tags, is_reserved_tag, ownership_tag_problems
from .texts import with_texts
from .timing import SETTLING_SECONDS

# So many of the keys that are in the way are named.
_NAMED_KEYS = 5


def refuse_what_the_model_forbids(step: Step, operation: str, request: dict[str, Any]) -> None:
    """Checks a request against the service model's limits before the call.

    Raises:
        Failure: The request breaks a limit.
    """
    problems = service_model(step.spec.service).check(operation, request)
    if problems:
        raise Failure(f"{step.spec.kind}: {'; '.join(map(str, problems))} ({operation})")


def refuse_tags_without_room(step: Step, desired: Desired) -> None:
    """Checks that the ownership tag finds its slot among the user's tags.

    Raises:
        Failure: It does not.
    """
    problems = ownership_tag_problems(desired.tags) if step.spec.is_taggable else ()
    for problem in problems:
        raise Failure(f"{step.spec.kind}: tags {problem}")


def change(step: Step, record: Record, desired: Desired, previous: Desired) -> Record:
    """Applies the changes between two requests; returns the resource as it is then.

    Raises:
        Unfinished: The changes do not show yet.
    """
    changes: dict[str, Any] = {}
    if desired.mutable != previous.mutable:
        gone = [key for key in previous.mutable if key not in desired.mutable]
        changes = {**_cleared(step, desired, gone), **with_texts(step, desired.mutable)}
    changed = _update(step, record, changes)
    old_tags = previous.tags_with_ownership(step.owner)
    if desired.tags != previous.tags:
        refuse_tags_without_room(step, desired)
    tags = desired.tags_with_ownership(step.owner)
    # What an earlier request changed a moment ago may not show yet: a rollback may find the tags as it wants them.
    is_certain = step.shows_earlier_changes
    removed = [key for key in old_tags if key not in tags and (key in record.tags or not is_certain)]
    added = {
        key: value
        for key, value in tags.items()
        if old_tags.get(key) != value and (record.tags.get(key) != value or not is_certain)
    }
    if (added or removed) and OWNERSHIP_TAG_KEY not in record.tags:
        # An earlier version left it out where it found no room.
        added[OWNERSHIP_TAG_KEY] = tags[OWNERSHIP_TAG_KEY]
    try:
        return _retag(step, changed, desired, added, removed, old_tags)
    except ServiceError as error:
        is_shown = record.tags.keys().isdisjoint(removed) and added.items() <= record.tags.items()
        require_shown(step, error, is_shown=is_shown)
        return changed


def align(step: Step, record: Record, desired: Desired) -> Record:
    """Gives an adopted resource the mutable members and the tags that are asked for; returns it as it is then.

    Tags that are not asked for stay: nobody knows whose they are.

    Raises:
        Unfinished: The changes do not show yet.
    """
    changes: dict[str, Any] = {}
    if step.spec.update:
        wanted = with_texts(step, desired.mutable)
        names = step.spec.update_names
        gone = [key for key in step.spec.cleared if key not in wanted]
        cleared = {
            key: value
            for key, value in _cleared(step, desired, gone).items()
            if record.answer.get(names.get(key, key)) not in (None, value)
        }
        if cleared or any(differs(wanted[key], record.answer.get(names.get(key, key))) for key in wanted):
            changes = {**cleared, **wanted}
    changed = _update(step, record, changes)
    if not step.spec.is_taggable:
        return changed
    refuse_tags_without_room(step, desired)
    tags = desired.tags
    return _retag(step, changed, desired, {key: tags[key] for key in tags if record.tags.get(key) != tags[key]}, [])


def _cleared(step: Step, desired: Desired, gone: list[str]) -> dict[str, Any]:
    """What an update sends for members that are no longer asked for."""
    values = {**step.spec.cleared, step.spec.name_field: step.owner.name(desired.identity)}
    return {key: values[key] for key in gone if key in values}


def _update(step: Step, record: Record, changes: Mapping[str, Any]) -> Record:
    """Calls the update operation once, and reads what it did."""
    if not step.spec.update or not changes:
        return record
    names = step.spec.update_names
    sent = {names.get(key, key): value for key, value in changes.items()}
    identifiers = step.spec.identifiers(record.id) or {}
    if not step.progress.get("updated"):
        request: dict[str, Any] = {**identifiers, **sent}
        refuse_what_the_model_forbids(step, step.spec.update, request)
        try:
            step.call(step.spec.update, request)
        except ServiceError as error:
            require_shown(step, error, is_shown=_shows(step, record, sent))
            return record
        step.progress["updated"] = True
        step.progress["updated_at"] = step.now
    shown = get_record(step, identifiers) or record
    is_late = any(
        differs(sent[key], shown.answer[key]) for key in sent if sent[key] and shown.answer.get(key) is not None
    )
    if is_late and step.now < step.progress.get("updated_at", 0.0) + SETTLING_SECONDS:
        raise Unfinished(f"{step.named(record)} does not show its update yet")
    return shown


def _shows(step: Step, record: Record, sent: Mapping[str, Any]) -> bool:
    """Whether a record shows exactly what an update sends; what is cleared need not show."""
    answer, cleared = record.answer, step.spec.cleared
    return all(
        answer.get(key) == value or (answer.get(key) is None and value == cleared.get(key))
        for key, value in sent.items()
    )


def require_shown(step: Step, error: ServiceError, *, is_shown: bool) -> None:
    """Returns if a refused change was not needed, as for the rollback of an update that was refused, too.

    Args:
        step: The step.
        error: The refusal.
        is_shown: Whether everything shows as it is wanted.

    Raises:
        ServiceError: It was needed; or it was throttled, and is repeated.
        Unfinished: What an earlier request changed may not show yet.
    """
    if not is_shown:
        raise error
    if not step.shows_earlier_changes:
        if error.fault is Fault.THROTTLED:
            raise error
        what = f"{step.spec.kind} {step.request.physical_id}"
        raise Unfinished(f"{what} may not show an earlier change yet ({error})") from error


def _retag(
    step: Step,
    record: Record,
    desired: Desired,
    added: Mapping[str, str],
    removed: list[str],
    may_have: Iterable[str] = (),
) -> Record:
    """Adds and removes tags.

    Args:
        step: The step.
        record: The resource.
        desired: What the request asks for.
        added: The tags to add or change.
        removed: The keys of those to remove.
        may_have: Keys of tags that it may have although they do not show.
    """
    # A new tag that is refused leaves everything as it was. At the limit it needs the room of an old one.
    has_room = counted_tags({*record.tags, *may_have, *added}) <= TAGS_PER_RESOURCE
    if removed and not has_room:
        record = _remove_tags(step, record, removed)
    if added:
        record = add_tags(step, record, desired, added)
    return _remove_tags(step, record, removed) if removed and has_room else record


def _remove_tags(step: Step, record: Record, keys: list[str]) -> Record:
    step.call("UntagResource", {"resourceArn": record.arn, "tagKeys": keys})
    left = {key: value for key, value in record.tags.items() if key not in keys}
    return replace(record, answer={**record.answer, "tags": left})


def add_tags(step: Step, record: Record, desired: Desired, added: Mapping[str, str]) -> Record:
    """Adds tags to a record; returns it as it is then.

    Raises:
        Failure: There is no room for them, because of tags that are not asked for and stay.
    """
    tags = {**record.tags, **added}
    try:
        step.call("TagResource", {"resourceArn": record.arn, "tags": dict(added)})
    except ServiceError as error:
        # Only then: a read may still show tags that are gone.
        if error.fault not in (Fault.INVALID, Fault.QUOTA) or counted_tags(tags) <= TAGS_PER_RESOURCE:
            raise
        others = [key for key in tags if key not in desired.tags_with_ownership(step.owner)]
        named = [f'"{key}"' for key in others if not is_reserved_tag(key)]
        more = f" and {len(named) - _NAMED_KEYS} more" if len(named) > _NAMED_KEYS else ""
        raise Failure(
            f"{step.named(record)} would have {counted_tags(tags)} tags; allowed are {TAGS_PER_RESOURCE}, with the "
            "ownership tag. It has tags that the template does not ask for, and that stay because somebody else may "
            f"need them: {', '.join(named[:_NAMED_KEYS])}{more}. Remove them by hand, or ask for fewer new ones "
            f"({error})"
        ) from error
    return replace(record, answer={**record.answer, "tags": tags})


def differs(wanted: Any, shown: Any) -> bool:
    """Whether a member that the service shows is not as asked for; what it shows in addition is its own."""
    if isinstance(wanted, Mapping) and isinstance(shown, Mapping):
        return any(differs(value, shown.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(shown, list):
        return len(wanted) != len(shown) or any(map(differs, wanted, shown))
    return not isinstance(shown, datetime) and bool(wanted != shown)
