"""Every kind of resource, as data."""

from __future__ import annotations

from ..spec import ResourceSpec
from .audience_export_job import AUDIENCE_EXPORT_JOB
from .audience_generation_job import AUDIENCE_GENERATION_JOB
from .audience_model import AUDIENCE_MODEL
from .configured_audience_model import CONFIGURED_AUDIENCE_MODEL
from .configured_audience_model_association import CONFIGURED_AUDIENCE_MODEL_ASSOCIATION
from .configured_audience_model_policy import CONFIGURED_AUDIENCE_MODEL_POLICY
from .ml_configuration import ML_CONFIGURATION
from .ml_input_channel import ML_INPUT_CHANNEL
from .trained_model import TRAINED_MODEL
from .trained_model_export_job import TRAINED_MODEL_EXPORT_JOB
from .trained_model_inference_job import TRAINED_MODEL_INFERENCE_JOB

SPECS: tuple[ResourceSpec, ...] = (
    CONFIGURED_AUDIENCE_MODEL,
    ML_INPUT_CHANNEL,
    AUDIENCE_GENERATION_JOB,
    AUDIENCE_MODEL,
    AUDIENCE_EXPORT_JOB,
    CONFIGURED_AUDIENCE_MODEL_POLICY,
    CONFIGURED_AUDIENCE_MODEL_ASSOCIATION,
    ML_CONFIGURATION,
    TRAINED_MODEL,
    TRAINED_MODEL_INFERENCE_JOB,
    TRAINED_MODEL_EXPORT_JOB,
)


def spec_of(kind: str) -> ResourceSpec:
    """The spec of a kind, by the API's name of the resource.

    Raises:
        KeyError: This version has no such kind.
    """
    for spec in SPECS:
        if spec.kind == kind:
            return spec
    raise KeyError(kind)
