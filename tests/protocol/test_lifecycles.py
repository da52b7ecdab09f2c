"""Random lifecycles, a few hundred steps; `make soak` takes ten thousand."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from cleanrooms_ml_simulator.lifecycle.random_lifecycles import RandomLifecycles


def test_random_lifecycles_leave_no_wait_leak_second_run_or_false_answer() -> None:
    before = RandomLifecycles.steps
    run_state_machine_as_test(
        RandomLifecycles,
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
