"""What is checked at synth of one construct, and the user's own line.

Everything that knows what a token looks like is here.
"""

from __future__ import annotations

import math
import os
import re
import struct
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsii

from cleanrooms_ml_handlers.partial import PartialText
from cleanrooms_ml_policy.unknown import is_placeholder, partial

from ._python_values import is_resolvable, plain
from ._values import NewerValue

_PACKAGE_FOLDER = str(Path(__file__).parent) + os.sep
# Constructing a jsii object passes through its runtime.
_JSII_FOLDER = str(Path(jsii.__file__).parent) + os.sep
# The upper bits of the doubles by which the CDK encodes numbers that it does not know yet.
_NUMBER_TOKEN_BITS = 0xFBFF
# No number token is nearer to 0.
_LEAST_TOKEN = 1e289
_TEXT_TOKEN = re.compile(r"\$\{Token\[[^]]*\]\}")


def is_token(value: object) -> bool:
    """Whether a leaf is known only later: at deployment, or when the CDK has looked it up.

    Makes no call: the CDK's markers show it.
    """
    if isinstance(value, str):
        return "${Token[" in value or is_placeholder(value)
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        # By far the most.
        if -_LEAST_TOKEN < value < _LEAST_TOKEN:
            return False
        try:
            bits: int = struct.unpack(">H", struct.pack(">d", value)[:2])[0]
        except (OverflowError, struct.error):
            return False
        return bits == _NUMBER_TOKEN_BITS
    if isinstance(value, list | tuple):
        return len(value) == 1 and isinstance(value[0], str) and value[0].startswith("#{Token[")
    # A dict first: to look for other mappings takes longer.
    return not (value is None or isinstance(value, dict | Mapping | PartialText)) and is_resolvable(value)


def reject_token(what: str, value: object) -> None:
    """Stops at a value that has to be known at synth.

    Raises:
        ValueError: The value is a token.
    """
    if is_token(value):
        raise ValueError(f"{what} is a token; it has to be known at synth. Pass a plain value")


def without_none(value: Any) -> Any:
    """The value without members that are absent; jsii drops None silently, in lists too."""
    if isinstance(value, AssetText):
        return value
    if isinstance(value, Mapping):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [without_none(item) for item in value if item is not None]
    return value


def sendable(value: Any) -> Any:
    """The value as jsii's kernel takes it, which dies of what JSON does not have. The checks refuse that."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: sendable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [sendable(item) for item in value]
    return plain(value)


def reject_no_number(what: str, value: object) -> None:
    """Stops at a number that JSON does not have, where no check comes before the CDK.

    Raises:
        ValueError: The value is one.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{what} is {value}; a number is needed. Pass a finite one")


class AssetText(dict[str, str]):
    """A text in S3: its location for the template, and its content for the checks."""

    def __init__(self, *, bucket: str, key: str, text: str) -> None:
        super().__init__(S3Bucket=bucket, S3Key=key)
        self.text = text


def spelled_out(value: Any) -> Any:
    """The value with the content of texts in S3 instead of their locations."""
    if isinstance(value, str):
        # By far the most, and nothing below.
        return value
    if isinstance(value, AssetText):
        return value.text
    if isinstance(value, Mapping):
        return {key: spelled_out(item) for key, item in value.items()}
    if isinstance(value, list | tuple) and not is_token(value):
        return [spelled_out(item) for item in value]
    return value


def as_far_as_known(value: Any) -> Any:
    """The value with partial texts instead of texts of which only parts are known."""
    if isinstance(value, str):
        return partial(value, _TEXT_TOKEN) if is_token(value) and not isinstance(value, NewerValue) else value
    if isinstance(value, Mapping):
        return {key: as_far_as_known(item) for key, item in value.items()}
    if isinstance(value, list | tuple) and not is_token(value):
        return [as_far_as_known(item) for item in value]
    return value


def may_match(text: str, pattern: str) -> bool:
    """Whether a text matches a pattern as far as it is known."""
    if not is_token(text):
        return PartialText((text,)).may_match(pattern)
    known = partial(text, _TEXT_TOKEN)
    return isinstance(known, str) or known.may_match(pattern)


def user_line() -> str:
    """File and line of the user's code that is running: the innermost frame outside this package and jsii."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith((_PACKAGE_FOLDER, _JSII_FOLDER)):
        frame = frame.f_back
    try:
        folder = os.getcwd()
    except OSError:
        folder = ""
    return f"{_seen_from(folder, frame.f_code.co_filename)}:{frame.f_lineno}"


@cache
def _seen_from(folder: str, path: str) -> str:
    """The path, from the folder on if it is below that."""
    is_inside = bool(folder) and Path(path).is_relative_to(folder)
    return os.path.relpath(path, folder) if is_inside else path


def is_unchecked(value: object) -> bool:
    """Whether a value is left to the deployment."""
    return isinstance(value, NewerValue) or is_token(value)
