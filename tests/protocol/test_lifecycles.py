"""Random lives, a few hundred steps; `make soak` takes ten thousand."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from cleanrooms_ml_simulator.lifecycle.random_lifecycles import RandomLifecycles


def test_random_lives_make_nothing_wait_leak_run_twice_or_lie() -> None:
    before = RandomLifecycles.steps
    run_state_machine_as_test(
        RandomLifecycles,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            # The same lives in every run of the tests: new ones are for `make soak`.
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert RandomLifecycles.steps - before >= 300
    assert not RandomLifecycles.total
