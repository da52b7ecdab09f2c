"""What is special about each kind, beside its entry in the table of kinds."""

from __future__ import annotations

from collections.abc import Mapping

from . import collaborations, custom, lookalike
from .behaviour import Behaviour
from .kinds import KINDS

BEHAVIOURS: Mapping[str, Behaviour] = {
    **{name: Behaviour() for name in KINDS},
    **lookalike.BEHAVIOURS,
    **custom.BEHAVIOURS,
    **collaborations.BEHAVIOURS,
}
