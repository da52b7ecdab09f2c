"""Small faults of the engine, one for each rule of the contract about Delete, singletons and versions."""

from __future__ import annotations

from .mutation import Break

_CREATION = "creation.py"
_DELETION = "deletion.py"
_ENGINE = "engine.py"
_STEPS = "steps.py"
_RECORDS = "records.py"

DELETE = (
    Break(
        "D1",
        "a delete is done when it is requested",
        _DELETION,
        "    if shown is not None and step.phase(shown) is not Phase.GONE:\n",
        "    if False:\n",
    ),
    Break(
        "D2",
        "a missing resource cannot be deleted",
        _DELETION,
        'does not show; is it gone?")\n        return\n',
        "does not show; is it gone?\")\n        raise Failure('it is gone')\n",
    ),
    Break(
        "D3",
        "an expired run is deleted again",
        _DELETION,
        "    if phase is Phase.GONE or (step.spec.delete is None and not running):",
        "    if step.spec.delete is None and not running:",
    ),
    Break(
        "D4",
        "the name of a dead record is reused",
        _CREATION,
        "    taken = {record.name for record in found}\n",
        "    taken: set[str] = set()\n",
    ),
    Break(
        "D5",
        "an unknown id means that nothing was created",
        _DELETION,
        "    if step.request.physical_id == step.owner.not_created_id:\n",
        "    if step.request.physical_id:\n",
    ),
    Break(
        "D5",
        "the cleanup of a create goes back before the last Delete",
        "history.py",
        '        elif it.kind == "Delete":\n            failed = ',
        '        elif it.kind == "Delete":\n            continue\n            failed = ',
    ),
    Break(
        "D6",
        "a conflict is final",
        _DELETION,
        "            raise Unfinished(\n                f\"{step.named(record)} is {record.status or 'in use'}",
        "            raise Failure(\n                f\"{step.named(record)} is {record.status or 'in use'}",
    ),
    Break(
        "D7",
        "a run in progress is left alone",
        _DELETION,
        "    running = phase is Phase.PENDING\n",
        "    running = phase is Phase.PENDING\n    if running:\n        return\n",
    ),
    Break(
        "D8",
        "a failed delete counts as done",
        _DELETION,
        '        raise Failure(f"{step.named(record)} is {record.status}: {details(record)}; delete again")\n',
        "        return\n",
    ),
    Break("D9", "nothing is ever deleted", _ENGINE, "        remove(step)\n", ""),
    Break(
        "D10",
        "a delete refuses properties that it does not know",
        _DELETION,
        "    identifiers = step.spec.identifiers(step.request.physical_id)\n    if identifiers is not None:",
        "    identifiers = step.spec.identifiers(step.request.physical_id)\n"
        "    from .model import service_model\n"
        "    known = service_model(step.spec.service).input_members(step.spec.create)\n"
        "    if set(Desired(step.spec, step.request.properties).request) - set(known):\n"
        "        raise Failure('a property is not known')\n"
        "    if identifiers is not None:",
    ),
    Break(
        "D11",
        "the Delete of a wait answers at once",
        _ENGINE,
        "    ends_by_itself = step.spec.cancel is None\n",
        "    ends_by_itself = False\n",
    ),
    Break(
        "D12",
        "only kinds that are present may be deleted",
        "_permissions.py",
        "        for operation in (*created, *spec.cleanup_operations):",
        "        for operation in (*created, *(spec.cleanup_operations if created else ())):",
        root="constructs/cdk_cleanrooms_ml",
    ),
    Break(
        "D13",
        "a Delete does not wait for the executions that it stopped",
        _STEPS,
        "self.progress[_QUIET_UNTIL] = self._quiet_until(has_earlier=bool(earlier))",
        "self.progress[_QUIET_UNTIL] = 0.0",
    ),
    Break(
        "W6",
        "a background delete ends when the service fails to delete",
        "deletion.py",
        "        if purpose_of(step.execution).is_awaited:\n",
        "        if True:\n",
    ),
    Break(
        "D14",
        "a retained resource is not adopted",
        _CREATION,
        "        if phase not in usable or",
        "        if True or",
    ),
    Break(
        "D15",
        "a deploy adopts what is still being deleted",
        _CREATION,
        "        if not _is_being_deleted(step, desired, record):\n",
        "        if True:\n",
    ),
    Break(
        "D16",
        "a marked record ends the look",
        _DELETION,
        "_scope(step, desired)).count or not step.shows_earlier_changes:",
        "_scope(step, desired)).count or not (step.progress.get('asked') is not None or step.shows_earlier_changes):",
    ),
    Break(
        "D17",
        "a rollback deletes what it adopted",
        _DELETION,
        '    if "seen" not in step.progress and _was_there_before(step, record):\n',
        "    if False:\n",
    ),
    Break(
        "D18",
        "an old DELETE_FAILED is final",
        _DELETION,
        "        if step.now < asked_at.get(record.id, 0.0) + SETTLING_SECONDS:\n",
        "        if False:\n",
    ),
    Break(
        "S1",
        "an identical configuration is adopted",
        "singleton.py",
        "(updates_in_place(step, identifiers) or _is_own(step, identifiers, record))\n",
        "(updates_in_place(step, identifiers) or equals(record, desired))\n",
    ),
    Break(
        "V1",
        "the latest version passes for the first one",
        _RECORDS,
        "    if step.spec.versions and record.id != step.spec.physical_id(identifiers):\n",
        "    if False:\n",
    ),
    Break(
        "D15",
        "a Delete takes what a later request created",
        "deletion.py",
        "            or record.created_at >= scope.before\n",
        "",
    ),
    Break(
        "D15",
        "a Delete takes what a later request adopted",
        "deletion.py",
        "        if scope.claimed_at is not None and not has_successor and not is_begun and phase in _ADOPTABLE:\n",
        "        if False:\n",
    ),
    Break(
        "D18",
        "tags that are gone first fail a delete",
        "records.py",
        "            raise\n        # The record shows,",
        "            pass\n        raise\n        # The record shows,",
    ),
    Break(
        "D18",
        "the Delete of a wait needs to see its run",
        "engine.py",
        '            if is_look and step.request.is_wait and step.request.kind == "Delete":\n',
        "            if False:\n",
    ),
    Break(
        "S1",
        "a Delete takes what another stack has written since",
        "singleton.py",
        "        if is_replaced(record, desired) or is_of_others(step, record):\n",
        "        if is_replaced(record, desired):\n",
    ),
    Break(
        "V1",
        "a training that continues a model does not say which version",
        "records.py",
        "            channel = {**channel, version: latest} if latest else channel\n",
        "            channel = dict(channel) if latest else channel\n",
    ),
    Break(
        "V1",
        "the search for a first version finds later ones",
        "records.py",
        "    return [each for each in found if continues or version not in each]\n",
        "    return found\n",
    ),
)
