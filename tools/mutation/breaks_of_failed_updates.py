"""Small faults of the engine, one for each thing that the rollback of a failed update in place must get right."""

from __future__ import annotations

from .mutation import Break

_ENGINE = "engine.py"
_IN_PLACE = "in_place.py"
_OWNERSHIP = "ownership.py"

FAILED_UPDATES = (
    Break(
        "U7",
        "a refused change that was not needed fails",
        _IN_PLACE,
        "    if not is_shown:\n        raise error\n",
        "    raise error\n",
    ),
    Break(
        "U20",
        "a refused change was not needed although reads are late",
        _IN_PLACE,
        "    if not step.shows_earlier_changes:\n        if error.fault",
        "    if False:\n        if error.fault",
    ),
    Break(
        "U7",
        "a member that is cleared has to show",
        _IN_PLACE,
        " or (answer.get(key) is None and value == cleared.get(key))\n",
        "\n",
    ),
    Break(
        "U7",
        "an old tag goes before a new one is there",
        _IN_PLACE,
        "    has_room = counted_tags({*record.tags, *may_have, *added}) <= TAGS_PER_RESOURCE\n",
        "    has_room = False\n",
    ),
    Break(
        "U6",
        "a new tag has room",
        _IN_PLACE,
        "    has_room = counted_tags({*record.tags, *may_have, *added}) <= TAGS_PER_RESOURCE\n",
        "    has_room = True\n",
    ),
    Break(
        "U7",
        "refused statements that were not needed fail",
        "resource_policy.py",
        "            require_shown(step, error, is_shown=is_shown)\n",
        "            raise\n",
    ),
    Break(
        "U7",
        "a refused configuration that was not needed fails",
        "singleton.py",
        "            require_shown(step, error, is_shown=equals(record, desired))\n",
        "            raise\n",
    ),
    Break(
        "U3",
        "the rollback of an update of what is gone fails",
        _OWNERSHIP,
        "    if undoes_failed_update(step):\n        return None\n",
        "",
    ),
    Break(
        "U3",
        "a change back of what is gone succeeds",
        _OWNERSHIP,
        "            return it.is_undone_by(wanted, old) and not it.answered_success\n",
        "            return it.is_undone_by(wanted, old)\n",
    ),
    Break(
        "U3",
        "a rollback that is continued is none",
        _OWNERSHIP,
        '        if it.kind != "Update" or (it.properties, it.old_properties) != (wanted, old):\n',
        "        if True:\n",
    ),
    Break(
        "U3",
        "a wait does not return to what is gone",
        "waiting.py",
        "        if undoes_failed_update(step):\n            return _results(step, {})\n",
        "",
    ),
    Break(
        "W5",
        "a run that is gone is watched again",
        _OWNERSHIP,
        ', "createTime": datetime.fromtimestamp(0, tz=UTC)}',
        "}",
    ),
    Break(
        "U7",
        "a lost rollback restores nothing",
        _ENGINE,
        "replacement_of_lost(step) or _restored(step)\n",
        "replacement_of_lost(step)\n",
    ),
    Break(
        "U7",
        "the lost rollback of a wait fails",
        _ENGINE,
        "        if request.is_wait and _is_rollback(step):\n",
        "        if False:\n",
    ),
    Break(
        "U8",
        "a lost update in place is carried out although it is no rollback",
        _ENGINE,
        "    if not _is_rollback(step):\n        return None\n",
        "",
    ),
    Break(
        "U13",
        "a lost rollback lets the update that it undoes go on",
        _ENGINE,
        "    step.supersede_earlier()\n    require_own_parent(step, request.properties)\n",
        "    require_own_parent(step, request.properties)\n",
    ),
)
