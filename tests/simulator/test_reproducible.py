"""The same seed gives the same run, in every process."""

from __future__ import annotations

import os
import subprocess
import sys

_SEED = 7
_STEPS = 20
# Prints the hash of everything that the service was asked in a few random lifecycles.
_RUN = f"""
import contextlib, hashlib
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from cleanrooms_ml_simulator import environment
from cleanrooms_ml_simulator.lifecycle.random_lifecycles import RandomLifecycles

calls = hashlib.sha256()
count = 0

class Recorded(RandomLifecycles):
    def teardown(self):
        global count
        try:
            super().teardown()
        finally:
            for entry in self.world.emulator.journal:
                calls.update(repr(entry).encode())
                count += 1

environment.isolate()
options = settings(max_examples=2, stateful_step_count={_STEPS}, deadline=None, database=None,
                   phases=[Phase.generate], suppress_health_check=list(HealthCheck))
with contextlib.suppress(AssertionError):
    run_state_machine_as_test(seed({_SEED})(Recorded), settings=options)
print(count, calls.hexdigest())
"""


def _run(hash_seed: str) -> tuple[int, str]:
    """How many calls the service got, and their hash."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    count, digest = done.stdout.split()
    return int(count), digest


def test_a_seed_gives_the_same_calls_whatever_the_hash_seed_of_python() -> None:
    calls, digest = _run("1")
    assert calls > 100, "the lifecycles do not do enough to prove anything"
    assert _run("2") == (calls, digest)
