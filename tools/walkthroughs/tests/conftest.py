"""The CDK CLI that package.json pins, also for a plain `pytest`."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleanrooms_ml_simulator import environment

HERE = Path(__file__).parent
DEPLOYING = ("test_demo.py", "test_examples.py")

environment.prefer_pinned_cdk()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what deploys, so that `-m "not e2e"` leaves it out."""
    for item in items:
        if item.path.parent == HERE and item.path.name in DEPLOYING:
            item.add_marker(pytest.mark.e2e)
