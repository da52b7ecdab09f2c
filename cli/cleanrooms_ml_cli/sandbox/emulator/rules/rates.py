"""The documented request rates.

Source: user guide of AWS Clean Rooms, quotas of AWS Clean Rooms and of Clean Rooms ML, API throttling.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import CLEAN_ROOMS
from ..kinds import KIND_OF_OPERATION
from ..state.throttle import Rate

_OF_OPERATION: Mapping[str, Rate] = {
    "CreateAudienceModel": Rate(1, 3),
    "StartAudienceGenerationJob": Rate(1, 5),
    "StartAudienceExportJob": Rate(1, 3),
    "CreateTrainedModel": Rate(1, 3),
    "StartTrainedModelInferenceJob": Rate(1, 3),
    "CreateConfiguredAudienceModel": Rate(10, 10),
    "UpdateConfiguredAudienceModel": Rate(10, 10),
    "CreateTrainingDataset": Rate(10, 10),
    "CreateConfiguredModelAlgorithm": Rate(10, 10),
    "CreateConfiguredModelAlgorithmAssociation": Rate(10, 10),
    "PutMLConfiguration": Rate(10, 10),
    "TagResource": Rate(10, 10),
    "StartTrainedModelExportJob": Rate(10, 10),
    "PutConfiguredAudienceModelPolicy": Rate(25, 25),
    "DeleteConfiguredAudienceModelPolicy": Rate(25, 25),
    "DeleteAudienceModel": Rate(2, 10),
    "DeleteAudienceGenerationJob": Rate(2, 10),
    "DeleteConfiguredModelAlgorithm": Rate(2, 10),
    "DeleteConfiguredModelAlgorithmAssociation": Rate(2, 10),
    "DeleteMLConfiguration": Rate(2, 10),
    "DeleteTrainedModelOutput": Rate(2, 10),
    "DeleteConfiguredAudienceModel": Rate(10, 10),
    "DeleteTrainingDataset": Rate(10, 10),
    "UntagResource": Rate(50, 50),
}
_READING = Rate(50, 50)
_CLEAN_ROOMS = Rate(5, 5)


def rate(service: str, operation: str) -> Rate | None:
    """The documented rate of an operation; those of ML input channels and of cancellations are not documented."""
    if service == CLEAN_ROOMS:
        return _CLEAN_ROOMS
    kind = KIND_OF_OPERATION.get(operation)
    if kind is not None and kind.name == "MLInputChannel":
        return None
    if operation.startswith(("Get", "List")):
        return _READING
    return _OF_OPERATION.get(operation)
