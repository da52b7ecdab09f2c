"""Checking a value against a shape of a service model: every constraint, at any depth.

Each shape is compiled once into a function, and a path is rendered only for a problem: a stack may have hundreds
of requests to check.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from .dialect import pattern
from .partial import PartialText
from .problem import ID_PREFIX, Entry, Path, Problem, rendered, shown

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(slots=True)
class Walk:
    """One check of one request.

    Attributes:
        skip: Returns whether a value is not known yet.
        show_sensitive: Whether messages may show what AWS marks sensitive.
        problems: The problems found so far.
    """

    skip: Callable[[object], bool]
    show_sensitive: bool = False
    problems: list[Problem] = field(default_factory=list)

    def add(self, constraint: str, path: Path, message: str) -> None:
        """Adds a problem."""
        self.problems.append(Problem(rendered(path), message, ID_PREFIX + constraint))


# Takes the value, its path, whether messages must hide it, and the walk.
Check: TypeAlias = Callable[[object, Path, bool, Walk], None]


class Checker:
    """The constraints of all shapes of a service, compiled when first asked for."""

    def __init__(self, shapes: Mapping[str, Mapping[str, Any]]) -> None:
        self._shapes = shapes
        self._checks: dict[str, Check] = {}

    def of(self, name: str) -> Check:
        """The check of a shape."""
        if name not in self._checks:
            shape = self._shapes[name]
            check = _COMPILERS[shape["type"]](self, shape)
            self._checks[name] = _hiding(check) if shape.get("sensitive") else check
        return self._checks[name]

    def _structure(self, shape: Mapping[str, Any]) -> Check:
        members: Mapping[str, Any] = shape.get("members", {})
        required: Sequence[str] = shape.get("required", ())
        is_union = bool(shape.get("union"))
        # Compiled on first use, since a shape may contain itself.
        checks: dict[str, Check] = {}
        allowed = ", ".join(members)

        def check(value: object, path: Path, hidden: bool, walk: Walk) -> None:
            if not isinstance(value, Mapping):
                return walk.add("type", path, f"is {_seen(value, hidden)}; a map of members is needed")
            for name in required:
                if value.get(name) is None:
                    walk.add("required", (path, name), "is missing; it is required")
            if is_union:
                _exactly_one(value, path, walk, allowed)
            for name, item in value.items():
                if name not in members:
                    walk.add("unknown", (path, str(name)), f"is not known; allowed are {allowed}")
                elif item is not None and not walk.skip(item):
                    if name not in checks:
                        checks[name] = self.of(members[name]["shape"])
                    checks[name](item, (path, name), hidden, walk)
            return None

        return check

    def _list(self, shape: Mapping[str, Any]) -> Check:
        bounds = Bounds.of(shape)
        member: str = shape["member"]["shape"]

        def check(value: object, path: Path, hidden: bool, walk: Walk) -> None:
            if not isinstance(value, list | tuple):
                return walk.add("type", path, f"is {_seen(value, hidden)}; a list is needed")
            check_item = self.of(member)
            certain = 0
            for index, item in enumerate(value):
                if not walk.skip(item):
                    certain += 1
                    check_item(item, (path, index), hidden, walk)
            # An unknown value may turn out to be absent.
            if not (bounds.low <= len(value) and certain <= bounds.high):
                walk.add("count", path, f"has {len(value)} items; allowed {bounds}")
            return None

        return check

    def _map(self, shape: Mapping[str, Any]) -> Check:
        bounds = Bounds.of(shape)
        key_shape: str = shape["key"]["shape"]
        value_shape: str = shape["value"]["shape"]

        def check(value: object, path: Path, hidden: bool, walk: Walk) -> None:
            if not isinstance(value, Mapping):
                return walk.add("type", path, f"is {_seen(value, hidden)}; a map is needed")
            check_key, check_value, skip = self.of(key_shape), self.of(value_shape), walk.skip
            certain = 0
            for key, item in value.items():
                key_is_known, item_is_known = not skip(key), not skip(item)
                certain += key_is_known and item_is_known
                if key_is_known:
                    check_key(key, (path, Entry(key, hidden, to_key=True)), hidden, walk)
                if item_is_known:
                    check_value(item, (path, Entry(key, hidden)), hidden, walk)
            if not (bounds.low <= len(value) and certain <= bounds.high):
                walk.add("count", path, f"has {len(value)} entries; allowed {bounds}")
            return None

        return check

    def _string(self, shape: Mapping[str, Any]) -> Check:
        bounds = Bounds.of(shape)
        low, high = bounds.low, bounds.high
        enum = frozenset(shape.get("enum", ()))
        listed = ", ".join(shape.get("enum", ()))
        text: str = shape.get("pattern", "")
        matches = pattern(text).fullmatch if text else None

        def of_parts(value: PartialText, path: Path, hidden: bool, walk: Walk) -> None:
            if value.known_chars > high:
                walk.add("length", path, f"has {value.known_chars} characters and more; allowed {bounds}")
            elif text and not value.may_match(text):
                walk.add("pattern", path, f"is {_seen(str(value), hidden)}; allowed is what matches {text}")

        def check(value: object, path: Path, hidden: bool, walk: Walk) -> None:
            if not isinstance(value, str):
                if isinstance(value, PartialText):
                    return of_parts(value, path, hidden, walk)
                return walk.add("type", path, f"is {_seen(value, hidden)}; a string is needed")
            if enum and value not in enum:
                return walk.add("enum", path, f"is {_seen(value, hidden)}; allowed are {listed}")
            if not low <= len(value) <= high:
                return walk.add("length", path, f"has {len(value)} characters; allowed {bounds}")
            if matches and not matches(value):
                return walk.add("pattern", path, f"is {_seen(value, hidden)}; allowed is what matches {text}")
            return None

        return check

    def _number(self, shape: Mapping[str, Any]) -> Check:
        bounds = Bounds.of(shape)
        low, high = bounds.low, bounds.high
        is_whole = shape["type"] in ("integer", "long")
        needed = "a whole number is needed" if is_whole else "a number is needed"

        def check(value: object, path: Path, hidden: bool, walk: Walk) -> None:
            if isinstance(value, PartialText):
                return None
            if isinstance(value, bool) or not isinstance(value, int if is_whole else int | float):
                return walk.add("type", path, f"is {_seen(value, hidden)}; {needed}")
            if isinstance(value, float) and not math.isfinite(value):
                return walk.add("type", path, f"is {_seen(value, hidden)}; {needed}")
            if not low <= value <= high:
                return walk.add("range", path, f"is {_seen(value, hidden)}; allowed {bounds}")
            return None

        return check

    def _boolean(self, shape: Mapping[str, Any]) -> Check:
        def check(value: object, path: Path, hidden: bool, walk: Walk) -> None:
            if not isinstance(value, bool | PartialText):
                walk.add("type", path, f"is {_seen(value, hidden)}; allowed are true and false")

        return check

    def _timestamp(self, shape: Mapping[str, Any]) -> Check:
        def check(value: object, path: Path, hidden: bool, walk: Walk) -> None:
            if not isinstance(value, PartialText) and not _is_time(value):
                walk.add("type", path, f"is {_seen(value, hidden)}; allowed is a time like 2026-01-31T12:00:00Z")

        return check


_COMPILERS: Mapping[str, Callable[[Checker, Mapping[str, Any]], Check]] = {
    "structure": Checker._structure,
    "list": Checker._list,
    "map": Checker._map,
    "string": Checker._string,
    "boolean": Checker._boolean,
    "timestamp": Checker._timestamp,
    **dict.fromkeys(("integer", "long", "float", "double"), Checker._number),
}


def _hiding(check: Check) -> Check:
    """The check of a shape that AWS marks sensitive."""

    def sensitive(value: object, path: Path, hidden: bool, walk: Walk) -> None:
        check(value, path, not walk.show_sensitive, walk)

    return sensitive


def _exactly_one(value: Mapping[str, Any], path: Path, walk: Walk, allowed: str) -> None:
    given = [name for name, item in value.items() if item is not None]
    certain = [name for name in given if not walk.skip(value[name])]
    if not given or len(certain) > 1:
        walk.add("union", path, f"has {', '.join(given) or 'no member'}; exactly one of {allowed}")


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Bounds:
    """The allowed range of a number, a length or a count."""

    low: float
    high: float

    @classmethod
    def of(cls, shape: Mapping[str, Any]) -> Bounds:
        """The bounds that a shape states."""
        return cls(shape.get("min", -math.inf), shape.get("max", math.inf))

    def __str__(self) -> str:
        if self.low == -math.inf:
            return f"at most {self.high}"
        if self.high == math.inf:
            return f"at least {self.low}"
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"


def _seen(value: object, hidden: bool) -> str:
    return "***" if hidden else shown(value)
