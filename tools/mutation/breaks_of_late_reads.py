"""Small faults of the engine, one for each thing that a read of before an earlier change must not be taken for."""

from __future__ import annotations

from .mutation import Break

_POLICY = "resource_policy.py"
_SINGLETON = "singleton.py"

LATE_READS = (
    Break(
        "U20",
        "what a read shows is there",
        "in_place.py",
        "is_certain = step.shows_earlier_changes",
        "is_certain = True",
    ),
    Break(
        "U20",
        "a configuration that shows is there",
        _SINGLETON,
        "return changes and not step.shows_earlier_changes and record.updated_at < step.request.signed_at",
        "return False",
    ),
    Break(
        "U20",
        "statements that show are there",
        _POLICY,
        "if is_shown and (not is_change or step.shows_earlier_changes):",
        "if is_shown:",
    ),
    Break(
        "U15",
        "a document that another changed is the one that was read",
        _POLICY,
        "may_be_late = _GUARD.search(error.message) and step.now < refused_at + SETTLING_SECONDS",
        "may_be_late = False",
    ),
    Break(
        "C11",
        "a document is deleted as it was read",
        _POLICY,
        "_unless_changed(step, identifiers, record, lambda: put(step, request))",
        "_unless_changed(step, identifiers, record, lambda: put(step, request) if after else None)",
    ),
    Break(
        "U10",
        "a record with the user's name is somebody else's",
        "ownership.py",
        "return is_answered or step.is_of_this_request(record) or _was_answered(step, record, desired)",
        "return is_answered or step.is_of_this_request(record)",
    ),
    Break(
        "U10",
        "a list that lacks the own execution has all the others",
        "steps.py",
        "if is_own_due and all(",
        "if False and all(",
    ),
    Break(
        "C15",
        "what is adopted soon after it was created stays as it was",
        "creation.py",
        "return align(step, adopted, desired) if step.phase(adopted) in USABLE else adopted",
        "return adopted if step.is_of_this_request(adopted) else align(step, adopted, desired)",
    ),
    Break(
        "D14",
        "a delete that had ended deletes what came after it",
        "creation.py",
        "(stays and past.execution.ended_at > record.created_at - CLOCK_SKEW_SECONDS)",
        "stays",
    ),
    Break(
        "V1",
        "the marker of a version is that of all",
        "ownership.py",
        "    if has_other_versions(step, record):\n        # They share",
        "    if False:\n        # They share",
    ),
    Break(
        "V1",
        "the tags of a version prove whose it is",
        "ownership.py",
        "            return _is_version_in_state(step, record, desired)\n",
        "            return is_named\n",
    ),
    Break(
        "S1",
        "a request that has ended wrote what came after it",
        "past_request.py",
        "        return self.signed_at <= moment + CLOCK_SKEW_SECONDS and not is_over\n",
        "        return self.signed_at <= moment + CLOCK_SKEW_SECONDS\n",
    ),
    Break(
        "A1",
        "what does not show its tag yet is not the stack's",
        "engine.py",
        "if step.now < step.progress.get(ACCEPTED_AT, 0.0) + SETTLING_SECONDS:",
        "if False:",
    ),
    Break(
        "A2",
        "what does not show its tag is given back",
        "adoption.py",
        "if record is not None and OWNERSHIP_TAG_KEY not in record.tags and not step.settled():",
        "if False:",
    ),
    Break(
        "D13",
        "what an earlier request created in its last call shows",
        "steps.py",
        "max(self.request.signed_at, ended_at) + SETTLING_SECONDS\n",
        "self.request.signed_at + SETTLING_SECONDS\n",
    ),
    Break(
        "D13",
        "what a stopped request created in its last call shows",
        "deletion.py",
        "_scope(step, desired)).count or not step.shows_earlier_changes:\n",
        "_scope(step, desired)).count or not step.settled():\n",
    ),
    Break(
        "D13",
        "the singleton that a stopped request created in its last call shows",
        "singleton.py",
        '    if not step.progress.get("seen") and not step.shows_earlier_changes:\n',
        '    if not step.progress.get("seen") and not step.settled():\n',
    ),
    Break(
        "U20",
        "a rollback that arrives first is none",
        "update.py",
        "    return last is not None and step.identity(last.properties) == desired.identity\n",
        "    return False\n",
    ),
)
