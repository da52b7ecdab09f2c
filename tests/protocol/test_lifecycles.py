"""Random lifecycles, a few hundred steps, and some hard ones; `make soak` takes 20,000, `make faults` all of these."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from cleanrooms_ml_simulator.lifecycle.cases import Case
from cleanrooms_ml_simulator.lifecycle.hardships import HARDSHIPS, Hardship
from cleanrooms_ml_simulator.lifecycle.random_lifecycles import RandomLifecycles
from cleanrooms_ml_simulator.world import World


class Quiet(RandomLifecycles):
    """On an AWS that is well-behaved but for the faults that are drawn."""

    behaviors = ()
    draws = frozenset()


def test_random_lifecycles_leave_no_wait_leak_second_run_or_false_answer() -> None:
    before = RandomLifecycles.steps
    run_state_machine_as_test(
        Quiet,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            # The same lifecycles in every run of the tests: `make soak` draws new ones.
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert RandomLifecycles.steps - before >= 300
    assert not RandomLifecycles.total


# What holds of them; `make faults` tries all, with every behavior.
_HELD = (
    "a canceled create is deployed again",
    "a replacement by a long run is canceled",
    "replacements with 49 tags are rolled back",
)


@pytest.mark.parametrize(
    ("hardship", "case"),
    [
        pytest.param(hardship, case, id=f"{hardship}-{case}")
        for hardship in HARDSHIPS
        for case in hardship.cases
        if str(hardship) in _HELD
    ],
)
def test_a_hard_lifecycle_leaves_nothing_that_must_never_happen(world: World, hardship: Hardship, case: Case) -> None:
    assert not hardship.run(world, case)


def test_every_hard_lifecycle_has_a_name_of_its_own_and_kinds() -> None:
    assert len({str(hardship) for hardship in HARDSHIPS}) == len(HARDSHIPS)
    assert all(hardship.cases for hardship in HARDSHIPS)
