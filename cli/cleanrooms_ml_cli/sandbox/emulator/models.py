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

# What patterns say of the partition and the Region, with what holds everywhere.
_EVERY_PARTITION = {"arn:aws:": "arn:aws[-a-z]*:", r"[\w]{2}-[\w]{4,9}-[\d]": "[-a-z0-9]+"}


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
    """A model whose patterns Python can read and whose ARNs can be of every partition.

    Python's re has no categories of Unicode. AWS Clean Rooms is in the partition aws alone, and its patterns say so;
    in the sandbox a template can be tried for the others, too.
    """
    return {**raw, "shapes": {name: _shape(shape) for name, shape in raw["shapes"].items()}}


def _shape(shape: dict[str, Any]) -> dict[str, Any]:
    text = shape.get("pattern", "")
    if r"\p{" in text:
        return {key: value for key, value in shape.items() if key != "pattern"}
    for narrow, wide in _EVERY_PARTITION.items():
        text = text.replace(narrow, wide)
    return {**shape, "pattern": text} if text else shape
