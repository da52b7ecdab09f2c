"""AWS's own description of the services: limits, types, operations.

The files below ``model/`` are botocore's service models without their documentation, made by ``make model``.
They are the only source of every limit: constructs check with them, the engine restores types with them, boto3
in Lambda loads them, the emulator answers with them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .constraints import Checker, Walk
from .explained import Explained
from .problem import Problem, nothing_is_unknown, shown

__all__ = ["DATA_PATH", "Operation", "Problem", "ServiceModel", "nothing_is_unknown", "service_model", "shown"]

DATA_PATH = Path(__file__).parent / "model"

_BOOLEANS = {"true": True, "false": False}
# JavaScript, in which the CDK runs, represents integers exactly up to here.
_EXACT_FLOAT = 2**53


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


class ServiceModel:
    """The facts of one service."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.metadata: Mapping[str, Any] = raw["metadata"]
        self.shapes: Mapping[str, Mapping[str, Any]] = raw["shapes"]
        operations = {
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
        self.operations: Mapping[str, Operation] = Explained(
            operations,
            f"the stored model of {self.metadata.get('signingName')} does not have this operation. Run `make model`, "
            "which stores the operations that the specs name",
        )
        self._checker = Checker(self.shapes)

    def members(self, shape: str) -> Mapping[str, str]:
        """The members of a structure, each with the name of its shape."""
        return {name: member["shape"] for name, member in self.shapes[shape].get("members", {}).items()}

    def input_members(self, operation: str) -> Mapping[str, str]:
        """The members of an operation's input, each with the name of its shape."""
        shape = self.operations[operation].input
        return self.members(shape) if shape else {}

    def enum(self, shape: str) -> tuple[str, ...]:
        """The values of an enumeration."""
        return tuple(self.shapes[shape].get("enum", ()))

    def check(
        self,
        operation: str,
        request: Mapping[str, Any],
        skip: Callable[[object], bool] = nothing_is_unknown,
        *,
        show_sensitive: bool = False,
    ) -> list[Problem]:
        """Every constraint of the model that the request breaks, at any depth.

        Args:
            operation: The API operation whose input the request is.
            request: The request with its real types.
            skip: Returns whether a value is not known yet; such a value is not checked, and a constraint that
                depends on its presence counts as satisfied.
            show_sensitive: Whether messages may show values that AWS marks as sensitive. Only where the reader
                is the author of the value.
        """
        walk = Walk(skip, show_sensitive)
        shape = self.operations[operation].input
        if shape and not skip(request):
            self._checker.of(shape)(request, None, False, walk)
        return walk.problems

    def cast(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The request with the types of its shapes, restored from CloudFormation's strings.

        A value that cannot be cast stays as it is, and so does an unknown member: `check` reports both.
        """
        shape = self.operations[operation].input
        result = self._cast(shape, request) if shape else dict(request)
        assert isinstance(result, dict)
        return result

    def is_sensitive(self, shape: str) -> bool:
        """Whether AWS marks values of a shape as sensitive: they must not be logged."""
        return bool(self.shapes[shape].get("sensitive", False))

    def sensitive_texts(self, shape: str, value: object, *, inside: bool = False) -> Iterator[str]:
        """Every text in what AWS marks as sensitive."""
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
        if kind in ("integer", "long") and isinstance(value, float) and value.is_integer():
            return int(value) if abs(value) <= _EXACT_FLOAT else value
        if not isinstance(value, str):
            return value
        if kind in ("integer", "long"):
            return whole_number(value)
        if kind in ("double", "float"):
            return real_number(value)
        if kind == "boolean":
            return boolean(value)
        return value


def whole_number(text: str) -> int | str:
    """The integer in a string such as "16", "16.0" or "2.0E7"; the string itself if there is none."""
    try:
        return int(text)
    except ValueError:
        number = real_number(text)
        return int(number) if isinstance(number, float) and number.is_integer() else text


def real_number(text: str) -> float | str:
    """The number in a string; the string itself if there is none."""
    try:
        return float(text)
    except ValueError:
        return text


def boolean(text: str) -> bool | str:
    """The boolean in a string such as "true" or "False"; the string itself if there is none."""
    return _BOOLEANS.get(text.lower(), text)


@cache
def service_model(service: str) -> ServiceModel:
    """The stored model of a service, "cleanroomsml" or "cleanrooms"."""
    path = max((DATA_PATH / service).glob("*/service-2.json"))
    return ServiceModel(json.loads(path.read_text(encoding="utf-8")))
