"""What the service holds, compared with what was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_handlers.model import boolean, service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import Cardinality, Phase, ResourceSpec

BY_KIND = {spec.kind: spec for spec in SPECS}
_ASSET_KEYS = {"S3Bucket", "S3Key"}


def phase_of(record: Mapping[str, Any]) -> Phase | None:
    """What a record's status means; None if its kind is not ours or its status is not known."""
    spec = BY_KIND.get(record["kind"])
    if spec is None:
        return None
    return spec.statuses.get(record["status"]) if spec.statuses else Phase.READY


def is_over(record: Mapping[str, Any]) -> bool:
    """Whether nothing of a record costs or holds anything: its data is gone, or all that the API leaves is a record."""
    return not record["holds"]


def statements(document: Any) -> list[Mapping[str, Any]]:
    """The statements of a policy document without their ids."""
    parsed = json.loads(document) if isinstance(document, str) else document
    listed = parsed.get("Statement", []) if isinstance(parsed, Mapping) else parsed
    return [{key: value for key, value in statement.items() if key != "Sid"} for statement in listed]


def physical_id(record: Mapping[str, Any]) -> str:
    """The physical id of what the service holds; its ARN if the kind is not ours."""
    spec = BY_KIND.get(record["kind"])
    if spec is None or spec.cardinality is not Cardinality.NAMED or not record["data"]:
        # By which the emulator knows it, too.
        return str(record["arn"])
    return spec.physical_id(record["data"])


def not_ready(record: Mapping[str, Any], properties: Mapping[str, Any], *, is_update: bool) -> str:
    """Why a wait for a record is not over; empty if it is."""
    phase = phase_of(record)
    is_link = boolean(str(properties.get("Settings", {}).get("Link", ""))) is True
    if phase is Phase.READY or (is_update and phase is Phase.GONE) or (is_link and phase is Phase.PENDING):
        return ""
    return f"{record['name']} is {record['status']}"


def not_as_asked(spec: ResourceSpec, record: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    """What of a record is not what was asked for; empty if all is."""
    if phase_of(record) is Phase.GONE:
        # What is left of a run whose time is up cannot be changed.
        return ""
    asked = service_model(spec.service).cast(spec.create, properties)
    for key, value in asked.items():
        if key == "tags":
            missing = [name for name, text in value.items() if record["tags"].get(name) != text]
            if missing:
                return f"its tags {', '.join(missing)} are not what was asked"
        elif key in record["data"] and not _equal(value, record["data"][key]):
            return f"its {key} is {record['data'][key]!r}, not {value!r}"
    return ""


def _equal(asked: Any, shown: Any) -> bool:
    """Whether a value is the one that was asked for; the address of an S3 object equals any text."""
    if isinstance(asked, Mapping) and set(asked) == _ASSET_KEYS:
        return isinstance(shown, str)
    if isinstance(asked, Mapping) and isinstance(shown, Mapping):
        return all(_equal(asked.get(key), shown.get(key)) for key in {*asked, *shown})
    if isinstance(asked, list) and isinstance(shown, list):
        return len(asked) == len(shown) and all(map(_equal, asked, shown))
    return bool(asked == shown)
