"""Steps with their times, on standard error, so that standard output stays for programs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from .errors import Prerequisite

try:
    from rich.console import Console
    from rich.markup import escape
except ImportError:
    raise Prerequisite("rich is not installed; install it with: pip install 'cdk-cleanrooms-ml[sandbox]'") from None


class Step:
    """A step that is under way."""

    def __init__(self) -> None:
        self.problem = ""

    def fail(self, problem: str) -> None:
        """Report it as failed at its end, without an exception."""
        self.problem = problem


class Progress:
    """Reports steps as they begin and end."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    def note(self, text: str) -> None:
        """Report something that was done on the way."""
        self._console.print(f"[green]done[/] {escape(text)}", soft_wrap=True)

    @contextlib.contextmanager
    def step(self, what: str, spins: bool = True) -> Iterator[Step]:
        """Time one step.

        Args:
            what: Its name.
            spins: Show that it goes on; not for a step that writes to the terminal itself.
        """
        step = Step()
        started = time.monotonic()
        shown = self._console.status(f"{what} …") if spins else contextlib.nullcontext()
        if not spins:
            self._console.print(f"[cyan]>[/] {what}")
        try:
            with shown:
                yield step
        except BaseException:
            self._end("red", "failed", what, started)
            raise
        if step.problem:
            self._end("red", "failed", f"{what}: {step.problem}", started)
        else:
            self._end("green", "done", what, started)

    def _end(self, color: str, word: str, what: str, started: float) -> None:
        self._console.print(f"[{color}]{word}[/] {what}  [dim]{time.monotonic() - started:.1f} s[/]")
