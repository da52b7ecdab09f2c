"""Requests generated from botocore's service models alone: the smallest and the largest allowed ones."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.loaders import Loader

from .service_patterns import fits, of_length, shortest

# A step into a shape: the name of a member, or one of these.
ITEM, KEY, VALUE = "[]", "{key}", "{}"
Steps = tuple[str, ...]

# Deeper than any input; a shape that holds itself ends here.
_MAX_DEPTH = 12


# Names the folder with the service models of another botocore than the installed one.
OTHER_MODELS = "BOTOCORE_MODELS"


def botocore_model(service: str) -> dict[str, Any]:
    """The newest description of a service that the installed botocore brings, or the one that `OTHER_MODELS` names."""
    folder = os.environ.get(OTHER_MODELS, Loader.BUILTIN_DATA_PATH)
    loader = Loader(extra_search_paths=[folder], include_default_search_paths=False)
    model: dict[str, Any] = loader.load_service_model(service, "service-2")
    return model


def bounds(shape: Mapping[str, Any]) -> tuple[float, float]:
    """The smallest and the largest number, length or count of a shape."""
    return shape.get("min", -math.inf), shape.get("max", math.inf)


@dataclass(frozen=True)
class Values:
    """Values of the shapes of a service."""

    shapes: Mapping[str, Mapping[str, Any]]

    def make(self, name: str, *, full: bool, path: Steps = (), depth: int = 0) -> Any:
        """An allowed value of a shape.

        Args:
            name: The shape.
            full: With every optional member and the largest numbers; otherwise with nothing that can be left out.
            path: Steps that the value has to allow in any case.
            depth: How deep in the request the value is.
        """
        shape = self.shapes[name]
        kind = shape["type"]
        head, rest = path[:1], path[1:]
        if kind == "structure":
            return {
                member: self.make(
                    shape["members"][member]["shape"],
                    full=full,
                    path=rest if head == (member,) else (),
                    depth=depth + 1,
                )
                for member in self._members(shape, full and depth < _MAX_DEPTH, head)
            }
        if kind in ("list", "map"):
            low, _ = bounds(shape)
            count = max(low, 1) if full or path else max(low, 0)
            return self.of_count(name, int(count), full=full, path=rest)
        if kind == "string":
            return self.text(shape)
        if kind in ("integer", "long", "double", "float"):
            low, high = bounds(shape)
            known = [bound for bound in ((high, low) if full else (low, high)) if math.isfinite(bound)]
            return known[0] if known else 0
        return {"boolean": full, "timestamp": "2026-01-31T12:00:00Z"}[kind]

    def of_count(self, name: str, count: int, *, full: bool, path: Steps = ()) -> Any:
        """A list or a map with so many entries."""
        shape = self.shapes[name]
        if shape["type"] == "list":
            return [self.make(shape["member"]["shape"], full=full, path=path) for _ in range(count)]
        value = shape["value"]["shape"]
        return {
            key: self.make(value, full=full, path=path) for key in self.keys(self.shapes[shape["key"]["shape"]], count)
        }

    def keys(self, shape: Mapping[str, Any], count: int) -> list[str]:
        """So many different keys of a map."""
        if "enum" in shape:
            return list(shape["enum"][:count])
        pattern = shape.get("pattern")
        numbered = [f"{shortest(pattern) if pattern else 'k'}{number}" for number in range(count)]
        if pattern is None or all(fits(pattern, key) for key in numbered):
            return numbered
        low, _ = bounds(shape)
        first = max(int(max(low, 0)), len(shortest(pattern)))
        return [key for key in (of_length(pattern, first + number) for number in range(count)) if key]

    def text(self, shape: Mapping[str, Any]) -> str:
        """A short allowed string."""
        if "enum" in shape:
            return str(shape["enum"][0])
        low, _ = bounds(shape)
        pattern: str | None = shape.get("pattern")
        least = max(int(max(low, 0)), len(shortest(pattern)) if pattern else 0)
        if pattern is None:
            return "x" * least
        value = of_length(pattern, least)
        return shortest(pattern) if value is None else value

    def _members(self, shape: Mapping[str, Any], full: bool, head: Steps) -> list[str]:
        members = list(shape.get("members", {}))
        if shape.get("union"):
            return [*head] or members[:1]
        required = shape.get("required", ())
        return [member for member in members if full or member in required or member in head]


def changed(value: Any, path: Steps, other: Any) -> Any:
    """A copy of a value in which something else lies at a path; of lists and maps in the first entry."""
    if not path:
        return other
    step, rest = path[0], path[1:]
    if step == ITEM:
        return [changed(value[0], rest, other), *value[1:]]
    first = next(iter(value)) if step in (KEY, VALUE) else step
    if step == KEY:
        return {other: value[first], **{key: item for key, item in value.items() if key != first}}
    return {**value, first: changed(value[first], rest, other)}
