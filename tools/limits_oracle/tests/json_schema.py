"""JSON Schemas of operations' inputs, derived from botocore's service models.

A second reading of the models, by a library that knows nothing of ours. Members of structures, keys and values of
maps, unions: all of it can be said in JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from ..service_patterns import python_pattern
from ..service_values import botocore_model

_BOUNDS: Mapping[str, tuple[str, str]] = {
    "string": ("minLength", "maxLength"),
    "list": ("minItems", "maxItems"),
    "map": ("minProperties", "maxProperties"),
    "number": ("minimum", "maximum"),
}
_NUMBERS = {"integer": "integer", "long": "integer", "double": "number", "float": "number"}

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    # The one takes 1 for January, the other a day alone.
    datetime.strptime(value.replace("Z", "+00:00"), "%Y-%m-%dT%H:%M:%S%z")
    datetime.fromisoformat(value)
    return True


# Since draft 6 JSON Schema takes 1.0 for an integer; botocore, which sends the request, does not, as in draft 4.
_Validator = extend(Draft202012Validator, type_checker=Draft4Validator.TYPE_CHECKER)  # type: ignore[no-untyped-call]


def validator(service: str, operation: str) -> Validator:
    """The validator of the requests of an operation."""
    model = botocore_model(service)
    schema = _schema(model["shapes"], model["operations"][operation]["input"]["shape"])
    _Validator.check_schema(schema)
    result: Validator = _Validator(schema, format_checker=FORMATS)
    return result


def _schema(shapes: Mapping[str, Any], name: str) -> dict[str, Any]:
    shape = shapes[name]
    kind = shape["type"]
    if kind == "structure":
        return {
            "type": "object",
            "properties": {
                member: _schema(shapes, reference["shape"]) for member, reference in shape.get("members", {}).items()
            },
            "required": shape.get("required", []),
            "additionalProperties": False,
            **({"minProperties": 1, "maxProperties": 1} if shape.get("union") else {}),
        }
    if kind == "list":
        return {"type": "array", "items": _schema(shapes, shape["member"]["shape"]), **_bounds(shape, "list")}
    if kind == "map":
        return {
            "type": "object",
            "propertyNames": _schema(shapes, shape["key"]["shape"]),
            "additionalProperties": _schema(shapes, shape["value"]["shape"]),
            **_bounds(shape, "map"),
        }
    if kind in _NUMBERS:
        return {"type": _NUMBERS[kind], **_bounds(shape, "number")}
    if kind == "timestamp":
        return {"type": "string", "format": "date-time"}
    if kind == "boolean":
        return {"type": "boolean"}
    assert kind == "string", f"{name} has the type {kind}, which no input had so far"
    text: dict[str, Any] = {"type": "string", **_bounds(shape, "string")}
    if "pattern" in shape:
        text["pattern"] = python_pattern(shape["pattern"])
    if "enum" in shape:
        text["enum"] = shape["enum"]
    return text


def _bounds(shape: Mapping[str, Any], kind: str) -> dict[str, Any]:
    low, high = _BOUNDS[kind]
    found = {low: shape.get("min"), high: shape.get("max")}
    return {key: bound for key, bound in found.items() if bound is not None}
