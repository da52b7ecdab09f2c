"""The names of members in JSON, and of the fields of Python's objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def to_python(value: Mapping[str, Any]) -> dict[str, Any]:
    """camelCase to snake_case, of the outer names alone."""
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in name): item for name, item in value.items()}


def to_json(value: object) -> dict[str, Any]:
    """The fields of a dataclass, in camelCase."""

    def camel(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(word.capitalize() for word in rest)

    return {camel(name): item for name, item in vars(value).items()}
