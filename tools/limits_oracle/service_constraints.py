"""Every constraint that botocore's service model states about a request, and values that break just that one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .service_patterns import OUTSIDE_BMP, far_members, fits, misfits, of_length
from .service_values import ITEM, KEY, VALUE, Steps, Values, bounds

# Values that no shape of the type allows.
_WRONG: Mapping[str, tuple[Any, ...]] = {
    "structure": ("text", 5, ["item"]),
    "list": ("text", 5, {"key": "value"}),
    "map": ("text", 5, ["item"]),
    "string": (5, 0.5, True, ["item"], {"key": "value"}),
    "boolean": ("true", 0, 1, []),
    "timestamp": (True, "yesterday", []),
    **dict.fromkeys(("integer", "long"), ("5", 1.5, True, math.nan, [])),
    **dict.fromkeys(("double", "float"), ("0.5", True, math.inf, math.nan, [])),
}
_NO_MEMBER = "notAMember"


@dataclass(frozen=True)
class Broken:
    """A value that breaks a constraint.

    Attributes:
        value: The value at the constraint's path.
        alone: Whether it breaks nothing else.
        at: The member below the path at which the problem is.
    """

    value: Any
    alone: bool = True
    at: Steps = ()


@dataclass(frozen=True)
class Constraint:
    """One constraint of the model at one position of a request.

    Attributes:
        path: Where.
        name: What it constrains: required, unknown, union, type, enum, pattern, length, count or range; with
            ">" or "<" behind it where there are two of them.
        broken: Values that break it.
        allowed: Values on the right side of it.
    """

    path: Steps
    name: str
    broken: list[Broken] = field(default_factory=list)
    allowed: list[Any] = field(default_factory=list)

    @property
    def rule(self) -> str:
        """The name without the side or the member."""
        return self.name.rstrip("<>").split()[0]


@dataclass(frozen=True)
class Constraints:
    """The constraints of the shapes of a service."""

    values: Values

    def of(self, name: str, path: Steps = (), above: frozenset[str] = frozenset()) -> Iterator[Constraint]:
        """The constraints of a shape and of all that is below it."""
        shape = self.values.shapes[name]
        kind = shape["type"]
        # A key is always a string, and so is a request always a structure.
        if path and path[-1] != KEY:
            yield Constraint(path, "type", [Broken(value) for value in _WRONG[kind]])
        if kind == "structure":
            yield from self._structure(name, path)
        elif kind in ("list", "map"):
            yield from self._collection(name, path)
        elif kind == "string":
            yield from self._string(shape, path)
        elif kind not in ("boolean", "timestamp"):
            yield from self._number(shape, path)
        if name not in above:
            for step, below in _below(shape):
                yield from self.of(below, (*path, step), above | {name})

    def _structure(self, name: str, path: Steps) -> Iterator[Constraint]:
        shape = self.values.shapes[name]
        members: Mapping[str, Any] = shape.get("members", {})
        wholes = [self.values.make(name, full=full) for full in (False, True)]
        for member in shape.get("required", ()):
            less = [{key: item for key, item in whole.items() if key != member} for whole in wholes]
            yield Constraint(path, f"required {member}", [Broken(value, at=(member,)) for value in less])
        # A second member of a union is one too many.
        alone = not shape.get("union")
        more = [Broken({**whole, _NO_MEMBER: "x"}, alone, at=(_NO_MEMBER,)) for whole in wholes]
        yield Constraint(path, "unknown", more, wholes)
        if shape.get("union"):
            each = [{member: self.values.make(members[member]["shape"], full=True)} for member in members]
            both = [Broken({**each[0], **other}) for other in each[1:]]
            yield Constraint(path, "union", [Broken({}), *both], each)

    def _collection(self, name: str, path: Steps) -> Iterator[Constraint]:
        for side, bound, beyond in _sides(self.values.shapes[name]):
            broken = [Broken(self.values.of_count(name, int(beyond), full=False))] if beyond >= 0 else []
            yield Constraint(path, f"count{side}", broken, [self.values.of_count(name, int(bound), full=False)])

    def _string(self, shape: Mapping[str, Any], path: Steps) -> Iterator[Constraint]:
        if "enum" in shape:
            value = shape["enum"][0]
            others = [value + "x", value.swapcase(), value[:-1], f" {value}", "\u0130"]
            unlisted = [Broken(other) for other in others if other not in shape["enum"]]
            yield Constraint(path, "enum", unlisted, list(shape["enum"]))
            return
        pattern: str | None = shape.get("pattern")
        low, high = bounds(shape)
        value = self.values.text(shape)
        for side, bound, beyond in _sides(shape):
            fitting = of_length(pattern, int(beyond)) if beyond >= 0 else None
            others = [Broken("x" * int(beyond), alone=False)] if beyond >= 0 else []
            last = of_length(pattern, int(bound))
            # A pattern may leave no value of that length.
            yield Constraint(
                path,
                f"length{side}",
                others if fitting is None else [Broken(fitting)],
                [] if last is None else [last],
            )
        if pattern is not None:
            outside = [value + far for far in ("😀" if OUTSIDE_BMP in pattern else "", *far_members(pattern)) if far]
            assert all(fits(pattern, text) for text in (value, *outside))
            yield Constraint(
                path, "pattern", [Broken(text) for text in misfits(pattern, value, int(max(low, 0)), high)], outside
            )

    def _number(self, shape: Mapping[str, Any], path: Steps) -> Iterator[Constraint]:
        is_whole = shape["type"] in ("integer", "long")
        for side, bound, beyond in _sides(shape):
            nearest = beyond if is_whole else math.nextafter(bound, beyond)
            yield Constraint(path, f"range{side}", [Broken(nearest)], [bound if is_whole else float(bound)])


def _sides(shape: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    """The lower and the upper bound that a shape states, each with the whole number right beyond it."""
    low, high = bounds(shape)
    if math.isfinite(low):
        yield "<", low, low - 1
    if math.isfinite(high):
        yield ">", high, high + 1


def _below(shape: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for member, reference in shape.get("members", {}).items():
        yield member, reference["shape"]
    for step, key in ((ITEM, "member"), (KEY, "key"), (VALUE, "value")):
        if key in shape:
            yield step, shape[key]["shape"]
