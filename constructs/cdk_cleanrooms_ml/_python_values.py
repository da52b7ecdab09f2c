"""Values as Python has them, where the CDK and the service need others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from ._values import form_of

S = TypeVar("S")


def is_resolvable(value: object) -> bool:
    """Whether the CDK resolves an object to a value at synth; a path of ``pathlib`` has one of the members too."""
    return hasattr(type(value), "resolve") and hasattr(value, "creation_stack")


def as_text(keyword: str, value: object) -> str | None:
    """The text of an argument that may be any text: YAML reads 2026-11-01 as a date, and 202611 as a number.

    Raises:
        ValueError: It is neither.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"{keyword} is {form_of(value)}; allowed is text, a number or a date")


def plain(value: object) -> object:
    """A leaf as the CDK's kernel takes it; what is wrong with it, the checks say."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    is_plain = value is None or isinstance(value, str | bool | int | float)
    return value if is_plain or is_resolvable(value) else str(value)


def struct(keyword: str, value: object, kind: type[S]) -> S | None:
    """A struct of the CDK, which may be written as a dict too.

    Raises:
        ValueError: It is neither, or has other keys.
    """
    if value is None or isinstance(value, kind):
        return value
    if not isinstance(value, Mapping):
        allowed = f"{kind.__name__} or a dict with its keywords"
        raise ValueError(f"{keyword} is {form_of(value)}; allowed is {allowed}")
    try:
        keywords: dict[str, Any] = dict(value)
        return kind(**keywords)
    except TypeError as error:
        raise ValueError(f"{keyword}: {error}; allowed are the keywords of {kind.__name__}") from None
