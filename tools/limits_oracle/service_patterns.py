"""Strings that fit, or just do not fit, the patterns of botocore's service models.

Patterns are read here a second time, on purpose: how the checker reads them is what is being tested.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

# How the models write "every character outside the basic multilingual plane".
OUTSIDE_BMP = r"\uD800\uDBFF-\uDC00\uDFFF"
_WIDE = r"\u0020-\uD7FF\uE000-\uFFFD" + OUTSIDE_BMP
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_"}

# Characters that patterns tend to forbid; the last is half of a pair.
ODD_CHARACTERS = ("!", "+", " ", "\n", "\r", "\x00", "/", "é", "٤", "\u2028", "\ud800")

_GENERATE = settings(
    max_examples=1,
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@cache
def _categories() -> list[str]:
    """The category of Unicode of each character, in order; asking a million times takes its time."""
    return [unicodedata.category(chr(code)) for code in range(sys.maxunicode + 1)]


@cache
def _members(category: str, highest: int) -> str:
    """The characters of a category of Unicode such as L or Zs, up to one, as the inside of a class."""
    fitting = {kind for kind in set(_categories()) if kind.startswith(category)}
    belongs = "".join(["x" if kind in fitting else " " for kind in _categories()[: highest + 1]])
    return "".join(f"\\U{run.start():08x}-\\U{run.end() - 1:08x}" for run in re.finditer("x+", belongs))


def python_pattern(text: str, highest: int = sys.maxunicode) -> str:
    """A pattern of a model, in ECMAScript's dialect, as an anchored one of Python's re.

    Args:
        text: The pattern.
        highest: The last character to list of a category of Unicode.
    """
    characters = iter(text.replace(OUTSIDE_BMP, "\U00010000-\U0010ffff"))
    result = ""
    in_class = False
    for character in characters:
        if character == "\\":
            escaped = next(characters)
            ranges = _CLASSES.get(escaped)
            if escaped == "p":
                ranges = _members("".join(iter(characters.__next__, "}")).removeprefix("{"), highest)
            result += f"\\{escaped}" if ranges is None else ranges if in_class else f"[{ranges}]"
        elif character == "." and not in_class:
            result += r"[^\n\r\u2028\u2029]"
        elif character == "$" and not in_class:
            result += r"\Z"
        else:
            in_class = character == "[" or (in_class and character != "]")
            result += character
    return rf"^(?:{result})\Z"


def far_members(text: str) -> list[str]:
    """The last character of each category of Unicode that a pattern names: a check of ASCII alone refuses it."""
    names = re.findall(r"\\p\{(\w+)\}", text)
    return [chr(int(_members(name, sys.maxunicode)[-8:], 16)) for name in names]


@cache
def compiled(text: str) -> re.Pattern[str]:
    """A pattern of a model, for `search`."""
    return re.compile(python_pattern(text))


def fits(text: str, value: str) -> bool:
    """Whether a pattern of a model allows a value."""
    return compiled(text).search(value) is not None


@cache
def shortest(text: str) -> str:
    """A string that fits a pattern and from which nothing can be left out."""
    # Hypothesis takes seconds to list a class of a million characters; printable ones are among them.
    narrow = python_pattern(text.replace(_WIDE, " -~"), highest=ord("~"))
    value: str = find(st.from_regex(narrow, fullmatch=True), lambda _: True, settings=_GENERATE)
    step = max(1, len(value) // 2)
    while step:
        position = 0
        while position < len(value):
            shorter = value[:position] + value[position + step :]
            if fits(text, shorter):
                value = shorter
            else:
                position += 1
        step //= 2
    return value


@cache
def of_length(text: str | None, length: int) -> str | None:
    """A string of a length that fits a pattern; None if there seems to be none."""
    if text is None:
        return "x" * length
    seed: str = shortest(text)
    missing = length - len(seed)
    if missing <= 0:
        return seed if missing == 0 else None
    for position in reversed(range(len(seed) + 1)):
        for character in dict.fromkeys((*seed[position : position + 1], *seed[position - 1 : position], *"a0")):
            value: str = seed[:position] + character * missing + seed[position:]
            if fits(text, value):
                return value
    return None


def misfits(text: str, value: str, low: int, high: float) -> Iterator[str]:
    """Strings of an allowed length that do not fit a pattern, derived from one that does.

    Something odd before, behind and within it: a pattern that is not anchored, at either end, lets some pass.
    """
    changes = (
        lambda odd: odd + value,
        lambda odd: value + odd,
        lambda odd: odd + value[1:],
        lambda odd: value[:-1] + odd,
        lambda odd: value[: len(value) // 2] + odd + value[len(value) // 2 + 1 :],
        lambda odd: value[1:],
        lambda odd: odd,
    )
    candidates = dict.fromkeys(change(odd) for change in changes for odd in ODD_CHARACTERS)
    return (candidate for candidate in candidates if low <= len(candidate) <= high and not fits(text, candidate))
