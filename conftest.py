"""What all tests share, those of the tools too."""

from __future__ import annotations

from cleanrooms_ml_simulator import environment

environment.isolate()

pytest_plugins = ["cleanrooms_ml_simulator.fixtures"]
