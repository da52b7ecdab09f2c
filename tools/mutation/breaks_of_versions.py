"""Small faults of the engine about later versions of a model, which are created again, run again and returned to."""

from __future__ import annotations

from .mutation import Break

_OWNERSHIP = "ownership.py"
_RECORDS = "records.py"

VERSIONS = (
    Break(
        "V1",
        "a version that has failed or is deleted is continued",
        _RECORDS,
        "    if not _has_ended(step, latest):\n",
        "    if True:\n",
    ),
    Break(
        "V1",
        "any version that can be continued passes for the latest",
        _RECORDS,
        "    return max(others, key=",
        "    return min(others, key=",
    ),
    Break(
        "V1",
        "a latest version in progress is passed over",
        _RECORDS,
        "not in (Phase.PENDING, Phase.READY, None)",
        "not in (Phase.READY, None)",
    ),
    Break(
        "V1",
        "the reason does not say what to do about a version that cannot be continued",
        "creation.py",
        "why_not_continued(step, request) if error.fault is Fault.INVALID else",
        "why_not_continued(step, request) if error.fault is Fault.DENIED else",
    ),
    Break(
        "U2",
        "a later version cannot be run again under the name that all share",
        "identity.py",
        "self.fixed_name == other.fixed_name and not self.continues\n",
        "self.fixed_name == other.fixed_name\n",
    ),
    Break(
        "U2",
        "what continues a model of another name is not told to change its own",
        "update.py",
        "        if error.fault is Fault.CONFLICT and desired.fixed_name and",
        "        if error.fault is Fault.DENIED and desired.fixed_name and",
    ),
    Break(
        "U10",
        "the tags of the last version say what the one of the physical id is",
        _OWNERSHIP,
        "    if held is not None:\n",
        "    if False:\n",
    ),
    Break(
        "U10",
        "without a request that created it the version of the physical id is nobody's",
        _OWNERSHIP,
        " or (is_answered and step.owner.owns(record, desired.identity))\n",
        "\n",
    ),
    Break(
        "U2",
        "a rollback says what a version was created as",
        "ownership.py",
        "    if len(asked) == 1 and not step.is_of_this_request(record):\n",
        "    if False:\n",
    ),
)
