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
        "not is_set(step.request.old_properties, _WATCH) and not _was_watched(step, record, desired)\n",
        "not is_set(step.request.old_properties, _WATCH)\n",
    ),
    Break(
        "W5",
        "a run to which an update returns counts as watched although a deployment waited for it",
        "watches.py",
        "    return not is_known and not _was_watched(step, record, desired)\n",
        "    return False\n",
    ),
    Break(
        "W5",
        "an update that tries again returns to what it was rolled back from",
        "watches.py",
        "    is_known = is_back and is_set(past.old_properties, _WATCH)\n",
        "    is_known = is_set(past.old_properties, _WATCH)\n",
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
        "        announce_deleted(step, arn)\n",
        "",
    ),
    Break(
        "W5",
        "a delete stops the watch of a run that it leaves alone",
        "steps.py",
        "                self.progress[_WATCHES] = running.watches(self.identity)\n",
        "                self.progress[_WATCHES] = running.watches(self.identity)\n"
        "                self.stop_watches()\n",
    ),
    Break(
        "X6",
        "the watch of a run that is deleted goes on",
        "deletion.py",
        "        step.stop_watches()\n",
        "        pass\n",
    ),
    Break(
        "X9",
        "a delete stops whatever its progress names",
        "steps.py",
        "            if is_watch_of(arn, request_key(self.request)):\n",
        "            if True:\n",
    ),
    Break(
        "W5",
        "a later request for another run counts as the deletion of the watched one",
        "watching.py",
        "    return not is_same and (leaves_it or not its_id) and other_id != its_id\n",
        "    return not is_same\n",
    ),
    Break(
        "W5",
        "a watch ends when its kind leaves the template",
        "worker.py",
        "        return was_accepted(service, request, execution)\n",
        "        return False\n",
    ),
    Break(
        "W6",
        "the background delete of an update ends when its kind leaves the template",
        "worker.py",
        "    return was_started_in_time(service, request, execution)\n",
        "    return False\n",
    ),
    Break(
        "X9",
        "a watch of a kind that the template does not have needs no request",
        "worker.py",
        "    if _is_own(request, service, execution):\n",
        "    if True:\n",
    ),
    Break(
        "W5",
        "a watch ends when the parent of its run leaves the template",
        "watching.py",
        "        return is_asked_for and was_accepted(step.service, step.request, step.execution)\n",
        "        return False\n",
    ),
    Break(
        "W5",
        "a watch that is denied a call does not say so",
        "outcomes.py",
        '    return f"{error.code} ({error.operation})"\n',
        '    return ""\n',
    ),
    Break(
        "W5",
        "the watch of a deleted run counts for the next one",
        "watches.py",
        "        and it.execution.ended_at >= record.created_at - CLOCK_SKEW_SECONDS\n",
        "",
    ),
    Break(
        "X6",
        "a version that a rollback deletes is an end of the others",
        "watching.py",
        "    if phase is Phase.GONE and _is_superseded(step):\n",
        "    if False:\n",
    ),
    Break(
        "W5",
        "a denied proof is none",
        "proof.py",
        "Fault.UNCERTAIN, Fault.DENIED):",
        "Fault.UNCERTAIN):",
    ),
)
