"""Settings of a check: from ``cleanrooms-ml.toml`` and from the command line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cleanrooms_ml_policy import Policy, PolicyError
from cleanrooms_ml_policy.reading import UnreadableTemplate, read_text

from .errors import BadInput

FILE_NAME = "cleanrooms-ml.toml"
_TABLE = "policy"
_MAX_BYTES = 1024 * 1024


def find(path: Path) -> Path | None:
    """The settings file of a path: next to it, or in the nearest folder above."""
    for folder in path.resolve().parents:
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    return None


def policy(file: Path | None, overrides: Mapping[str, Any]) -> Policy:
    """The organization's policy from a file and the command line.

    Args:
        file: The settings file; None for none.
        overrides: Settings by name that take precedence over the file.

    Raises:
        BadInput: A setting is invalid.
    """
    settings = _read(file) if file else {}
    try:
        if file:
            # First without the overrides, so that the message names the file.
            Policy.of(settings)
    except PolicyError as error:
        raise BadInput(f"{file}: [{_TABLE}] {error}") from None
    try:
        return Policy.of({**settings, **overrides})
    except PolicyError as error:
        raise BadInput(str(error)) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(read_text(file, _MAX_BYTES))
    except UnreadableTemplate as error:
        raise BadInput(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{file}: is not TOML: {error}") from None
    for name in content:
        if name != _TABLE:
            raise BadInput(f"{file}: {name} is not known here; put settings below [{_TABLE}]")
    settings = content.get(_TABLE, {})
    if not isinstance(settings, dict):
        raise BadInput(f"{file}: {_TABLE} is not a table; write [{_TABLE}] and the settings below it")
    return settings
