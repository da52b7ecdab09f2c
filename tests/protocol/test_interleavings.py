"""Overlapping requests, in every order of their calls; `make faults` does so for every kind."""

from __future__ import annotations

import pytest

from cleanrooms_ml_simulator.behaviors import WELL_BEHAVED
from cleanrooms_ml_simulator.cloudformation.replies import ReplyServer
from cleanrooms_ml_simulator.lifecycle.cases import CHANNEL, MODEL, Case
from cleanrooms_ml_simulator.lifecycle.overlaps import SCENARIOS, Scenario, explored, rollback_overtakes_polling
from cleanrooms_ml_simulator.wire import Connected
from cleanrooms_ml_simulator.world import World


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.__name__ for scenario in SCENARIOS])
def test_no_order_of_calls_leaves_a_wait_leak_second_run_or_false_answer(
    reply_server: ReplyServer, connected: Connected, scenario: Scenario
) -> None:
    # The kind with the fewest calls; only a run is polled.
    case: Case = CHANNEL if scenario is rollback_overtakes_polling else MODEL
    # After the twelfth call the engine only polls, every second, for what may still show.
    orders = list(explored(lambda: World(reply_server, connected, behaviors=WELL_BEHAVED), case, scenario, most=12))
    assert not [f"{at}, {until}: {audit}" for at, until, audit in orders if audit]
    assert len(orders) >= 15
    assert len({at for at, _, _ in orders}) >= 4
