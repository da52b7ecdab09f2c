"""Calls that a fault holds until they are released, so that a test can act in the middle of a call."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class HeldCall:
    """One call that waits for its release.

    Args:
        operation: Its operation.
        account: The account that it comes from.
        caller: The role that signed it.
    """

    operation: str
    account: str
    caller: str
    _released: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def wait(self) -> None:
        """Blocks until the call is released."""
        self._released.wait()

    def release(self) -> None:
        """Lets the call go on."""
        self._released.set()

    def as_json(self) -> dict[str, Any]:
        """The call for the control endpoint."""
        return {"operation": self.operation, "account": self.account, "caller": self.caller}


class Holds:
    """The calls that are held, in the order of their arrival. Used with the emulator's lock held."""

    def __init__(self) -> None:
        self.calls: list[HeldCall] = []

    def add(self, operation: str, account: str, caller: str) -> HeldCall:
        """Takes a call in; the caller waits for its release once the lock is free."""
        held = HeldCall(operation, account, caller)
        self.calls.append(held)
        return held

    def release(self, operation: str | None = None) -> list[HeldCall]:
        """Releases the calls of an operation, or all."""
        released = [held for held in self.calls if operation in (None, held.operation)]
        self.calls = [held for held in self.calls if operation not in (None, held.operation)]
        for held in released:
            held.release()
        return released
