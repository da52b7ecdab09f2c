"""Seeds over the control endpoint: JSON fields to the emulator's seed functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cleanrooms_ml_handlers.model import service_model

from .fields import BadInputError, Field, read

if TYPE_CHECKING:
    from .administration import Administration

_TEXT = Field("text")
_TAGS = Field("map of texts")

_FIELDS: Mapping[str, Mapping[str, Field]] = {
    "Membership": {"membershipIdentifier": _TEXT, "collaborationIdentifier": _TEXT},
    "TrainingDataset": {"name": _TEXT, "id": _TEXT},
    "AudienceModel": {
        "name": _TEXT,
        "status": Field("text", service_model("cleanroomsml").enum("AudienceModelStatus")),
        "id": _TEXT,
        "tags": _TAGS,
    },
    "ConfiguredAudienceModel": {"name": _TEXT, "account": _TEXT, "id": _TEXT, "policy": _TEXT},
    "ConfiguredModelAlgorithmAssociation": {
        "membershipIdentifier": _TEXT,
        "collaborationIdentifier": _TEXT,
        "name": _TEXT,
        "id": _TEXT,
        "account": _TEXT,
        "tags": _TAGS,
    },
    "AnalysisTemplate": {
        "membershipIdentifier": _TEXT,
        "id": _TEXT,
        "synthetic": Field("map"),
        "score": Field("number", least=0),
    },
    "MissingTable": {"name": Field("text", required=True)},
}

# The API's names for what the functions call otherwise.
_ARGUMENTS = {"membershipIdentifier": "membership_id", "collaborationIdentifier": "collaboration_id"}


def read_seed(item: object, where: str) -> Callable[[Administration], dict[str, Any]]:
    """What seeds the thing that one JSON object describes.

    Returns:
        A function that tells the kind with the ARN, or for what has none with its identifier or name.

    Raises:
        BadInputError: The object is not as it should be.
    """
    kind = str(item.get("kind")) if isinstance(item, dict) else ""
    if kind not in _FIELDS:
        raise BadInputError(f"{where}.kind is {kind}; allowed are {', '.join(_FIELDS)}")
    given = read({"kind": _TEXT, **_FIELDS[kind]}, item, where)
    arguments = {_ARGUMENTS.get(name, name): value for name, value in given.items() if name != "kind"}

    def seed(emulator: Administration) -> dict[str, Any]:
        functions: Mapping[str, Callable[..., str | None]] = {
            "Membership": emulator.seed_membership,
            "TrainingDataset": emulator.seed_training_dataset,
            "AudienceModel": emulator.seed_audience_model,
            "ConfiguredAudienceModel": emulator.seed_configured_audience_model,
            "ConfiguredModelAlgorithmAssociation": emulator.seed_configured_model_algorithm_association,
            "AnalysisTemplate": emulator.seed_analysis_template,
            "MissingTable": emulator.seed_missing_table,
        }
        try:
            made = functions[kind](**arguments)
        except ValueError as error:
            raise BadInputError(f"{where}: {error}") from error
        if kind == "MissingTable":
            return {"kind": kind, "name": arguments["name"]}
        return {"kind": kind, "identifier" if kind == "Membership" else "arn": made}

    return seed
