"""AWS's own description of the services: limits, types, operations.

The files below ``model/`` are botocore's service models without their documentation, made by ``make model``.
They are the one source of every limit: constructs check with them, the engine restores types with them, boto3
in Lambda loads them, the emulator answers by them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

DATA_PATH = Path(__file__).parent / "model"

# How long a value may be before a message shortens it.
_SHOWN_CHARS = 60

# The models write "every character outside the BMP" as surrogate pairs, which Python's re reads as lone surrogates.
_SURROGATES = r"\uD800\uDBFF-\uDC00\uDFFF"
_OUTSIDE_BMP = "\U00010000-\U0010ffff"

_TRUE_FALSE = {"true": True, "false": False}


@dataclass(frozen=True)
class Problem:
    """One constraint that a request breaks: the field's path in the API's own names, and what is wrong."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} {self.message}" if self.path else self.message


@dataclass(frozen=True)
class Operation:
    """One API operation; `input` and `output` name shapes."""

    name: str
    method: str
    request_uri: str
    response_code: int
    input: str | None
    output: str | None
    errors: tuple[str, ...]


def nothing_is_unknown(_: object) -> bool:
    """The default of `skip`: every value is known."""
    return False


@dataclass(frozen=True)
class Look:
    """How a check looks at values: which it passes over, and whether it may show them."""

    skip: Callable[[object], bool]
    hidden: bool = False

    def shown(self, value: object) -> str:
        """A value for a message; nothing of one that AWS marks sensitive."""
        return "***" if self.hidden else shown(value)


class ServiceModel:
    """The facts of one service."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.metadata: Mapping[str, Any] = raw["metadata"]
        self.shapes: Mapping[str, Mapping[str, Any]] = raw["shapes"]
        self.operations: Mapping[str, Operation] = {
            name: Operation(
                name=name,
                method=entry["http"]["method"],
                request_uri=entry["http"]["requestUri"],
                response_code=entry["http"].get("responseCode", 200),
                input=entry.get("input", {}).get("shape"),
                output=entry.get("output", {}).get("shape"),
                errors=tuple(error["shape"] for error in entry.get("errors", ())),
            )
            for name, entry in raw["operations"].items()
        }

    def members(self, shape: str) -> Mapping[str, str]:
        """The members of a structure, each with the name of its shape."""
        return {name: member["shape"] for name, member in self.shapes[shape].get("members", {}).items()}

    def input_members(self, operation: str) -> Mapping[str, str]:
        """What an operation takes, each member with the name of its shape."""
        shape = self.operations[operation].input
        return self.members(shape) if shape else {}

    def enum(self, shape: str) -> tuple[str, ...]:
        """The values that an enumeration knows."""
        return tuple(self.shapes[shape].get("enum", ()))

    def check(
        self, operation: str, request: Mapping[str, Any], skip: Callable[[object], bool] = nothing_is_unknown
    ) -> list[Problem]:
        """Every constraint of the model that the request breaks, at any depth.

        Args:
            operation: The API operation whose input the request is.
            request: The request with its real types.
            skip: Says of a value that it is not known yet; such a value is left alone.
        """
        shape = self.operations[operation].input
        return list(self._problems(shape, request, "", Look(skip))) if shape else []

    def cast(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The request with the types that its shapes state, from the strings CloudFormation makes of scalars.

        What cannot be cast stays as it is, and so does a member that the model does not know: `check` names both.
        """
        shape = self.operations[operation].input
        result = self._cast(shape, request) if shape else dict(request)
        assert isinstance(result, dict)
        return result

    def is_sensitive(self, shape: str) -> bool:
        """Whether AWS marks what has this shape as not to be logged."""
        return bool(self.shapes[shape].get("sensitive", False))

    def sensitive_texts(self, shape: str, value: object, *, inside: bool = False) -> Iterator[str]:
        """Every text below what AWS marks as not to be logged."""
        definition = self.shapes[shape]
        inside = inside or self.is_sensitive(shape)
        if isinstance(value, Mapping):
            members = definition.get("members", {})
            for key, item in value.items():
                below = members[key] if key in members else definition.get("value")
                if below:
                    yield from self.sensitive_texts(below["shape"], item, inside=inside)
        elif isinstance(value, list) and "member" in definition:
            for item in value:
                yield from self.sensitive_texts(definition["member"]["shape"], item, inside=inside)
        elif isinstance(value, str) and inside:
            yield value

    # -- checking ------------------------------------------------------------------------------------------

    def _problems(self, name: str, value: object, path: str, look: Look) -> Sequence[Problem]:
        if look.skip(value):
            return []
        shape = self.shapes[name]
        if shape.get("sensitive"):
            look = replace(look, hidden=True)
        check = getattr(self, f"_check_{shape['type']}")
        problems: list[Problem] = check(shape, value, path, look)
        return problems

    def _check_structure(self, shape: Mapping[str, Any], value: object, path: str, look: Look) -> list[Problem]:
        if not isinstance(value, Mapping):
            return [Problem(path, f"is {look.shown(value)}; a map of members is needed")]
        members: Mapping[str, Any] = shape.get("members", {})
        at = f"{path}." if path else ""
        problems = [
            Problem(f"{at}{member}", "is missing; it is required")
            for member in shape.get("required", ())
            if value.get(member) is None
        ]
        if shape.get("union") and len([1 for item in value.values() if item is not None]) != 1:
            problems.append(Problem(path, f"has {listed(value) or 'no member'}; exactly one of {listed(members)}"))
        for member, item in value.items():
            if member not in members:
                problems.append(Problem(f"{at}{member}", f"is not known; allowed are {listed(members)}"))
            elif item is not None:
                problems.extend(self._problems(members[member]["shape"], item, f"{at}{member}", look))
        return problems

    def _check_list(self, shape: Mapping[str, Any], value: object, path: str, look: Look) -> list[Problem]:
        if not isinstance(value, list | tuple):
            return [Problem(path, f"is {look.shown(value)}; a list is needed")]
        problems = within(shape, len(value), path, f"has {len(value)} items")
        for index, item in enumerate(value):
            problems.extend(self._problems(shape["member"]["shape"], item, f"{path}[{index}]", look))
        return problems

    def _check_map(self, shape: Mapping[str, Any], value: object, path: str, look: Look) -> list[Problem]:
        if not isinstance(value, Mapping):
            return [Problem(path, f"is {look.shown(value)}; a map is needed")]
        problems = within(shape, len(value), path, f"has {len(value)} entries")
        for key, item in value.items():
            problems.extend(self._problems(shape["key"]["shape"], key, f"{path} key {look.shown(key)}", look))
            problems.extend(self._problems(shape["value"]["shape"], item, f"{path}[{look.shown(key)}]", look))
        return problems

    def _check_string(self, shape: Mapping[str, Any], value: object, path: str, look: Look) -> list[Problem]:
        if not isinstance(value, str):
            return [Problem(path, f"is {look.shown(value)}; a string is needed")]
        if "enum" in shape:
            allowed = shape["enum"]
            return (
                [] if value in allowed else [Problem(path, f"is {look.shown(value)}; allowed are {', '.join(allowed)}")]
            )
        problems = within(shape, len(value), path, f"has {len(value)} characters")
        if not problems and "pattern" in shape and not pattern(shape["pattern"]).fullmatch(value):
            problems.append(Problem(path, f"is {look.shown(value)}; allowed is what matches {shape['pattern']}"))
        return problems

    def _check_number(self, shape: Mapping[str, Any], value: object, path: str, look: Look) -> list[Problem]:
        whole = shape["type"] in ("integer", "long")
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            return [Problem(path, f"is {look.shown(value)}; a {'whole ' if whole else ''}number is needed")]
        return within(shape, value, path, f"is {value}")

    _check_integer = _check_long = _check_double = _check_float = _check_number

    def _check_boolean(self, shape: Mapping[str, Any], value: object, path: str, look: Look) -> list[Problem]:
        return [] if isinstance(value, bool) else [Problem(path, f"is {look.shown(value)}; allowed are true and false")]

    def _check_timestamp(self, shape: Mapping[str, Any], value: object, path: str, look: Look) -> list[Problem]:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value):
            return []
        return [Problem(path, f"is {look.shown(value)}; allowed is a time like 2026-01-31T12:00:00Z")]

    # -- casting -------------------------------------------------------------------------------------------

    def _cast(self, name: str, value: object) -> object:
        shape = self.shapes[name]
        kind = shape["type"]
        if kind == "structure" and isinstance(value, Mapping):
            members = shape.get("members", {})
            return {
                key: self._cast(members[key]["shape"], item) if key in members else item for key, item in value.items()
            }
        if kind == "list" and isinstance(value, list | tuple):
            return [self._cast(shape["member"]["shape"], item) for item in value]
        if kind == "map" and isinstance(value, Mapping):
            return {key: self._cast(shape["value"]["shape"], item) for key, item in value.items()}
        if kind == "string" and isinstance(value, bool | int | float):
            return str(value).lower() if isinstance(value, bool) else str(value)
        if not isinstance(value, str):
            return value
        if kind in ("integer", "long"):
            return whole_number(value)
        if kind in ("double", "float"):
            return real_number(value)
        if kind == "boolean":
            return _TRUE_FALSE.get(value.lower(), value)
        return value


def whole_number(text: str) -> int | str:
    """The integer that a string such as "16", "16.0" or "2.0E7" stands for; the string itself if there is none."""
    try:
        return int(text)
    except ValueError:
        number = real_number(text)
        return int(number) if isinstance(number, float) and number.is_integer() else text


def real_number(text: str) -> float | str:
    """The number that a string stands for; the string itself if there is none."""
    try:
        return float(text)
    except ValueError:
        return text


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A pattern of the model for `fullmatch`: the service matches the whole value."""
    return re.compile(text.replace(_SURROGATES, _OUTSIDE_BMP))


def within(shape: Mapping[str, Any], size: float, path: str, what: str) -> list[Problem]:
    """The problem of a number, or of a length, outside the shape's bounds."""
    low, high = shape.get("min"), shape.get("max")
    if (low is None or size >= low) and (high is None or size <= high):
        return []
    allowed = (
        f"{low} to {high}" if None not in (low, high) else f"at least {low}" if high is None else f"at most {high}"
    )
    return [Problem(path, f"{what}; allowed {allowed}")]


def listed(names: Mapping[str, Any]) -> str:
    return ", ".join(names)


def shown(value: object) -> str:
    """A value for a message: quoted if it is text, and shortened."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}… ({len(text)} characters)"


@cache
def service_model(service: str) -> ServiceModel:
    """The stored model of a service, "cleanroomsml" or "cleanrooms"."""
    path = max((DATA_PATH / service).glob("*/service-2.json"))
    return ServiceModel(json.loads(path.read_text(encoding="utf-8")))
