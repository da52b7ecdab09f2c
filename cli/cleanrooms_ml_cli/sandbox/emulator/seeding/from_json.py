"""Seeds over the control endpoint: JSON fields to the emulator's seed functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..fields import BadInputError, Field, read
from ..kinds import KINDS
from ..models import service_model
from .seeder import Seeder
from .seeds import Seed

_TEXT = Field("text")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)

# What every kind can be seeded with; `data` holds members of the API that are not as by default.
_COMMON: Mapping[str, Field] = {
    "name": _TEXT,
    "id": _TEXT,
    "account": _TEXT,
    "status": _TEXT,
    "tags": Field("map of texts"),
    "membershipIdentifier": _TEXT,
    "collaborationIdentifier": _TEXT,
    "data": Field("map"),
}
_SPECIAL: Mapping[str, Mapping[str, Field]] = {
    "Membership": {"membershipIdentifier": _TEXT, "collaborationIdentifier": _TEXT, "account": _TEXT},
    "ConfiguredAudienceModel": {"name": _TEXT, "account": _TEXT, "id": _TEXT, "policy": _TEXT},
    "AnalysisTemplate": {
        "membershipIdentifier": _TEXT,
        "id": _TEXT,
        "synthetic": Field("map"),
        "score": Field("number", least=0),
    },
    "MissingTable": {"name": Field("text", required=True)},
}
_FIELDS: Mapping[str, Mapping[str, Field]] = {**dict.fromkeys(KINDS, _COMMON), **_SPECIAL}

# The API's names for what the functions call otherwise.
_ARGUMENTS = {"membershipIdentifier": "membership_id", "collaborationIdentifier": "collaboration_id"}


def read_seed(item: object, where: str) -> Callable[[Seeder], dict[str, Any]]:
    """What seeds the thing that one JSON object describes.

    Returns:
        A function that seeds it and returns its kind and its ARN, or its identifier or name if it has no ARN.

    Raises:
        BadInputError: The object is not as it should be.
    """
    kind = str(item.get("kind")) if isinstance(item, dict) else ""
    if kind not in _FIELDS:
        raise BadInputError(f"{where}.kind is {kind}; allowed are {', '.join(_FIELDS)}")
    fields = {**_FIELDS[kind]}
    if "status" in fields and (statuses := _statuses(kind)):
        fields["status"] = Field("text", statuses)
    given = read({"kind": _TEXT, "region": _TEXT, **fields}, item, where)
    if "account" in given and not _ACCOUNT.fullmatch(given["account"]):
        raise BadInputError(f"{where}.account is {given['account']}; allowed are twelve digits")
    region = given.pop("region", "")
    arguments = {_ARGUMENTS.get(name, name): value for name, value in given.items() if name != "kind"}

    def seed(anywhere: Seeder) -> dict[str, Any]:
        seeder = anywhere.in_region(region)
        functions: Mapping[str, Callable[..., str | None]] = {
            "Membership": seeder.membership,
            "ConfiguredAudienceModel": seeder.configured_audience_model,
            "AnalysisTemplate": seeder.analysis_template,
            "MissingTable": seeder.missing_table,
        }
        try:
            key = functions[kind](**arguments) if kind in functions else seeder.plant(_seed(kind, arguments))
        except ValueError as error:
            raise BadInputError(f"{where}: {error}") from error
        if kind == "MissingTable":
            return {"kind": kind, "name": arguments["name"]}
        return {"kind": kind, "arn" if str(key).startswith("arn:") else "identifier": key}

    return seed


def _seed(kind: str, arguments: Mapping[str, Any]) -> Seed:
    return Seed(kind, **{"identifier" if name == "id" else name: value for name, value in arguments.items()})


def _statuses(kind: str) -> tuple[str, ...]:
    """The statuses that the service model knows for a kind; none if it has no status."""
    model = service_model(KINDS[kind].service)
    shape = KINDS[kind].shown_shape(model)
    status = model.members(shape).get("status") if shape else None
    return model.enum(status) if status else ()
