"""An emulation of the AWS Clean Rooms ML control plane, for tests and for the sandbox.

`Emulator.handle` answers requests in the service's own wire format; `Emulator.control` answers the control endpoint
below `/_cleanroomsml/` (see `control`); the methods of `Administration` are the same levers in Python.
"""

from .emulator import Emulator
from .faults import Fault
from .lifecycle import Durations
from .quotas import (
    ACTIVE_ML_INPUT_CHANNELS,
    AUDIENCE_MODELS,
    CONFIGURED_AUDIENCE_MODELS,
    PENDING_AUDIENCE_GENERATION_JOBS,
    PENDING_AUDIENCE_MODELS,
    PENDING_SYNTHETIC_ML_INPUT_CHANNELS,
    QUOTAS,
    Quota,
)
from .wire import DroppedConnection, Request, Response
from .world import Options, RunOrder

__all__ = [
    "ACTIVE_ML_INPUT_CHANNELS",
    "AUDIENCE_MODELS",
    "CONFIGURED_AUDIENCE_MODELS",
    "PENDING_AUDIENCE_GENERATION_JOBS",
    "PENDING_AUDIENCE_MODELS",
    "PENDING_SYNTHETIC_ML_INPUT_CHANNELS",
    "QUOTAS",
    "DroppedConnection",
    "Durations",
    "Emulator",
    "Fault",
    "Options",
    "Quota",
    "Request",
    "Response",
    "RunOrder",
]
