"""How Python writes names and lists, and lines that are there or not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# Formatting breaks lists, so that only texts may be longer.
_TEXT_CHARS = 100
NOT_SAID = "Look: say what it is."


def snake(name: str) -> str:
    """A name as files have it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def indented(lines: Iterable[str], by: int) -> str:
    """Lines with so many spaces before each."""
    return "".join(f"{' ' * by}{line}\n" for line in lines)


def when(condition: object, *lines: str) -> str:
    """Lines if something is so, else nothing."""
    return "".join(f"{line}\n" for line in lines) if condition else ""


def longer_lines(values: Iterable[str]) -> str:
    """The comment that allows a file longer lines, if one of its values needs them."""
    return when(any(len(text) > _TEXT_CHARS for value in values for text in value.split('"')), "# ruff: noqa: E501")


def entries(values: Mapping[str, str], opening: str = "{", closing: str = "}") -> str:
    """A dictionary whose values are Python already."""
    return opening + ", ".join(f'"{name}": {value}' for name, value in values.items()) + closing


def names(values: Iterable[str]) -> str:
    """A tuple of texts."""
    return "(" + "".join(f'"{value}", ' for value in values) + ")"


def article(words: str) -> str:
    """Words with their article, as a sentence begins."""
    return f"{'An' if words[0] in 'aeio' or words.startswith('ml ') else 'A'} {words}"
