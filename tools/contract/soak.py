"""Random lifecycles of stacks with random faults: nothing may wait, leak, run twice or lie.

Usage: python -m tools.contract.soak [--steps 10000] [--seed N]     exit code 1, with the shortest lifecycle, if it does
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from cleanrooms_ml_simulator import environment
from cleanrooms_ml_simulator.audit import Audit
from cleanrooms_ml_simulator.lifecycle.random_lifecycles import RandomLifecycles

_STEPS_OF_A_LIFECYCLE = 50
_LIFECYCLES_AT_ONCE = 10


def _run(job: tuple[int, int]) -> tuple[int, Audit, str]:
    """So many steps from one seed: the steps, what was found, and the shortest lifecycle that shows it."""
    first, steps = job
    number = first
    while RandomLifecycles.steps < steps:
        number += 1
        stateful = seed(number)(RandomLifecycles)
        try:
            run_state_machine_as_test(
                stateful,
                settings=settings(
                    max_examples=_LIFECYCLES_AT_ONCE,
                    stateful_step_count=_STEPS_OF_A_LIFECYCLE,
                    deadline=None,
                    database=None,
                    report_multiple_bugs=False,
                    phases=[Phase.generate, Phase.shrink],
                    suppress_health_check=list(HealthCheck),
                ),
            )
        except AssertionError as error:
            notes = "\n".join(getattr(error, "__notes__", ()))
            return RandomLifecycles.steps, RandomLifecycles.total, f"seed {number}: {error}\n{notes}"
    return RandomLifecycles.steps, RandomLifecycles.total, ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    arguments = parser.parse_args()
    environment.isolate()
    begun = time.monotonic()
    workers = os.cpu_count() or 1
    jobs = [(arguments.seed + number * 10**6, -(-arguments.steps // workers)) for number in range(workers)]
    steps, found, failures = 0, Audit(), []
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for taken, audit, failure in pool.map(_run, jobs):
            steps += taken
            found.add(audit)
            failures += [failure] if failure else []
    print("\n\n".join(failures))
    print(f"{steps} steps from seed {arguments.seed} in {time.monotonic() - begun:.0f} s: {found.summary}")
    return 1 if failures or found else 0


if __name__ == "__main__":
    sys.exit(main())
