"""Records as the service returns them: a resource by its id, and all that have a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .errors import Fault, ServiceError
from .identity import Desired, Record
from .model import service_model
from .request import canonical, digest
from .spec import Phase
from .steps import LISTINGS, Step, Unfinished

_KEY_CHARS = 10


def get_record(step: Step, identifiers: Mapping[str, str]) -> Record | None:
    """The resource as it is now; None if the service does not return it."""
    if step.spec.get is None:
        return next(_listed(step, identifiers), None) if step.spec.list else None
    try:
        answer = step.call(step.spec.get, identifiers)
    except ServiceError as error:
        if error.fault is Fault.NOT_FOUND:
            return None
        raise
    model = service_model(step.spec.service)
    output = model.operations[step.spec.get].output
    step.secrets.update(model.sensitive_texts(output, answer) if output else ())
    members = answer[step.spec.answer_field] if step.spec.answer_field else answer
    record = step.record({**identifiers, **members})
    if step.spec.versions and record.id != step.spec.physical_id(identifiers):
        # Without a version the service returns the latest one, and the first one is meant.
        first = next((it for it in _versions(step, identifiers) if not it.get(step.spec.version_field)), None)
        if first is None:
            return None
        record = step.record({**identifiers, **first})
    return _with_tags(step, record)


def _with_tags(step: Step, record: Record) -> Record:
    """The record with its tags, which not every get operation returns."""
    if "tags" in record.answer or not step.spec.is_taggable or not record.arn:
        return record
    try:
        tags = step.call("ListTagsForResource", {"resourceArn": record.arn}).get("tags", {})
    except ServiceError as error:
        if error.fault is not Fault.NOT_FOUND:
            raise
        # The record shows, its tags do not: it was created or deleted a moment ago.
        return record
    return replace(record, answer={**record.answer, "tags": tags})


def record_of(step: Step, physical_id: str) -> Record | None:
    """The record of a physical id; None if nothing shows, and for an id that is none of the kind."""
    identifiers = step.spec.identifiers(physical_id)
    return get_record(step, identifiers) if identifiers else None


def find_records(step: Step, desired: Desired) -> list[Record]:
    """All records that have the name, fixed or generated; the caller checks whose they are."""
    found = []
    for physical_id, name in _with_name(step, desired):
        listed = step.spec.identifiers(physical_id)
        for identifiers in _meant(step, listed, desired) if listed else ():
            record = get_record(step, identifiers)
            if record is not None:
                found.append(record)
            elif not step.settled():
                # It was created or deleted a moment ago.
                raise Unfinished(f'{step.spec.kind} "{name}" is listed, but does not show')
    return found


def _has_name(step: Step, name: str, desired: Desired) -> bool:
    """Whether a name is that of the desired resource, fixed or generated."""
    return name == desired.fixed_name if desired.fixed_name else step.owner.named(name, desired.identity)


def _with_name(step: Step, desired: Desired) -> list[tuple[str, str]]:
    """Physical ids and names of all that have the name.

    A step that is throttled in the middle of the list leaves its position to the next one.
    """
    parameters = _list_parameters(step, desired.request)
    if parameters is None:
        return []
    key = digest(canonical([desired.identity, desired.fixed_name]), _KEY_CHARS)
    listing = step.progress.setdefault(LISTINGS, {}).setdefault(key, {"since": step.now, "found": [], "next": ""})
    known = {key: value for key, value in parameters.items() if key in desired.request}
    while listing["next"] is not None:
        page = _page(step, parameters, listing["next"])
        for summary in page.get(step.spec.list_field, ()):
            name = str(summary.get(step.spec.shown_name_field, ""))
            if _has_name(step, name, desired):
                listing["found"].append((step.record({**known, **summary}).id, name))
        listing["next"] = page.get("nextToken")
    step.oldest_list = min(step.oldest_list, listing["since"])
    return list(map(tuple, listing["found"]))


def _versions(step: Step, identifiers: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """The summaries of all versions of an ARN; of a kind without versions none."""
    model = service_model(step.spec.service)
    operation = step.spec.versions or ""
    members = model.input_members(operation)
    parameters = {key: value for key, value in identifiers.items() if key in members}
    parameters["maxResults"] = model.shapes[members["maxResults"]]["max"]
    while True:
        page = _unless_gone(step, operation, parameters)
        if page is None:
            return
        yield from page.get(step.spec.list_field, ())
        if not page.get("nextToken"):
            return
        parameters = {**parameters, "nextToken": page["nextToken"]}


def has_other_versions(step: Step, record: Record) -> bool:
    """Whether a record's ARN has other versions, deleted ones included."""
    identifiers, version = step.spec.identifiers(record.id) or {}, step.spec.version_field
    own = identifiers.get(version)
    return bool(step.spec.versions) and any(it.get(version) != own for it in _versions(step, identifiers))


def _meant(step: Step, identifiers: dict[str, str], desired: Desired) -> list[dict[str, str]]:
    """The versions of a listed resource that a request can mean: the list returns only the latest."""
    version = step.spec.version_field
    if not version or version not in identifiers:
        return [identifiers]
    shared = {key: value for key, value in identifiers.items() if key != version}
    found = [shared if not it.get(version) else {**shared, version: it[version]} for it in _versions(step, shared)]
    continues = bool(desired.request.get(step.spec.continues_field))
    return [each for each in found if continues or version not in each]


def with_versions(step: Step, request: dict[str, Any]) -> dict[str, Any]:
    """A create request that says which version a run continues: where it does not, the latest one that can be.

    The first version has no identifier, so that only a request without one can mean it.
    """
    if not request.get(step.spec.continues_field) or step.spec.get is None:
        return request
    version, channels = step.spec.version_field, []
    for channel in request[step.spec.continues_field]:
        if not channel.get(version):
            latest = _latest(step, _continued(step, request, channel)).get(version)
            channel = {**channel, version: latest} if latest else channel
        channels.append(channel)
    return {**request, step.spec.continues_field: channels}


def _continued(step: Step, request: Mapping[str, Any], channel: Mapping[str, Any]) -> dict[str, Any]:
    """The members that identify what a channel of a create request continues."""
    members = service_model(step.spec.service).input_members(step.spec.get or "")
    return {key: value for key, value in {**request, **channel}.items() if key in members}


def _latest(step: Step, identifiers: Mapping[str, str]) -> Mapping[str, Any]:
    """The latest version of an ARN that neither has failed nor is deleted; the latest one if all have or are."""
    latest = step.call(step.spec.get or "", identifiers)
    if not _has_ended(step, latest):
        return latest
    others = [it for it in _versions(step, identifiers) if not _has_ended(step, it)]
    return max(others, key=lambda it: it["createTime"].timestamp(), default=latest)


def _has_ended(step: Step, shown: Mapping[str, Any]) -> bool:
    """Whether a version has failed or is deleted. A status that is not known here is the service's to judge."""
    return step.phase(step.record(shown)) not in (Phase.PENDING, Phase.READY, None)


def why_not_continued(step: Step, request: Mapping[str, Any]) -> str:
    """What a user does about a version that a refused create request continues; empty if there is none to blame."""
    version = step.spec.version_field
    for channel in request.get(step.spec.continues_field) or ():
        shown = step.call(step.spec.get or "", _continued(step, request, channel))
        if step.phase(step.record(shown)) is Phase.READY:
            continue
        what = f"{step.spec.kind} {shown[step.spec.arn_field]}"
        if channel.get(version):
            return (
                f"version {channel[version]} of {what} is {shown['status']}: continue it when it is ACTIVE, or name "
                "another version"
            )
        return (
            f"the latest version of {what} is {shown['status']}, and the first one has no identifier by which a "
            "request could name it: train it again with another run_id, and continue that one"
        )
    return ""


def _listed(step: Step, identifiers: Mapping[str, str]) -> Iterator[Record]:
    parameters = _list_parameters(step, identifiers)
    for summary in _summaries(step, parameters) if parameters else ():
        if all(str({**identifiers, **summary}[key]) == value for key, value in identifiers.items()):
            yield step.record({**identifiers, **summary})


def _list_parameters(step: Step, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """The parameters of the list operation; None if nothing can be listed."""
    if step.spec.list is None:
        return None
    # The largest pages that the service returns: a step must end within its function's time-out.
    model = service_model(step.spec.service)
    parameters = {"maxResults": model.shapes[model.input_members(step.spec.list)["maxResults"]]["max"]}
    for key in step.spec.list_parameters:
        value = known[key] if key in known else _looked_up(step, key, known)
        if value is None:
            # Without it nothing could have been created.
            return None
        parameters[key] = value
    return parameters


def _summaries(step: Step, parameters: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    token: str | None = ""
    while token is not None:
        page = _page(step, parameters, token)
        yield from page.get(step.spec.list_field, ())
        token = page.get("nextToken")


def _page(step: Step, parameters: Mapping[str, Any], token: str) -> Mapping[str, Any]:
    """A page of the list; without the parent an empty one, because its resources are gone with it."""
    assert step.spec.list is not None
    return _unless_gone(step, step.spec.list, {**parameters, **({"nextToken": token} if token else {})}) or {}


def _looked_up(step: Step, key: str, known: Mapping[str, Any]) -> object | None:
    lookup = step.spec.list_lookups.get(key)
    if lookup is None or any(parameter not in known for parameter in lookup.parameters):
        return None
    answer = _unless_gone(step, lookup.operation, {parameter: known[parameter] for parameter in lookup.parameters})
    found: object | None = answer[lookup.field] if answer is not None else None
    return found


def _unless_gone(step: Step, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer of a call about the parent of a resource; None if the parent does not exist.

    Raises:
        Unfinished: The parent does not show; it may have been created a moment ago.
    """
    try:
        return step.call(operation, parameters)
    except ServiceError as error:
        if error.fault is not Fault.NOT_FOUND:
            raise
        if not step.settled():
            raise Unfinished(str(error)) from error
        return None
