"""An emulation of the AWS Clean Rooms ML control plane, for tests and for the sandbox.

`Emulator.handle` answers requests in the services' own wire format; `Emulator.control` answers the control endpoint
below `/_cleanroomsml/` (see `control`); its other methods do the same in Python;
`Emulator.native` handles the types that CloudFormation has itself.
"""

from .api.wire import Request, Response, emulator_error
from .emulator import Emulator
from .errors import DroppedConnection
from .native import Native, NativeError
from .rules import quotas
from .rules.quotas import (
    ACTIVE_ML_INPUT_CHANNELS,
    AUDIENCE_MODELS,
    CONFIGURED_AUDIENCE_MODELS,
    PENDING_AUDIENCE_GENERATION_JOBS,
    PENDING_AUDIENCE_MODELS,
    PENDING_SYNTHETIC_ML_INPUT_CHANNELS,
    QUOTAS,
    Quota,
)
from .seeding.seeds import Seed
from .state.faults import Fault
from .state.lifecycle import Durations
from .state.settings import Options, RunOrder

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
    "Native",
    "NativeError",
    "Options",
    "Quota",
    "Request",
    "Response",
    "RunOrder",
    "Seed",
    "emulator_error",
    "quotas",
]
