"""Small faults of the engine, for the rule that every run has its event."""

from __future__ import annotations

from .mutation import Break

EVENTS = (
    Break(
        "W5",
        "an update in place never starts a watch",
        "watches.py",
        "        return not is_set(step.request.old_properties, _WATCH) and",
        "        return False and",
    ),
    Break(
        "W5",
        "a run that is watched already is watched twice",
        "watches.py",
        " and not _was_watched(step, record, desired)\n",
        "\n",
    ),
    Break(
        "W5",
        "a run to which an update returns counts as watched although a deployment waited for it",
        "watches.py",
        "    return past is None or not (is_set(past.old_properties, _WATCH) or _was_watched(step, record, desired))\n",
        "    return past is None\n",
    ),
    Break(
        "W5",
        "a run that was canceled while the deployment waited is not reported",
        "watching.py",
        '    if phase is Phase.READY and step.request.is_set("Link"):\n',
        '    if phase is Phase.GONE or (phase is Phase.READY and step.request.is_set("Link")):\n',
    ),
    Break(
        "W5",
        "an unknown status that the deployment waited for is not reported",
        "watching.py",
        '    if phase is Phase.READY and step.request.is_set("Link"):\n',
        '    if phase is None or (phase is Phase.READY and step.request.is_set("Link")):\n',
    ),
    Break(
        "W5",
        "a run that was deleted while the deployment waited is not reported",
        "waiting.py",
        "            announce_deleted(step, arn)\n",
        "",
    ),
)
