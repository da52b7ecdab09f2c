"""The meaning of the service's records for the audit."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Protocol

from cleanrooms_ml_cli.sandbox.emulator import Emulator
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import Cardinality, Phase, ResourceSpec

from ..behaviors.past import Past
from ..cloudformation.stack import Stack
from ..wire import Wire

BY_KIND: Mapping[str, ResourceSpec] = {spec.kind: spec for spec in SPECS}
OWNERSHIP_TAG_KEY = "cdk-cleanrooms-ml:owner"
_ASSET_KEYS = {"S3Bucket", "S3Key"}


class Account(Protocol):
    """What is audited: a world, of which this is a part."""

    emulator: Emulator
    wire: Wire
    stacks: list[Stack]
    theirs: set[str]
    past: Past

    def records(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What the service holds."""
        ...

    def leftovers(self, exclude: Collection[str] = ()) -> list[dict[str, Any]]:
        """Those of them that cost or hold something."""
        ...


def phase_of(record: Mapping[str, Any]) -> Phase | None:
    """What a record's status means; None if its kind is not ours or its status is not known."""
    spec = BY_KIND.get(record["kind"])
    if spec is None:
        return None
    return spec.statuses.get(record["status"]) if spec.statuses else Phase.READY


def is_over(record: Mapping[str, Any]) -> bool:
    """Whether nothing of a record costs or holds anything: its data is gone, or all that the API leaves is a record."""
    return not record["holds"]


def physical_id(record: Mapping[str, Any]) -> str:
    """The physical id of what the service holds; its ARN if the kind is not ours."""
    spec = BY_KIND.get(record["kind"])
    if spec is None or spec.cardinality is not Cardinality.NAMED or not record["data"]:
        # By which the emulator knows it, too.
        return str(record["arn"])
    return spec.physical_id(record["data"])


def owner(record: Mapping[str, Any]) -> str:
    """The stack and the logical id in a record's ownership tag; empty if it has none."""
    return "/".join(str(record["tags"].get(OWNERSHIP_TAG_KEY, "")).split("/")[:2])


def statements(document: Any) -> list[Mapping[str, Any]]:
    """The statements of a policy document without their ids."""
    parsed = json.loads(document) if isinstance(document, str) else document
    listed = parsed.get("Statement", []) if isinstance(parsed, Mapping) else parsed
    return [{key: value for key, value in statement.items() if key != "Sid"} for statement in listed]


def not_as_asked(spec: ResourceSpec, record: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    """What of a record is not what its properties say; empty if all is."""
    if phase_of(record) is Phase.GONE:
        # What is left of a run whose time is up cannot be changed.
        return ""
    asked = service_model(spec.service).cast(spec.create, properties)
    for key, value in asked.items():
        if key == "tags":
            missing = [name for name, text in value.items() if record["tags"].get(name) != text]
            if missing:
                return f"its tags {', '.join(missing)} are not what was asked"
        elif key == spec.name_field:
            # An update may name it by another member.
            if value != record["name"]:
                return f"its name is {record['name']}, not {value}"
        elif key in record["data"] and not _equal(value, record["data"][key]):
            return f"its {key} is {record['data'][key]!r}, not {value!r}"
    return ""


def _equal(asked: Any, shown: Any) -> bool:
    """Whether a value is the one that was asked for; the location of an S3 object represents any text."""
    if isinstance(asked, Mapping) and set(asked) == _ASSET_KEYS:
        return isinstance(shown, str)
    if isinstance(asked, Mapping) and isinstance(shown, Mapping):
        return all(_equal(asked.get(key), shown.get(key)) for key in {*asked, *shown})
    if isinstance(asked, list) and isinstance(shown, list):
        return len(asked) == len(shown) and all(map(_equal, asked, shown))
    return bool(asked == shown)
