"""Walkthroughs of a sandbox that check each claim: what `make demo` and `make examples` share."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cleanrooms_ml_cli.sandbox import SandboxError


class ClaimFailed(Exception):
    """A claim that does not hold."""


class Walkthrough:
    """Prints what happens, and checks it."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self._began = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Prints the title of a step, and at its end how long it took."""
        self.say(f"\n[bold]{escape(title)}[/]")
        began = time.monotonic()
        with self._working():
            yield
        self.say(f"  [dim]{time.monotonic() - began:.1f} s[/]")

    def report(self, what: str, value: object = "") -> None:
        """Prints a fact."""
        self.say(f"  {escape(what):<24} {escape(str(value))}")

    def claim(self, holds: object, what: str) -> None:
        """Prints a claim that holds.

        Raises:
            ClaimFailed: It does not.
        """
        if not holds:
            raise ClaimFailed(what)
        self.say(f"  [green]✓[/] {escape(what)}")

    def end(self) -> None:
        """Prints how long all of it took."""
        self.say(f"\n[bold green]All of it held.[/] {time.monotonic() - self._began:.1f} s")

    def say(self, markup: str) -> None:
        """Prints a line."""
        self.console.print(markup)

    def _working(self) -> AbstractContextManager[object]:
        return self.console.status("working …")


class Track(Walkthrough):
    """One of several walkthroughs that run at the same time: prints a step with its claims when the next one begins.

    Args:
        walkthrough: The walkthrough that it belongs to.
        name: The beginning of its steps' titles.
    """

    _printing = threading.Lock()

    def __init__(self, walkthrough: Walkthrough, name: str) -> None:
        super().__init__()
        self._walkthrough = walkthrough
        self._name = name
        self._lines: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Keeps the title of a step, and at its end how long it took."""
        self.flush()
        with super().step(f"{self._name}: {title}"):
            yield

    def say(self, markup: str) -> None:
        """Keeps a line for `flush`."""
        self._lines.append(markup)

    def flush(self) -> None:
        """Prints the lines since the last time."""
        with self._printing:
            for line in self._lines:
                self._walkthrough.say(line)
        self._lines.clear()

    def _working(self) -> AbstractContextManager[object]:
        return nullcontext()


def run(title: str, subject: str, steps: Callable[[Walkthrough, Path], None]) -> int:
    """Runs a walkthrough.

    Args:
        title: The first line that it prints.
        subject: What is missing something if it cannot begin.
        steps: All of it; gets an empty folder.

    Returns:
        The exit code: 0 if every claim held, 1 if one did not, 2 if something that it needs is missing.
    """
    walkthrough = Walkthrough()
    try:
        walkthrough.say(title)
        with tempfile.TemporaryDirectory() as folder:
            steps(walkthrough, Path(folder))
        walkthrough.end()
    except ClaimFailed as failed:
        walkthrough.say(f"\n[bold red]This does not hold:[/] {escape(str(failed))}")
        return 1
    except SandboxError as error:
        walkthrough.say(f"\n[bold red]{subject} cannot run:[/] {escape(str(error))}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0
