"""What is special about each kind, beside its entry in the table of kinds."""

from __future__ import annotations

from collections.abc import Mapping

from ..kinds import KINDS
from . import collaboration, custom, lookalike
from .behavior import Behavior

BEHAVIORS: Mapping[str, Behavior] = {
    **{name: Behavior() for name in KINDS},
    **lookalike.BEHAVIORS,
    **custom.BEHAVIORS,
    **collaboration.BEHAVIORS,
}
