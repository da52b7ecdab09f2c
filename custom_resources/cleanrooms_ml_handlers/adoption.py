"""Resources that exist already and that a template names: `adopt_existing`.

As long as a template says so, the resource is borrowed: whatever takes it away from the stack, a rollback above all,
gives it back by removing the ownership tag, and deletes nothing. Once a deployment without `adopt_existing` has
succeeded, it is a resource of the stack like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Failure, Fault, ServiceError
from .identity import OWNERSHIP_TAG_KEY, Desired, Record
from .in_place import add_tags, align, differs, refuse_tags_without_room
from .records import get_record
from .shared_names import ADOPT_EXISTING
from .spec import Phase
from .steps import ADOPTED, Step, Unfinished
from .texts import with_texts


def named_id(properties: Mapping[str, Any]) -> str:
    """The physical id of the resource that properties name to be adopted; empty if none."""
    settings = properties.get("Settings")
    return str(settings.get(ADOPT_EXISTING) or "") if isinstance(settings, Mapping) else ""


def is_borrowed(step: Step, physical_id: str) -> bool:
    """Whether the request names a resource to be adopted: then this stack does not delete it."""
    return bool(physical_id) and physical_id in (
        named_id(step.request.properties),
        named_id(step.request.old_properties),
    )


def borrowed_id(step: Step) -> str:
    """The physical id of the resource that a Delete gives back; empty if it deletes one."""
    named = named_id(step.request.properties)
    deletes_another = step.spec.identifiers(step.request.physical_id) and step.request.physical_id != named
    return "" if deletes_another else named


def adopt(step: Step, desired: Desired) -> Record | None:
    """The resource that the template names, as the stack's own from now on; None if it names none.

    Raises:
        Unfinished: It does not show yet.
        Failure: It is not there, not ready, another stack's, or not what the template describes.
    """
    physical_id = named_id(step.request.properties)
    if not physical_id:
        return None
    if not step.spec.is_taggable:
        raise Failure(f"{step.spec.kind} has no tags, and adopt_existing needs one: drop adopt_existing")
    record = _existing(step, physical_id)
    _refuse_what_differs(step, record, desired)
    refuse_tags_without_room(step, desired)
    tags = desired.tags_with_ownership(step.owner)
    # The call may take effect without an answer.
    step.progress[ADOPTED] = physical_id
    owned = add_tags(step, record, desired, tags)
    return align(step, owned, desired)


def refuse_another(step: Step) -> None:
    """Stops an update that names another resource, but describes the same one.

    Raises:
        Failure: It does. A rollback could not tell the two apart.
    """
    named = named_id(step.request.properties)
    if named and named != step.request.physical_id:
        raise Failure(
            f"adopt_existing names {named}, but {step.request.logical_id} is {step.request.physical_id}: it was left "
            "alone. Remove the construct from the stack in a deployment of its own first, or give the new one another "
            "construct ID"
        )


def give_back(step: Step, physical_id: str) -> None:
    """Removes the ownership tag of a borrowed resource, if it is this owner's.

    Raises:
        Unfinished: It may have a tag that does not show yet.
    """
    identifiers = step.spec.identifiers(physical_id)
    record = get_record(step, identifiers) if identifiers else None
    if record is not None and OWNERSHIP_TAG_KEY not in record.tags and not step.settled():
        raise Unfinished(f"{step.named(record)} does not show its tags yet")
    if record is None or OWNERSHIP_TAG_KEY not in record.tags or not step.owner.owns(record):
        return
    if step.phase(record) in (Phase.GONE, Phase.DELETING):
        # It cannot be tagged any more, and nothing adopts it.
        return
    try:
        step.call("UntagResource", {"resourceArn": record.arn, "tagKeys": [OWNERSHIP_TAG_KEY]})
    except ServiceError as error:
        if error.fault is not Fault.NOT_FOUND:
            raise


def _existing(step: Step, physical_id: str) -> Record:
    identifiers = step.spec.identifiers(physical_id)
    if identifiers is None:
        raise Failure(f"adopt_existing is {physical_id}, which is no {step.spec.kind}")
    record = get_record(step, identifiers)
    if record is None:
        if not step.settled():
            raise Unfinished(f"{step.spec.kind} {physical_id} does not show")
        raise Failure(f"{step.spec.kind} {physical_id} does not exist: adopt_existing takes over what is there already")
    owner = record.tags.get(OWNERSHIP_TAG_KEY, "")
    if owner and not step.owner.owns(record):
        if not step.settled():
            # That stack may have given it back a moment ago.
            raise Unfinished(f"{step.named(record)} has the ownership tag of another resource, {owner}")
        raise Failure(
            f"{step.named(record)} has the ownership tag of another resource, {owner}: it was left alone. Remove it "
            f"there with removal_policy=RemovalPolicy.RETAIN and then its tag {OWNERSHIP_TAG_KEY}"
        )
    if not owner and not step.service.template_names(physical_id):
        # A request alone could take over whatever nobody has tagged.
        raise Failure(f"{physical_id} is not named by this stack's template: it was left alone")
    if record.is_marked_for_deletion or step.phase(record) is not Phase.READY:
        state = "being deleted" if record.is_marked_for_deletion else record.status
        raise Failure(f"{step.named(record)} is {state}: adopt_existing takes over what is ACTIVE")
    return record


def _refuse_what_differs(step: Step, record: Record, desired: Desired) -> None:
    """Compares the members that no update can change; what the service does not show counts as equal.

    Raises:
        Failure: A member differs.
    """
    wanted = with_texts(step, desired.request)
    shown = {**record.answer, step.spec.name_field: record.name}
    fixed = [key for key in wanted if key not in desired.mutable or key == step.spec.name_field]
    found = [key for key in fixed if shown.get(key) is not None and differs(wanted[key], shown[key])]
    found += [
        key
        for key in step.spec.presence_is_identity
        if (key in desired.mutable) != (record.answer.get(key) is not None)
    ]
    if found:
        raise Failure(
            f"{step.named(record)} is not as the template says: {', '.join(sorted(found))} differs and cannot be "
            "changed. Describe it as it is, or drop adopt_existing to have another one created"
        )
