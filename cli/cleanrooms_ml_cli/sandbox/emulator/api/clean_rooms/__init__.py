"""Operations of AWS Clean Rooms that are not of one kind of record: members, schemas, privacy budgets, batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...calls import Call
from ...state.world import World
from ..outcome import Outcome
from . import batches, change_requests, intermediate, members, privacy, schemas

SPECIALS: Mapping[str, Callable[[World, Call], Outcome]] = {
    **members.OPERATIONS,
    **schemas.OPERATIONS,
    **privacy.OPERATIONS,
    **batches.OPERATIONS,
    **intermediate.OPERATIONS,
    **change_requests.OPERATIONS,
}
