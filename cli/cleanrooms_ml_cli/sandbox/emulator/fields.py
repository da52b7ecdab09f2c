"""Reads JSON that a person wrote: every wrong or unknown field is named together with what is allowed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_LARGEST = sys.float_info.max


class BadInputError(Exception):
    """What was sent cannot be used; the message says what can."""


@dataclass(frozen=True)
class Field:
    """One field of a JSON object.

    Args:
        kind: Its type, a key of `_TYPE_CHECKS`.
        allowed: The texts that it may have. Default: any.
        required: Whether it must be there.
        least: The smallest number that it may have.
        most: The largest one.
    """

    kind: str
    allowed: tuple[str, ...] = ()
    required: bool = False
    least: float | None = None
    most: float | None = None

    def problem(self, value: object) -> str:
        """What is wrong with a value; empty if nothing is."""
        if not _TYPE_CHECKS[self.kind](value):
            return f"{_NEEDED[self.kind]} is needed"
        if self.allowed and value not in self.allowed:
            return f"allowed are {', '.join(self.allowed)}"
        numbers = value.values() if isinstance(value, Mapping) else [value]
        for number in numbers:
            if self.least is not None and isinstance(number, int | float) and number < self.least:
                return f"allowed is {self.least:g} or more"
            if self.most is not None and isinstance(number, int | float) and number > self.most:
                return f"allowed is {self.most:g} or less"
        return ""


def _is_number(value: object) -> bool:
    # Python's JSON has NaN and Infinity, which no time is; a comparison with NaN is false.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _is_map_of_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


_TYPE_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": _is_number,
    "whole": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "flag": lambda value: isinstance(value, bool),
    "map": lambda value: isinstance(value, dict),
    "map of numbers": lambda value: isinstance(value, dict) and all(map(_is_number, value.values())),
    "map of texts": _is_map_of_texts,
    "list of texts": lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
}


_NEEDED = {
    "text": "a text",
    "number": "a number",
    "whole": "a whole number",
    "flag": "true or false",
    "map": "an object",
    "map of numbers": "an object of numbers",
    "map of texts": "an object of texts",
    "list of texts": "a list of texts",
}


# Deeper than any shape of the service models; what goes through a value calls itself for each level.
_MOST_LEVELS = 64


def parsed(text: str | bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: It is none, or nested more deeply than any request.
    """
    too_deep = f"it is nested more than {_MOST_LEVELS} levels deep"
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError(too_deep) from None
    level, levels = [value], 0
    while level:
        levels += 1
        if levels > _MOST_LEVELS:
            raise ValueError(too_deep)
        inner = [each for each in level if isinstance(each, dict | list)]
        level = [item for each in inner for item in (each.values() if isinstance(each, dict) else each)]
    return value


def json_body(body: bytes) -> Any:
    """The JSON of a body.

    Raises:
        BadInputError: It is none.
    """
    try:
        return parsed(body or b"{}")
    except ValueError as error:
        raise BadInputError(f"the body is no JSON: {error}") from error


def read(fields: Mapping[str, Field], value: object, where: str = "body") -> dict[str, Any]:
    """A JSON object whose fields are all as described.

    Raises:
        BadInputError: It is not; the message names every problem.
    """
    if not isinstance(value, dict):
        raise BadInputError(f"{where} is {json.dumps(value)}; an object is needed")
    problems = [f"{where}.{name} is not known; allowed are {', '.join(fields)}" for name in value if name not in fields]
    problems += [
        f"{where}.{name} is missing; it is required"
        for name, field in fields.items()
        if field.required and name not in value
    ]
    for name in value.keys() & fields.keys():
        if problem := fields[name].problem(value[name]):
            problems.append(f"{where}.{name} is {json.dumps(value[name])}; {problem}")
    if problems:
        raise BadInputError("; ".join(sorted(problems)))
    return value


def one_or_more(value: object) -> list[tuple[str, object]]:
    """The items of a list, or the one thing that is no list, each with its path for a message."""
    if isinstance(value, list):
        return [(f"body[{index}]", item) for index, item in enumerate(value)]
    return [("body", value)]
