"""Small faults of the engine, one for each rule of the contract about the way back to an earlier resource."""

from __future__ import annotations

from .mutation import Break

_CREATION = "creation.py"
_UPDATE = "update.py"

ROLLBACKS = (
    Break(
        "U10",
        "only what this request created is adopted",
        _CREATION,
        "        if not _is_being_deleted(step, desired, record):\n            return record\n",
        "",
    ),
    Break(
        "U10",
        "a rollback does not return to a status that is not known",
        _UPDATE,
        "_RETURNED_TO = frozenset({*Phase, None}) - {Phase.DELETING}\n",
        "_RETURNED_TO = frozenset(Phase) - {Phase.DELETING}\n",
    ),
    Break(
        "U10",
        "a rollback does not wait for what the list shows late",
        _UPDATE,
        "    if not step.settled() and _is_rollback(",
        "    if False and _is_rollback(",
    ),
    Break(
        "U10",
        "a rollback that is continued days later does not know what it undoes",
        _CREATION,
        "    past = undone_update(step, desired, record.created_at)\n",
        "    past = undone_update(step, desired, step.request.signed_at - 48 * 3600)\n",
    ),
    Break(
        "U13",
        "a rollback that is continued days later leaves what was created",
        _UPDATE,
        "kept.created_at if kept else request.signed_at - DEPLOYMENT_SECONDS",
        "request.signed_at - DEPLOYMENT_SECONDS",
    ),
    Break(
        "U13",
        "what an interrupted update created remains",
        _UPDATE,
        "    remaining = delete_all(step, previous, _interrupted(step, previous, record))\n",
        "    remaining = Remaining(0, 0)\n",
    ),
    Break(
        "U16",
        "a rollback waits for the run that it undoes",
        _UPDATE,
        "    if remaining.count == remaining.running > 0:\n",
        "    if False:\n",
    ),
    Break(
        "U14",
        "an expired run is not the old one",
        _UPDATE,
        "desired, found, _RETURNED_TO)",
        "desired, found, USABLE)",
    ),
    Break(
        "U10",
        "any resource of the old state is returned to",
        _CREATION,
        "    return sorted(found, key=lambda it: it.id not in known)\n",
        "    return found\n",
    ),
    Break(
        "U10",
        "a lost rollback does not return to a run that failed",
        _UPDATE,
        "find_records(step, desired), _RETURNED_TO)",
        "find_records(step, desired), USABLE)",
    ),
    Break(
        "U14",
        "a rollback that arrives before its update does not return to what is dead",
        _CREATION,
        "    if record.id == step.request.physical_id and not previous.needs_name_of(desired):\n",
        "    if False:\n",
    ),
    Break(
        "U10",
        "a change back that was still in progress counts as a rollback",
        "history.py",
        "        if it.execution.ended_at >= next_at:\n",
        "        if False:\n",
    ),
    Break(
        "U10",
        "Ready fails for a run to which a rollback returns",
        "waiting.py",
        "    if not replaces or is_rollback(step.past(since), step.request):\n",
        "    if not replaces:\n",
    ),
    Break(
        "U14",
        "Ready fails for a run to which a rollback returns that arrives before its update",
        "waiting.py",
        "    if not step.settled() and record.created_at < step.request.signed_at - CLOCK_SKEW_SECONDS:\n",
        "    if False:\n",
    ),
    Break(
        "D14",
        "the rescue of a change back leaves the resource as it was",
        _UPDATE,
        "    return _returned_to(step, record, desired, previous) if record is not None else None\n",
        "    return record\n",
    ),
)
