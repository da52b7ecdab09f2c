"""What all tests share, those of the tools too."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from cleanrooms_ml_simulator import environment

environment.isolate()

# A slow machine is no fault of an example.
settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")

pytest_plugins = ["cleanrooms_ml_simulator.fixtures"]
