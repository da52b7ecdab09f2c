"""A world, and an account as the commands read it."""

from __future__ import annotations

import pytest

from cleanrooms_ml_simulator.world import World

from .account import Account


@pytest.fixture
def account(world: World) -> Account:
    return Account(world)
