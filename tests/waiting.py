"""Waiting for a condition. The limit ends a test that hangs; nothing is measured with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

HANGS_AFTER_SECONDS = 600.0

Found = TypeVar("Found")


def until(look: Callable[[], Found], what: str) -> Found:
    """What `look` returns once it is true.

    Args:
        look: Asks for the state of things.
        what: What is waited for, for the message.
    """
    deadline = time.monotonic() + HANGS_AFTER_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"still waiting for {what}; the last answer was {found!r}"
        time.sleep(0.05)
    return found
