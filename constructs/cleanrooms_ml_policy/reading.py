"""Reads files that nobody may trust: no more of them than a template can need."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

Template: TypeAlias = Mapping[str, Any]

# CloudFormation accepts templates of up to 1 MB. Those of an app that has grown too large are still checked.
MAX_TEMPLATE_BYTES = 4 * 1024 * 1024
# Values inside values. The deepest request of Clean Rooms ML has 9; functions of CloudFormation add a few each.
MAX_DEPTH = 100


class UnreadableTemplate(Exception):
    """A file that is not a template; the message says why, and what to do."""


def read_text(path: Path, limit: int = MAX_TEMPLATE_BYTES) -> str:
    """The text of a file.

    Args:
        path: The file.
        limit: How many bytes it may have.

    Raises:
        UnreadableTemplate: It cannot be read, is too large or is not UTF-8.
    """
    try:
        content = read_bytes(path, limit + 1)
        if len(content) > limit:
            raise UnreadableTemplate(f"{path}: has more than {limit // 1024**2} MB; CloudFormation accepts 1 MB")
        # Editors on Windows write a byte order mark.
        return content.decode("utf-8-sig")
    except OSError as error:
        raise UnreadableTemplate(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableTemplate(f"{path}: is not UTF-8") from None
    except ValueError as error:
        # The name of a nested template may be none that a file can have.
        raise UnreadableTemplate(f"{path}: cannot be read: {error}") from None


def read_bytes(path: Path, count: int) -> bytes:
    """The first bytes of a file.

    Raises:
        OSError: It cannot be read.
        UnreadableTemplate: The system shows it as a file, but it never ends.
    """
    with open(path, "rb", opener=_open) as file:
        content: bytes | None = file.read(count)
    if content is None:
        raise UnreadableTemplate(f"{path}: cannot be read: it never ends")
    return content


def _open(path: str, flags: int) -> int:
    """Opens a file; what the system shows as one but never ends, as the kernel's log, is not waited for.

    A pipe is: only the user can name one.
    """
    waits = not stat.S_ISREG(os.stat(path).st_mode)
    return os.open(path, flags if waits else flags | getattr(os, "O_NONBLOCK", 0))


def load_json(path: Path) -> Template:
    """A template in JSON.

    Raises:
        UnreadableTemplate: There is no such file, or it is not a template.
    """
    text = read_text(path)
    try:
        value = json.loads(text)
    except RecursionError:
        raise UnreadableTemplate(too_deep(path)) from None
    except ValueError as error:
        raise UnreadableTemplate(f"{path}: is not JSON: {error}") from None
    return as_template(path, value)


def as_template(path: Path, value: object) -> Template:
    """The content of a file, if it is a template.

    Raises:
        UnreadableTemplate: It is not.
    """
    if not isinstance(value, Mapping):
        raise UnreadableTemplate(f"{path}: is not a template: it is not an object with Resources")
    if not isinstance(value.get("Resources"), Mapping):
        raise UnreadableTemplate(f"{path}: is not a template: it has no Resources")
    if _is_deep(value):
        raise UnreadableTemplate(too_deep(path))
    return value


def too_deep(path: Path) -> str:
    """The message about a file with too many values inside values."""
    return f"{path}: is nested more than {MAX_DEPTH} levels deep; no request of Clean Rooms ML needs that"


def _is_deep(value: object) -> bool:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for one in level
            for item in (one.values() if isinstance(one, Mapping) else one)
            if isinstance(item, Mapping | list)
        ]
        if not level:
            return False
    return True
