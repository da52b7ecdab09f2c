"""Random lifecycles of stacks with random faults, on an AWS that lags, refuses, repeats and reorders.

Usage: python -m tools.contract.soak [--steps 20000] [--seed N ...] [--no-shrink]
Exit code 1, with the lifecycles that show it, if anything happened that must never happen.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from cleanrooms_ml_simulator import environment
from cleanrooms_ml_simulator.audit import Audit
from cleanrooms_ml_simulator.lifecycle.random_lifecycles import RandomLifecycles

_STEPS_OF_A_LIFECYCLE = 50
_LIFECYCLES_AT_ONCE = 10
_SEEDS = 3
_LIFECYCLES_OF_A_SEED = 1_000_000


@dataclass(frozen=True)
class Job:
    """A part of the work: so many steps from a seed."""

    seed: int
    steps: int
    shrinks: bool


def _live(job: Job) -> tuple[int, Audit, list[str]]:
    """So many steps from one seed: the steps, what was found, and the lifecycles that show it, the first shortened."""
    number = job.seed * _LIFECYCLES_OF_A_SEED
    failures: list[str] = []
    while RandomLifecycles.steps < job.steps:
        number += 1
        machine = seed(number)(RandomLifecycles)
        shrinks = [Phase.shrink] if job.shrinks and not failures else []
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=_LIFECYCLES_AT_ONCE,
                    stateful_step_count=_STEPS_OF_A_LIFECYCLE,
                    deadline=None,
                    database=None,
                    report_multiple_bugs=False,
                    phases=[Phase.generate, *shrinks],
                    suppress_health_check=list(HealthCheck),
                ),
            )
        except AssertionError as error:
            notes = "\n".join(getattr(error, "__notes__", ()))
            failures.append(f"seed {number}: {error}\n{notes}")
            print(f"{failures[-1]}\n", flush=True)
    return RandomLifecycles.steps, RandomLifecycles.total, failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20_000, help="of all seeds together")
    parser.add_argument("--seed", type=int, nargs="+", help="default: three random ones")
    parser.add_argument("--no-shrink", action="store_true", help="show failing lifecycles as they were drawn")
    arguments = parser.parse_args()
    environment.isolate()
    begun = time.monotonic()
    seeds = arguments.seed or [random.SystemRandom().randrange(10**6) for _ in range(_SEEDS)]
    steps_of_one = -(-arguments.steps // len(seeds))
    steps, found, failures = 0, Audit(), []
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        for taken, audit, failed in pool.map(
            _live, [Job(number, steps_of_one, not arguments.no_shrink) for number in seeds]
        ):
            steps += taken
            found.add(audit)
            failures += failed
    shown = ", ".join(map(str, seeds))
    print(f"{steps} steps from the seeds {shown} in {time.monotonic() - begun:.0f} s: {found.summary}")
    return 1 if failures or found else 0


if __name__ == "__main__":
    sys.exit(main())
