"""Values within the limits of a service model, as Python writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_handlers.model import ServiceModel

_NUMBERS = {"boolean": "True", "double": "0.5", "float": "0.5"}
UUID = "11111111-2222-4333-8444-555555555555"
ACCOUNT = "111122223333"
# The beginning of the pattern of an ARN: its service.
_ARN = re.compile(r"arn:(?:aws\S*?|\(aws[^)]*\)):([a-z-]+):")


def sample(model: ServiceModel, shape: str, word: str = "one") -> str:
    """A value within the limits of a shape.

    Args:
        model: The model of the service.
        shape: The shape.
        word: Where there is a choice, a text has this word: another word gives another value.
    """
    definition = model.shapes[shape]
    kind = definition["type"]
    if kind == "structure":
        members = model.members(shape)
        names = definition.get("required", ()) or list(members)[: 1 if definition.get("union") else 0]
        return "{" + ", ".join(f'"{name}": {sample(model, members[name], word)}' for name in names) + "}"
    if kind == "list":
        return f"[{sample(model, definition['member']['shape'], word)}]" if definition.get("min", 1) else "[]"
    if kind == "map":
        return "{}"
    if kind == "timestamp":
        return '"2026-01-31T12:00:00Z"'
    if "enum" in definition:
        return f'"{definition["enum"][0 if word == "one" else -1]}"'
    if kind == "string":
        return f'"{_text(definition, word)}"'
    return str(max(definition.get("min", 1), 1)) if kind in ("integer", "long") else _NUMBERS[kind]


def _text(shape: Mapping[str, Any], word: str) -> str:
    pattern = str(shape.get("pattern", ""))
    if arn := _ARN.match(pattern):
        region = "" if arn[1] == "iam" else "us-east-1"
        return f"arn:aws:{arn[1]}:{region}:{ACCOUNT}:{_resource(pattern)}{word}"
    if "{8}-" in pattern:
        return UUID
    if pattern.startswith("[0-9]{12}"):
        return ACCOUNT
    if pattern.startswith("s3://"):
        return f"s3://bucket/{word}"
    least = int(shape.get("min", 1))
    return word * -(-least // len(word)) if least > len(word) else word[: int(shape.get("max", len(word)))]


def _resource(pattern: str) -> str:
    """The resource part of an ARN up to its last slash: the last slash-separated part is the caller's word."""
    words = re.findall(r"(?<![\w\]-])([a-z][a-z-]+)/", pattern.rpartition(":")[2])
    return "".join(f"{word}/{UUID}/" if word == "membership" and word != words[-1] else f"{word}/" for word in words)
