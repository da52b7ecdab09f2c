"""What all tests share, those of the tools too."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from cleanrooms_ml_simulator import environment

environment.isolate()
environment.spare_node()
# Nothing of what a collection creates is garbage; looking for it takes a fifth of its time, in each worker.
gc.disable()

# A slow machine is no fault of an example.
settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")

ROOT = Path(__file__).parent
# What takes longest by itself: it mostly waits, for the CDK CLI and for functions. Begun last, it would keep one worker
# busy after all others have ended.
LONGEST = (
    "tests/package/test_walks.py",
    "tests/e2e/test_lifecycles.py",
    "tests/lost_requests/test_lost_requests.py",
    "tests/e2e/test_bad_input.py",
    "tests/e2e/test_channel.py",
    "tests/e2e/test_regions.py",
    "tools/walkthroughs/tests/test_demo.py",
    "tests/secrecy/test_on_sandbox.py",
    "tests/e2e/test_pipelines.py",
    "tests/command/test_on_sandbox.py",
    "tests/sandbox/test_deploy_command.py",
    "tests/sandbox/test_custom_resources.py",
    "tests/sandbox/test_command.py",
    "tests/sandbox/test_process.py",
    "tests/command/test_verify.py",
    "tests/lost_requests/test_real_provider.py",
    "tools/walkthroughs/tests/test_examples.py",
    "tests/security/test_check_bounds.py",
    "tests/iam/test_on_sandbox.py",
    "tests/upgrade/test_on_sandbox.py",
    "tests/iam/test_own_roles_on_sandbox.py",
    "tests/sandbox/test_quick_start.py",
    "tests/package/test_wheel.py",
    "tools/resource/tests/test_scaffold.py",
    "tests/e2e/test_synth.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the files that take longest."""
    order = {ROOT / file: number for number, file in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))


def pytest_collection_finish() -> None:
    """Looks for garbage from here on: tests rely on it, by the warnings of what is not closed."""
    gc.enable()


pytest_plugins = ["cleanrooms_ml_simulator.fixtures"]
