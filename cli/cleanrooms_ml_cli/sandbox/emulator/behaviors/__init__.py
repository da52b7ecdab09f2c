"""What is special about each kind, in addition to its entry in the table of kinds."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import CLEAN_ROOMS
from ..kinds import KINDS
from ..rules.links import link
from . import analyses, changes, collaboration, custom, lookalike, tables
from .behavior import Behavior

BEHAVIORS: Mapping[str, Behavior] = {
    **{name: Behavior(complete=link) if kind.service == CLEAN_ROOMS else Behavior() for name, kind in KINDS.items()},
    **lookalike.BEHAVIORS,
    **custom.BEHAVIORS,
    **collaboration.BEHAVIORS,
    **tables.BEHAVIORS,
    **analyses.BEHAVIORS,
    **changes.BEHAVIORS,
}
