"""Random lifecycles, a few hundred steps, and some hard ones; `make soak` takes 20,000 and every behavior of AWS."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from cleanrooms_ml_simulator.lifecycle.hardships import HARDSHIPS, Hardship
from cleanrooms_ml_simulator.lifecycle.random_lifecycles import RandomLifecycles
from cleanrooms_ml_simulator.world import World


class Quiet(RandomLifecycles):
    """On an AWS that is well-behaved but for the faults that are drawn."""

    behaviors = ()
    draws = frozenset()


class Eventful(RandomLifecycles):
    """The same, with long runs, lost executions, retained resources and all else that lifecycles may have."""

    behaviors = ()


@pytest.mark.parametrize("lifecycles", [Quiet, Eventful, RandomLifecycles])
def test_random_lifecycles_leave_nothing_that_must_never_happen(lifecycles: type[RandomLifecycles]) -> None:
    before = RandomLifecycles.steps
    run_state_machine_as_test(
        lifecycles,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            # The same lifecycles in every run of the tests: `make soak` draws new ones.
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            # To shorten what it finds takes minutes: `make soak` does that.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert RandomLifecycles.steps - before >= 200
    assert not RandomLifecycles.total


# Of each the last kind; `make faults` tries all kinds, with every behavior.
@pytest.mark.parametrize("hardship", HARDSHIPS, ids=str)
def test_a_hard_lifecycle_leaves_nothing_that_must_never_happen(world: World, hardship: Hardship) -> None:
    audit = hardship.run(world, hardship.cases[-1])
    assert not audit, str(audit)


def test_every_hard_lifecycle_has_a_name_of_its_own_and_kinds() -> None:
    assert len({str(hardship) for hardship in HARDSHIPS}) == len(HARDSHIPS)
    assert all(hardship.cases for hardship in HARDSHIPS)
