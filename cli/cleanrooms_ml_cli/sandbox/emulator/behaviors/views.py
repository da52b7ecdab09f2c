"""What a record shows to the account that asks."""

from __future__ import annotations

from typing import Any

from ..state.lifecycle import Record
from ..state.world import World
from . import BEHAVIORS


def view(world: World, record: Record) -> dict[str, Any]:
    """All members that replies may show of a record at this moment."""
    return world.view(record) | BEHAVIORS[record.kind].shown(world, record)
