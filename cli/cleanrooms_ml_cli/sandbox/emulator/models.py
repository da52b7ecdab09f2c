"""The service models that the emulator answers with: the stored one of Clean Rooms ML, botocore's own of Clean Rooms.

What the Lambda functions ship of AWS Clean Rooms is only what they call. Other people's software calls the rest, and
the sandbox has botocore anyway.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from cleanrooms_ml_handlers.model import ServiceModel
from cleanrooms_ml_handlers.model import service_model as stored_model

CLEAN_ROOMS_ML = "cleanroomsml"
CLEAN_ROOMS = "cleanrooms"


@cache
def service_model(service: str) -> ServiceModel:
    """The whole model of a service, by its name in boto3."""
    if service == CLEAN_ROOMS_ML:
        return stored_model(service)
    from botocore.loaders import Loader

    # Without AWS_DATA_PATH, which can lead to the reduced model.
    loader = Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    return ServiceModel(_readable(loader.load_service_model(service, "service-2")))


def _readable(raw: dict[str, Any]) -> dict[str, Any]:
    """A model without the patterns of Unicode categories, which Python's re does not have."""
    shapes = {
        name: {key: value for key, value in shape.items() if key != "pattern" or r"\p{" not in value}
        for name, shape in raw["shapes"].items()
    }
    return {**raw, "shapes": shapes}
