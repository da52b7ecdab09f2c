"""Small faults of the engine, one for each rule of the contract about what exists already."""

from __future__ import annotations

from .mutation import Break

_ADOPTION = "adoption.py"
_CREATION = "creation.py"
_DELETION = "deletion.py"

ADOPTION = (
    Break(
        "A1",
        "what the template names is not looked at",
        _CREATION,
        "existing = adopt(step, desired)",
        "existing = None",
    ),
    Break(
        "A1",
        "what is taken over stays as it was",
        _ADOPTION,
        "    return align(step, owned, desired)",
        "    return owned",
    ),
    Break(
        "A2",
        "a rollback deletes what was taken over",
        _DELETION,
        "    borrowed = borrowed_id(step)\n",
        '    borrowed = ""\n',
    ),
    Break(
        "A2",
        "what is given back keeps the ownership tag",
        _ADOPTION,
        'step.call("UntagResource", {"resourceArn": record.arn, "tagKeys": [OWNERSHIP_TAG_KEY]})',
        "pass",
    ),
    Break(
        "A3",
        "it is never deleted",
        _ADOPTION,
        'return "" if deletes_another else named',
        "return named or step.request.physical_id",
    ),
    Break(
        "A4",
        "what another stack owns is taken over",
        _ADOPTION,
        "if owner and not step.owner.owns(record):",
        "if False:",
    ),
    Break("A4", "what differs is taken over", _ADOPTION, "    if found:\n", "    if not shown:\n"),
    Break(
        "A4",
        "a run that failed is taken over",
        _ADOPTION,
        "if record.is_marked_for_deletion or step.phase(record) is not Phase.READY:",
        "if record.is_marked_for_deletion:",
    ),
    Break(
        "A5", "an update takes over silently", _ADOPTION, "if named and named != step.request.physical_id:", "if False:"
    ),
)
