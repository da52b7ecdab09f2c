"""What AWS may do otherwise than in a quiet world, as data: each behavior is one sentence about one service."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

from cleanrooms_ml_cli.sandbox.emulator import Emulator

from ..functions import Lambda
from ..provider import Provider
from ..simulation import Simulation
from ..step_functions.api import StatesApi
from ..wire import Wire
from .past import Past


class Surroundings(Protocol):
    """What behaviors change: a world, of which this is a part.

    Attributes:
        chance: The random numbers of this world; the same in every run.
        past: What the service held earlier.
        behind_seconds: How far the clock of Clean Rooms ML is behind.
        reaction_seconds: How long CloudFormation takes between what it learns and what it does next.
    """

    simulation: Simulation
    emulator: Emulator
    states: StatesApi
    functions: Lambda
    wire: Wire
    providers: dict[str, Provider]
    chance: random.Random
    past: Past
    behind_seconds: float
    reaction_seconds: float

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Have something happen later."""
        ...


class Behavior(Protocol):
    """One behavior. Its fields are what can be chosen; it keeps nothing that belongs to one world."""

    def arm(self, world: Surroundings) -> None:
        """Let the world behave like this from now on."""
        ...
