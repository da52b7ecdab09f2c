"""What an operation did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What an operation did: the members of its reply and the key of the record that it concerned."""

    result: Mapping[str, Any]
    key: str = ""
