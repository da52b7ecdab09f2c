"""Small faults of the engine, one for each rule of the contract about what the stack had before a rollback."""

from __future__ import annotations

from .mutation import Break

_DELETION = "deletion.py"
_RETENTION = "retention.py"
_SINGLETON = "singleton.py"
_OWNERSHIP = "singleton_ownership.py"
_POLICY = "resource_policy.py"

RETENTION = (
    Break(
        "D17",
        "a rollback that is continued deletes what was adopted",
        _RETENTION,
        "    while forward is not None and forward.is_repeated_by(back):\n",
        "    while False:\n",
    ),
    Break(
        "D17",
        "any change back is a rollback",
        _RETENTION,
        "    is_way_back = is_rollback(past, back) and forward.replaces(subject, old, own)\n",
        "    is_way_back = forward.replaces(subject, old, own)\n",
    ),
    Break(
        "D8",
        "a rollback to a record counts as its adoption",
        _RETENTION,
        "is_way_back and forward.physical_id != delete.physical_id else None\n",
        "is_way_back else None\n",
    ),
    Break(
        "D5",
        "what was canceled and answered too late was retained",
        _RETENTION,
        "            is_undone = True\n",
        "            is_undone = False\n",
    ),
    Break(
        "D17",
        "what an update that was canceled wrote was retained",
        _RETENTION,
        "    return it.replaces(subject, own, subject(it.properties)) and it.physical_id != physical_id\n",
        "    return False\n",
    ),
    Break(
        "D17",
        "what a failed delete left was never the stack's again",
        _RETENTION,
        "            if it.answered_success and not is_undone:\n",
        "            if False:\n",
    ),
    Break(
        "D5",
        "what a failed delete left was retained",
        _DELETION,
        "    return not _was_given_up(step, record, step.identity(delete.properties), forward.signed_at)\n",
        "    return True\n",
    ),
    Break(
        "D5",
        "what a failed delete left stays when a create is canceled",
        _DELETION,
        " and not is_left(record))\n",
        ")\n",
    ),
    Break(
        "D17",
        "whatever a failed delete was for is to be deleted",
        _DELETION,
        "    return not _is_after_adoption(step, record, word)\n",
        "    return True\n",
    ),
    Break(
        "D5",
        "the failed delete of a rollback leaves what the replacement created",
        _DELETION,
        "    if forward is None or record.created_at >= forward.signed_at - CLOCK_SKEW_SECONDS:\n",
        "    if forward is None:\n",
    ),
    Break(
        "D5",
        "a configuration that a failed delete left stays",
        _SINGLETON,
        "(is_of_others(step, record) or not was_given_up(step, record.id, begun_at)):\n",
        "True:\n",
    ),
    Break(
        "S1",
        "a configuration that a failed delete left is the stack's whoever wrote since",
        _SINGLETON,
        "(is_of_others(step, record) or not was_given_up(step, record.id, begun_at)):\n",
        "not was_given_up(step, record.id, begun_at):\n",
    ),
    Break(
        "D17",
        "the cleanup of a create deletes a retained configuration",
        _SINGLETON,
        "    if _gives_back(step, record, retained(step, record.id, begun_at)):\n",
        "    if _gives_back(step, record, None):\n",
    ),
    Break(
        "D17",
        "a rollback deletes the configuration that the replacement took over",
        _SINGLETON,
        "_gives_back(step, record, retained_before_replacement(step, record.id, step.request)):\n",
        "_gives_back(step, record, None):\n",
    ),
    Break(
        "D17",
        "a rollback deletes the retained statements that the replacement took over",
        _POLICY,
        "        kept = retained_before_replacement(step, step.request.physical_id, step.request)\n",
        "        kept = None\n",
    ),
    Break(
        "D17",
        "a canceled update takes the retained statements with it",
        _POLICY,
        "        kept = retained_before_update(step, step.spec.physical_id(taken_over))\n",
        "        kept = None\n",
    ),
    Break(
        "D17",
        "every cleanup has deleted what it was for",
        _OWNERSHIP,
        "    return retained_before_replacement(step, own, word)\n",
        "    return None\n",
    ),
    Break(
        "D17",
        "what a rollback wrote back is another stack's",
        _OWNERSHIP,
        "            kept = retained(step, own, past.signed_at) if _gives_up(past, subject, own) else None\n",
        "            kept = None\n",
    ),
    Break(
        "S1",
        "whatever shows after a rollback is what it wrote back",
        _OWNERSHIP,
        "            wrote = kept is not None and _equals_asked(step, record, kept)\n",
        "            wrote = kept is not None\n",
    ),
)
