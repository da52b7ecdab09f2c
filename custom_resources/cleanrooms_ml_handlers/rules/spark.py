"""Spark properties that AWS documents, and their values.

The list is data: it grew in the past, and whether the service refuses other keys is not documented.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Any

from ..model import DATA_PATH

# Spark's own units: configuration.html, "Time" and "Size" properties; the AWS page also writes "1 MB", "0 bytes"
# and "300 seconds" for defaults.
_BYTES = re.compile(r"(\d+) ?(b|bytes?|[kmgtp]b?)?", re.ASCII | re.IGNORECASE)
_TIME = re.compile(r"-?\d+ ?(us|ms|s|seconds?|m|min|h|d)?", re.ASCII | re.IGNORECASE)
_WHOLE = re.compile(r"-?\d+", re.ASCII)
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.ASCII | re.IGNORECASE)
_ZONE = re.compile(r"Z|UTC|GMT|((UTC|GMT|UT)?[-+]\d{1,2}(:?\d\d)?(:?\d\d)?)|[A-Za-z_]+(/[-+\w]+)+", re.ASCII)
_UNITS = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}

_NEEDED = {
    "bool": "true or false",
    "int": "a whole number",
    "number": "a number",
    "bytes": "a size like 128m",
    "time": "a time like 30s",
    "zone": "a time zone like UTC, +01:00 or Europe/Berlin",
}


@cache
def documented() -> Mapping[str, Mapping[str, Any]]:
    """Every documented property with its type, and bounds or values where there are any."""
    properties: dict[str, dict[str, Any]] = json.loads((DATA_PATH / "spark_properties.json").read_text("utf-8"))
    return properties


@lru_cache(maxsize=1024)
def nearest(key: str) -> str:
    """The documented property whose name is most similar to a key."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(key)
    best, score = "", -1.0
    for name in documented():
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() > score and matcher.quick_ratio() > score and matcher.ratio() > score:
            best, score = name, matcher.ratio()
    return best


@lru_cache(maxsize=4096)
def needed(key: str, value: str) -> str:
    """What a documented property needs instead of a value; empty if the value fits."""
    wanted = documented()[key]
    text = value.strip()
    if text in wanted.get("or", ()):
        return ""
    if "enum" in wanted:
        enum: list[str] = wanted["enum"]
        return "" if text.lower() in map(str.lower, enum) else f"one of {', '.join(enum)}"
    low, high = wanted.get("min"), wanted.get("max")
    size = _size(wanted["type"], text)
    if size is not None and (low is None or size >= low) and (high is None or size <= high):
        return ""
    return _NEEDED[wanted["type"]] + _bounds(wanted)


def _size(kind: str, text: str) -> float | None:
    """The size of a value of a type; None if the value does not have the type."""
    if kind == "bytes":
        match = _BYTES.fullmatch(text)
        return float(match[1]) * 1024 ** _UNITS[(match[2] or "")[:1].lower()] if match else None
    if kind == "int":
        return float(text) if _WHOLE.fullmatch(text) else None
    if kind == "number":
        return float(text) if _NUMBER.fullmatch(text) else None
    fits = {
        "bool": text.lower() in ("true", "false"),
        "time": _TIME.fullmatch(text) is not None,
        "zone": _ZONE.fullmatch(text) is not None,
        "text": True,
    }
    return 0.0 if fits[kind] else None


def _bounds(wanted: Mapping[str, Any]) -> str:
    low, high, others = wanted.get("min"), wanted.get("max"), wanted.get("or", ())
    unit = " bytes" if wanted["type"] == "bytes" else ""
    bounds = f" from {low} to {high}" if high is not None else f" of at least {low}{unit}" if low is not None else ""
    return bounds + "".join(f", or {value}" for value in others)
