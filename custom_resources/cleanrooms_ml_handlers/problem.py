"""A problem of a request: where it is, what is wrong, and how messages show paths and values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeAlias

# The longest value that a message shows unshortened.
_SHOWN_CHARS = 60

# The prefix of the id of every constraint and rule.
ID_PREFIX = "cleanrooms-ml:"


@dataclass(frozen=True)
class Problem:
    """One constraint or rule that a request breaks.

    Attributes:
        path: The field in the API's own names.
        message: What is wrong and what is allowed.
        rule: The stable id of the constraint or rule.
    """

    path: str
    message: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.path} {self.message}" if self.path else self.message


@dataclass(frozen=True, slots=True)
class Entry:
    """A step of a path into a map: to the value behind a key, or to the key itself."""

    key: object
    hidden: bool
    to_key: bool = False

    def __str__(self) -> str:
        text = "***" if self.hidden else shown(self.key)
        return f" key {text}" if self.to_key else f"[{text}]"


# A path from the inside out: the path of the parent, and the last step (a member, an index or an entry); None is
# the root.
Path: TypeAlias = "tuple[Path, str | int | Entry] | None"


def rendered(path: Path) -> str:
    """A path as messages write it: `inputChannel.dataSource`, `audienceSizeBins[2]`, `spark["a key"]`."""
    steps: list[str] = []
    while path:
        path, step = path
        steps.append(f".{step}" if isinstance(step, str) else f"[{step}]" if isinstance(step, int) else str(step))
    return "".join(reversed(steps)).removeprefix(".")


def nothing_is_unknown(_: object) -> bool:
    """The default of `skip`: every value is known."""
    return False


def shown(value: object) -> str:
    """A value for a message: quoted if it is text, and shortened."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    # Quotes and escapes are not characters of the value.
    count = len(value) if isinstance(value, str) else len(text)
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}… ({count} characters)"
