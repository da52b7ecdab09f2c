"""AWS CDK constructs for AWS Clean Rooms ML."""

from __future__ import annotations

from ._provider import CleanRoomsMLProvider
from .audience_generation_job import (
    AudienceGenerationJob,
    AudienceGenerationJobGrants,
    IAudienceGenerationJob,
    SeedAudience,
)
from .audience_model import AudienceModel, IAudienceModel
from .checks import CleanRoomsMLChecks
from .configured_audience_model import (
    AudienceSizes,
    ConfiguredAudienceModel,
    ConfiguredAudienceModelGrants,
    IConfiguredAudienceModel,
    SharedAudienceMetrics,
    TagOnCreatePolicy,
)
from .configured_model_algorithm_association import (
    ConfiguredModelAlgorithmAssociation,
    IConfiguredModelAlgorithmAssociation,
)
from .membership import IMembership, Membership
from .ml_input_channel import IMLInputChannel, MLInputChannel, MLInputChannelGrants
from .protected_query import ProtectedQuery, ResultFormat, WorkerCompute, WorkerType
from .wait import Wait

__all__ = [
    "AudienceGenerationJob",
    "AudienceGenerationJobGrants",
    "AudienceModel",
    "AudienceSizes",
    "CleanRoomsMLChecks",
    "CleanRoomsMLProvider",
    "ConfiguredAudienceModel",
    "ConfiguredAudienceModelGrants",
    "ConfiguredModelAlgorithmAssociation",
    "IAudienceGenerationJob",
    "IAudienceModel",
    "IConfiguredAudienceModel",
    "IConfiguredModelAlgorithmAssociation",
    "IMLInputChannel",
    "IMembership",
    "MLInputChannel",
    "MLInputChannelGrants",
    "Membership",
    "ProtectedQuery",
    "ResultFormat",
    "SeedAudience",
    "SharedAudienceMetrics",
    "TagOnCreatePolicy",
    "Wait",
    "WorkerCompute",
    "WorkerType",
]
