"""Requests that are allowed, nearly allowed, or far from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, TypeAlias

from hypothesis import strategies as st

from ..service_patterns import fits, of_length, shortest
from ..service_values import Values, botocore_model, bounds

# Beyond these a string or a collection only costs time.
_LONG = 600
_MANY = 4

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

# No None: a member without a value is no member, which JSON Schema cannot say.
_LEAVES = st.one_of(
    st.booleans(),
    st.integers(-2, 2_000),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, 1.0, 30.0, 2.5, True, False, "", "1", "true", "NONE"]),
    st.text(max_size=8),
)
JUNK = st.one_of(
    _LEAVES,
    st.lists(_LEAVES, max_size=2),
    st.dictionaries(st.text(max_size=4), _LEAVES, max_size=2),
)


class Requests:
    """Requests of one operation, drawn by Hypothesis."""

    def __init__(self, service: str, operation: str) -> None:
        model = botocore_model(service)
        self.service = service
        self.operation = operation
        self._shapes: Mapping[str, Mapping[str, Any]] = model["shapes"]
        self._input: str = model["operations"][operation]["input"]["shape"]
        self._values = Values(self._shapes)
        # Now, since Hypothesis finds them and must not be asked while it draws.
        self._strings = {name: self._strings_of(name) for name in _strings_below(self._shapes, self._input)}

    def draw(self, draw: Draw) -> dict[str, Any]:
        """One request, with up to three faults."""
        # The allowed request needs many choices, none of which is worth shrinking: one seed makes them all.
        random = Random(draw(st.integers(0, 2**32 - 1)))
        request = self._value(random, self._input)
        # More faults seldom add anything: the first one decides.
        for _ in range(random.choice((0, 0, 0, 0, 1, 1, 2))):
            request = self._with_fault(draw, self._input, request)
        return request if isinstance(request, dict) else {}

    def _value(self, random: Random, name: str) -> Any:
        shape = self._shapes[name]
        kind = shape["type"]
        if kind == "structure":
            members = shape.get("members", {})
            chosen = self._members(random, shape)
            return {member: self._value(random, members[member]["shape"]) for member in chosen}
        if kind in ("list", "map"):
            least, most = (int(bound) if math.isfinite(bound) else 0 for bound in bounds(shape))
            count = random.choice(sorted({least, min(most or _MANY, least + 1), min(most or _MANY, _MANY)}))
            if kind == "list":
                return [self._value(random, shape["member"]["shape"]) for _ in range(count)]
            key, value = shape["key"]["shape"], shape["value"]["shape"]
            return {self._value(random, key): self._value(random, value) for _ in range(count)}
        if kind == "string":
            return random.choice(self._strings[name])
        if kind == "boolean":
            return random.random() < 0.5
        if kind == "timestamp":
            return "2026-01-31T12:00:00Z"
        low, high = bounds(shape)
        edges = [bound for bound in (low, high) if math.isfinite(bound)] or [0]
        return random.choice([*edges, *([] if len(edges) < 2 else [type(edges[0])(sum(edges) / 2)])])

    def _members(self, random: Random, shape: Mapping[str, Any]) -> list[str]:
        members = list(shape.get("members", {}))
        if shape.get("union"):
            return [random.choice(members)]
        required = shape.get("required", ())
        return [member for member in members if member in required or random.random() < 0.5]

    def _strings_of(self, name: str) -> list[str]:
        shape = self._shapes[name]
        if "enum" in shape:
            return list(shape["enum"])
        low, high = (int(bound) if math.isfinite(bound) else _LONG for bound in bounds(shape))
        pattern = shape.get("pattern")
        base = len(shortest(pattern)) if pattern else 0
        lengths = {max(low, base), max(low, base) + 1, min(high, _LONG)}
        texts = {of_length(pattern, length) for length in lengths if length <= high}
        texts |= {text for text in ("😀 names", "a-b c", "Ünï", "x\ty") if low <= len(text) <= high}
        return sorted(text for text in texts if text is not None and (pattern is None or fits(pattern, text)))

    def _with_fault(self, draw: Draw, name: str, value: Any) -> Any:
        """The value with something wrong, or at least unusual, in it or below it."""
        shape = self._shapes[name]
        below = self._below(shape, value)
        if below and draw(st.integers(0, 5)):
            step, inner = below[draw(st.integers(0, len(below) - 1))]
            changed = self._with_fault(draw, inner, value[step])
            if isinstance(value, list):
                return [*value[:step], changed, *value[step + 1 :]]
            return {**value, step: changed}
        return draw(self._unusual(shape, value) if draw(st.integers(0, 3)) else JUNK)

    def _below(self, shape: Mapping[str, Any], value: Any) -> list[tuple[Any, str]]:
        if shape["type"] == "structure" and isinstance(value, dict):
            members = shape.get("members", {})
            return [(member, members[member]["shape"]) for member in value if member in members]
        if shape["type"] == "list" and isinstance(value, list):
            return [(index, shape["member"]["shape"]) for index in range(len(value))]
        if shape["type"] == "map" and isinstance(value, dict):
            return [(key, shape["value"]["shape"]) for key in value]
        return []

    def _unusual(self, shape: Mapping[str, Any], value: Any) -> st.SearchStrategy[Any]:
        """Something next to a value."""
        low, high = bounds(shape)
        if isinstance(value, str):
            return _edited(value)
        if isinstance(value, bool):
            return st.sampled_from([int(value), str(value).lower(), not value])
        if isinstance(value, int | float):
            edges = [bound for bound in (low, high, value) if math.isfinite(bound)]
            near = [edge + step for edge in edges for step in (-1, 0, 1, 0.5)]
            return st.sampled_from([*near, *map(str, edges), *map(float, edges)])
        if isinstance(value, list):
            copies = int(high) + 1 if math.isfinite(high) else 2
            return st.sampled_from([[], value[:-1], [*value, *value], (value[:1] * copies)])
        if isinstance(value, dict) and shape["type"] == "map":
            return self._unusual_map(shape, value)
        if isinstance(value, dict):
            members = shape.get("members", {})
            # Left out, or the name of another member.
            return st.one_of(
                st.sampled_from([{k: v for k, v in value.items() if k != out} for out in value] or [{}]),
                st.tuples(st.sampled_from([*members, "other", ""]), JUNK).map(lambda pair: {**value, pair[0]: pair[1]}),
            )
        return JUNK

    def _unusual_map(self, shape: Mapping[str, Any], value: dict[str, Any]) -> st.SearchStrategy[Any]:
        _, high = bounds(shape)
        sizes = [int(high), int(high) + 1] if math.isfinite(high) else [1]
        keys = self._shapes[shape["key"]["shape"]]
        text = self._strings[shape["value"]["shape"]][0]
        full = [dict.fromkeys(self._values.keys(keys, size), text) for size in sizes]
        longest = int(keys.get("max", 1))
        key = st.one_of(st.text(max_size=3), st.sampled_from(["", "x" * longest, "x" * (longest + 1), "a b", "a-b"]))
        return st.one_of(st.sampled_from([{}, *full]), st.dictionaries(key, st.one_of(st.text(max_size=3), JUNK)))


def _strings_below(shapes: Mapping[str, Mapping[str, Any]], name: str) -> set[str]:
    """The string shapes that a shape is made of."""
    shape = shapes[name]
    if shape["type"] == "string":
        return {name}
    below = [*shape.get("members", {}).values(), *(shape[key] for key in ("member", "key", "value") if key in shape)]
    return set().union(*(_strings_below(shapes, reference["shape"]) for reference in below))


def _edited(value: str) -> st.SearchStrategy[str]:
    """The string with a character more, less or other; at its ends, where anchors count, more often."""
    odd = st.one_of(
        st.sampled_from(["\n", "\r", " ", "\x00", "٤", "é", "\u2028", "😀", "-", "/", "A"]), st.characters()
    )
    at = st.one_of(st.sampled_from([0, len(value)]), st.integers(0, len(value)))
    return st.tuples(odd, at, st.sampled_from([0, 0, 1, 2])).map(
        lambda edit: value[: edit[1]] + edit[0] + value[edit[1] + edit[2] :]
    ) | st.integers(0, len(value)).map(lambda at: value[:at] + value[at + 1 :])
