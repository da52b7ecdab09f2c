"""Settings of a check: from ``cleanrooms-ml.toml`` and from the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cleanrooms_ml_policy import Policy, PolicyError

from .errors import BadInput

FILE_NAME = "cleanrooms-ml.toml"
_TABLE = "policy"


def find(path: Path) -> Path | None:
    """The settings of a path: in the folder beside it, or in the nearest one above."""
    for folder in path.resolve().parents:
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    return None


def policy(file: Path | None, overrides: Mapping[str, Any]) -> Policy:
    """The organisation's policy.

    Args:
        file: The settings' file; None for none.
        overrides: Settings by name that go before those of the file.

    Raises:
        BadInput: A setting is wrong.
    """
    settings = _read(file) if file else {}
    try:
        if file:
            # First by themselves, so that the message names the file.
            Policy.of(settings)
    except PolicyError as error:
        raise BadInput(f"{file}: [{_TABLE}] {error}") from None
    try:
        return Policy.of({**settings, **overrides})
    except PolicyError as error:
        raise BadInput(str(error)) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise BadInput(f"{file}: is no TOML: {error}") from None
    for name in content:
        if name != _TABLE:
            raise BadInput(f"{file}: {name} is not known here; settings stand below [{_TABLE}]")
    settings = content.get(_TABLE, {})
    if not isinstance(settings, dict):
        raise BadInput(f"{file}: {_TABLE} is no table; write [{_TABLE}] and the settings below it")
    return settings
