"""What counts as no finding, because the documentation names it as a limit."""

from __future__ import annotations

from ..cloudformation.exchange import Exchange
from ..cloudformation.stack import Stack


def seems_rolled_back(stack: Stack, delete: Exchange) -> bool:
    """Whether a Delete is for what was retained, an Update adopted, and the next one changed back to exactly before."""
    if all(it.physical_id != delete.physical_id for it in stack.retained):
        return False
    past = stack.exchanges[: stack.exchanges.index(delete)]
    updates = [it.event for it in past if (it.kind, it.logical_id) == ("Update", delete.logical_id)]
    changes = [(it["OldResourceProperties"], it["ResourceProperties"]) for it in updates[-2:]]
    return len(changes) > 1 and changes[0] == changes[1][::-1]
