"""Values that represent what only a deployment knows, in the form that the API asks for.

The engine checks a request with the service model before it sends it: a reference as text would be refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib import import_module
from typing import Any

from .handlers import ResourceSpec, ServiceModel, model_pattern, service_model
from .intrinsics import Unknown

# Python has a parser of regular expressions, but no public name for it.
regex: Any = import_module("re._constants")
parser: Any = import_module("re._parser")
# What a free character is taken from: allowed wherever letters or digits are.
_FREE = "0123456789abcdef"
_LONGEST_CHARS = 64


def fitted(spec: ResourceSpec, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a resource with placeholders for what is unknown."""
    model = service_model(spec.service)
    members = model.input_members(spec.create)
    return {key: _fitted(model, members.get(key, ""), value) for key, value in properties.items()}


def _fitted(model: ServiceModel, shape: str, value: Any) -> Any:
    definition = model.shapes.get(shape, {})
    if isinstance(value, Unknown):
        return _placeholder(definition, value)
    if isinstance(value, Mapping):
        members = definition.get("members", {})
        below = definition.get("value", {}).get("shape", "")
        return {key: _fitted(model, members.get(key, {}).get("shape", below), item) for key, item in value.items()}
    if isinstance(value, list):
        return [_fitted(model, definition.get("member", {}).get("shape", ""), item) for item in value]
    return value


def _placeholder(definition: Mapping[str, Any], value: Unknown) -> Any:
    kind = definition.get("type", "")
    if kind in ("integer", "long", "double", "float"):
        return Unknown(str(definition.get("min", 1)), value.reference)
    if kind == "boolean":
        return Unknown("true", value.reference)
    if kind != "string":
        return value
    if "enum" in definition:
        return Unknown(str(definition["enum"][0]), value.reference)
    shortest, longest = int(definition.get("min", 0)), int(definition.get("max", _LONGEST_CHARS))
    return Unknown(sample(definition.get("pattern", ".+"), str(value), shortest, longest), value.reference)


@cache
def sample(pattern: str, seed: str, shortest: int, longest: int) -> str:
    """A text that fits a pattern; another seed gives another one wherever the pattern leaves room.

    Args:
        pattern: A regular expression of the service model.
        seed: What the text represents.
        shortest, longest: Its length.
    """
    compiled = model_pattern(pattern)
    parsed = parser.parse(compiled.pattern)
    for extra in range(_LONGEST_CHARS + 1):
        stream = _stream(seed)
        text = "".join(_written(parsed, stream, max(extra, 8)))[:longest]
        if len(text) >= shortest and compiled.fullmatch(text):
            return text
    return seed


def _stream(seed: str) -> Iterator[str]:
    block = 0
    while True:
        yield from sha256(f"{seed}{block}".encode()).hexdigest()
        block += 1


def _written(parsed: Any, free: Iterator[str], room: int) -> Iterator[str]:
    for code, argument in parsed:
        if code is regex.LITERAL:
            yield chr(argument)
        elif code in (regex.ANY, regex.NOT_LITERAL):
            yield next(free)
        elif code is regex.IN:
            yield _one_of(argument, free)
        elif code in (regex.MAX_REPEAT, regex.MIN_REPEAT):
            least, most, inner = argument
            # An open end is where one value can differ from another.
            count = least if least == most else min(max(least, room if most > _LONGEST_CHARS else least), most)
            for _ in range(count):
                yield from _written(inner, free, room)
        elif code is regex.SUBPATTERN:
            yield from _written(argument[-1], free, room)
        elif code is regex.BRANCH:
            yield from _written(argument[1][0], free, room)


def _one_of(choices: Any, free: Iterator[str]) -> str:
    """A character of a class: a free one if the class has it, else its first."""
    is_negated = any(code is regex.NEGATE for code, _ in choices)
    for _ in range(len(_FREE) * 4):
        wanted = next(free)
        if any(_has(code, argument, wanted) for code, argument in choices) is not is_negated:
            return wanted
    firsts = [chr(argument if code is regex.LITERAL else argument[0]) for code, argument in choices if code in _SPANS]
    return firsts[0] if firsts else "a"


_SPANS = (regex.LITERAL, regex.RANGE)


def _has(code: Any, argument: Any, character: str) -> bool:
    if code is regex.LITERAL:
        return bool(ord(character) == argument)
    if code is regex.RANGE:
        return bool(argument[0] <= ord(character) <= argument[1])
    # Of the categories only those of digits leave letters out, and all free characters are one or the other.
    return code is regex.CATEGORY and (character.isdigit() or argument is not regex.CATEGORY_DIGIT)
