"""A mapping that says what to do about a name which it does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


class Explained(dict[str, T]):
    """Values by name.

    Args:
        values: The values.
        advice: What a missing name lacks, and where to add it.
    """

    def __init__(self, values: Mapping[str, T], advice: str) -> None:
        super().__init__(values)
        self._advice = advice

    def __missing__(self, name: str) -> T:
        """Reports a missing name.

        Raises:
            LookupError: Always.
        """
        raise LookupError(f"{name}: {self._advice}")
