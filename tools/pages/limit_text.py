"""Limits of the service model in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_handlers.constraints import Bounds

_SHOWN_VALUES = 6


def limit_of(shape: Mapping[str, Any]) -> str:
    """What a shape of the model allows."""
    kind = shape["type"]
    bounds = str(Bounds.of(shape)) if {"min", "max"} & shape.keys() else ""
    if kind == "structure":
        members = ", ".join(shape.get("members", {}))
        return f"exactly one of {members}" if shape.get("union") else "a structure"
    if kind in ("list", "map"):
        one, more = ("item", "items") if kind == "list" else ("entry", "entries")
        what = one if bounds == "1" else more
        return f"{bounds} {what}" if bounds else f"a {kind}"
    if "enum" in shape:
        values = shape["enum"]
        more = f", … ({len(values)} values)" if len(values) > _SHOWN_VALUES else ""
        return ", ".join(values[:_SHOWN_VALUES]) + more
    if kind == "string":
        text = f"{bounds} characters" if bounds else "a string"
        return f"{text}, matching `{shape['pattern']}`" if "pattern" in shape else text
    if kind in ("boolean", "timestamp"):
        return {"boolean": "true or false", "timestamp": "a time"}[kind]
    return f"{'a whole number' if kind in ('integer', 'long') else 'a number'}{', ' if bounds else ''}{bounds}"
