"""Every kind of resource, as data."""

from __future__ import annotations

from ..spec import ResourceSpec
from .audience_generation_job import AUDIENCE_GENERATION_JOB
from .configured_audience_model import CONFIGURED_AUDIENCE_MODEL
from .ml_input_channel import ML_INPUT_CHANNEL

SPECS: tuple[ResourceSpec, ...] = (CONFIGURED_AUDIENCE_MODEL, ML_INPUT_CHANNEL, AUDIENCE_GENERATION_JOB)


def spec_of(kind: str) -> ResourceSpec:
    """The spec of a kind, by the API's name of the resource.

    Raises:
        KeyError: This version has no such kind.
    """
    for spec in SPECS:
        if spec.kind == kind:
            return spec
    raise KeyError(kind)
