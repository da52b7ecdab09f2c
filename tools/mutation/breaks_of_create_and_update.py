"""Small faults of the engine, one for each rule of the contract about Create and Update."""

from __future__ import annotations

from .mutation import Break

_CREATION = "creation.py"
_ENGINE = "engine.py"
_OUTCOMES = "outcomes.py"
_RECORDS = "records.py"
_UPDATE = "update.py"
_IN_PLACE_CHANGES = "in_place.py"
_WAITING = "waiting.py"
_WORKER = "worker.py"
_FRONT = "front.py"
_HISTORY = "history.py"
_IDENTITY = "identity.py"
_SHARED_NAMES = "shared_names.py"
_TIMING = "timing.py"

# The decision whether a run is still in progress.
_STILL = 'raise Unfinished(f"{step.named(record)} is still {record.status}", since=record.created_at)'
_PENDING = f"if phase is Phase.PENDING:\n        {_STILL}\n    is_past"

CREATE_AND_UPDATE = (
    Break("C1", "a step polls until the run ends", _WORKER, "_STAY_SECONDS = 8.0", "_STAY_SECONDS = 900.0"),
    Break(
        "C2",
        "a create answers an id of its own",
        _ENGINE,
        "return ended(Answer(record.id, _attributes(step, record)))",
        "return ended(Answer(keeps_id if step.request.kind == 'Create' else record.id, _attributes(step, record)))",
    ),
    Break(
        "C3",
        "a pending run counts as ready",
        _WAITING,
        _PENDING,
        "if phase is Phase.PENDING:\n        phase = Phase.READY\n    is_past",
    ),
    Break(
        "C4",
        "only one pending status is polled",
        _WAITING,
        _PENDING,
        f"if phase is Phase.PENDING and record.status != 'CREATE_PENDING':\n        {_STILL}\n    is_past",
    ),
    Break(
        "C5",
        "the deadline of the engine comes after CloudFormation's",
        _TIMING,
        "DEFAULT_TIMEOUT_SECONDS = 3300",
        "DEFAULT_TIMEOUT_SECONDS = 3700",
    ),
    Break(
        "C6",
        "a failed run is reported without the service's words",
        _WAITING,
        'return f"{subject} is {record.status}: {why_not_ready(step.spec, record, phase)}{retry}"',
        'return f"{subject} is {record.status}{retry}"',
    ),
    Break(
        "C7",
        "a description is omitted",
        _CREATION,
        "    if tags and step.spec.is_taggable:",
        '    request.pop("description", None)\n    if tags and step.spec.is_taggable:',
    ),
    Break(
        "C8",
        "a missing figure is null",
        "figures.py",
        '    if not found:\n        return ""',
        "    if not found:\n        return None",
    ),
    Break(
        "C9",
        "every delivery is an execution of its own",
        _FRONT,
        "    name = execution_name(request)\n",
        "    name = execution_name(request)[:-3] + os.urandom(2).hex()[:3]\n",
    ),
    Break(
        "C10",
        "a lost reply is followed by another create",
        _CREATION,
        "    adopted = adoptable(step, desired, found, usable)\n",
        "    adopted = None\n    found = []\n",
    ),
    Break(
        "C11",
        "a foreign resource is adopted",
        _CREATION,
        "if record.is_marked_for_deletion or not owns(step, record, desired):",
        "if record.is_marked_for_deletion:",
    ),
    Break(
        "C12",
        "only the first page is read",
        _RECORDS,
        'listing["next"] = page.get("nextToken")',
        'listing["next"] = None',
    ),
    Break(
        "C13",
        "tags are not applied with the create",
        _CREATION,
        '        request["tags"] = tags\n',
        "        pass\n",
    ),
    Break("C14", "not found is final at once", _TIMING, "SETTLING_SECONDS = 30", "SETTLING_SECONDS = 3"),
    Break(
        "U1",
        "every change creates a new resource",
        _UPDATE,
        "    if desired.identity == previous.identity:\n        return _in_place",
        "    if desired.request == previous.request:\n        return _in_place",
    ),
    Break(
        "U2",
        "a create-only change is made in place",
        _UPDATE,
        "    if desired.identity == previous.identity:\n        return _in_place",
        "    if True:\n        return _in_place",
    ),
    Break(
        "U3",
        "an update of a resource that is gone creates it again",
        _UPDATE,
        "    record = require_present(step, record)\n",
        "    if record is None:\n        return create_or_adopt(step, desired)\n",
    ),
    Break(
        "U4",
        "a removed property is not cleared",
        _IN_PLACE_CHANGES,
        "        changes = {**_cleared(step, desired, gone), **with_texts(step, desired.mutable)}",
        "        changes = with_texts(step, desired.mutable)",
    ),
    Break(
        "U5",
        "an update sends the old values",
        _IN_PLACE_CHANGES,
        "**with_texts(step, desired.mutable)}\n    changed",
        "**with_texts(step, {**desired.mutable, **previous.mutable})}\n    changed",
    ),
    Break(
        "U6",
        "tags of others are removed too",
        _IN_PLACE_CHANGES,
        "removed = [key for key in old_tags if key not in tags and (key in record.tags or not is_certain)]",
        "removed = [key for key in record.tags if key not in tags]",
    ),
    Break(
        "U7",
        "a rollback takes the tags that show for those that are there",
        "in_place.py",
        "record.tags.get(key) != value or not is_certain)\n",
        "record.tags.get(key) != value)\n",
    ),
    Break(
        "U7",
        "a rollback leaves tags that do not show yet",
        "in_place.py",
        " and (key in record.tags or not is_certain)]\n",
        " and key in record.tags]\n",
    ),
    Break(
        "U7",
        "an update without a change is sent",
        _IN_PLACE_CHANGES,
        "if old_tags.get(key) != value and (record.tags.get(key) != value or not is_certain)",
        "if True",
    ),
    Break(
        "U8",
        "a failure answers another id",
        _OUTCOMES,
        "    return ended(Answer(keeps_id, reason=reason))\n",
        "    return ended(Answer(step.owner.orphan_id(step.request.signed_at), reason=reason))\n",
    ),
    Break(
        "U9",
        "properties keep the types of the event",
        _IDENTITY,
        "self._model.cast(spec.create, given)",
        "dict(given)",
    ),
    Break(
        "U11",
        "settings of the library are part of the request",
        _SHARED_NAMES,
        'OUR_PROPERTIES = ("ServiceToken", "ServiceTimeout", "Settings", "RunId")',
        'OUR_PROPERTIES = ("ServiceToken", "ServiceTimeout", "RunId")',
    ),
    Break(
        "U12",
        "tags of an expired run are changed",
        _UPDATE,
        "    if step.phase(record) is Phase.GONE:\n        # Only",
        "    if False:\n        # Only",
    ),
    Break(
        "C15",
        "what is adopted stays as it was",
        _CREATION,
        "return align(step, adopted, desired) if step.phase(adopted) in USABLE else adopted",
        "return adopted",
    ),
    Break(
        "C16",
        "the ownership tag gives way to fifty tags",
        "tags.py",
        "count, most = counted_tags(tags), TAGS_PER_RESOURCE - 1",
        "count, most = counted_tags(tags), TAGS_PER_RESOURCE",
    ),
    Break("C17", "what was created is forgotten", _ENGINE, "    step.progress[ACCEPTED] = record.id\n", ""),
    Break(
        "U15",
        "a conflict of an update is final",
        _OUTCOMES,
        "    return error.fault is Fault.CONFLICT and not is_create\n",
        "    return False\n",
    ),
    Break(
        "U17",
        "the attributes are those before the update",
        _IN_PLACE_CHANGES,
        "    return shown\n\n\ndef _shows",
        "    return record\n\n\ndef _shows",
    ),
    Break(
        "C15",
        "what is no longer asked for stays when it is adopted",
        "in_place.py",
        "        gone = [key for key in step.spec.cleared if key not in wanted]\n",
        "        gone: list[str] = []\n",
    ),
    Break(
        "C16",
        "the key of the ownership tag may be among the tags",
        "tags.py",
        "        if isinstance(key, str) and key.strip().lower() == OWNERSHIP_TAG_KEY:\n",
        "        if False:\n",
    ),
    Break(
        "C16",
        "what has no ownership tag gets none",
        "in_place.py",
        "        added[OWNERSHIP_TAG_KEY] = tags[OWNERSHIP_TAG_KEY]\n",
        "        pass\n",
    ),
    Break(
        "U17",
        "a member that the spec clears by its name alone is kept",
        "in_place.py",
        "    values = {**step.spec.cleared, step.spec.name_field: step.owner.name(desired.identity)}\n",
        "    values = dict(step.spec.cleared)\n",
    ),
    Break(
        "U19",
        "any change back is a rollback",
        _CREATION,
        "    return past is not None and is_rollback(step.past(since), step.request)\n",
        "    return past is not None\n",
    ),
    Break(
        "U19",
        "a wait for another run is that of a rollback",
        _WAITING,
        "    if not replaces or is_rollback(step.past(since), step.request):\n",
        "    if True:\n",
    ),
    Break("U19", "a rollback follows a rollback", _HISTORY, "    return turns % 2 == 1\n", "    return turns > 0\n"),
)
