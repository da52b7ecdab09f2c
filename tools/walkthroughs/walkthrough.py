"""Tells what happens on a sandbox, and checks what is claimed of it: what `make demo` and `make examples` share."""

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


class Broken(Exception):
    """A claim that does not hold."""


class Story:
    """Tells what happens, and checks it."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self._began = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announces a step, and says how long it took."""
        self.say(f"\n[bold]{escape(title)}[/]")
        began = time.monotonic()
        with self._working():
            yield
        self.say(f"  [dim]{time.monotonic() - began:.1f} s[/]")

    def tell(self, what: str, value: object = "") -> None:
        """Prints a fact."""
        self.say(f"  {escape(what):<24} {escape(str(value))}")

    def claim(self, holds: object, what: str) -> None:
        """Prints a claim that holds.

        Raises:
            Broken: It does not.
        """
        if not holds:
            raise Broken(what)
        self.say(f"  [green]✓[/] {escape(what)}")

    def end(self) -> None:
        """Says how long all of it took."""
        self.say(f"\n[bold green]All of it held.[/] {time.monotonic() - self._began:.1f} s")

    def say(self, markup: str) -> None:
        """Prints a line."""
        self.console.print(markup)

    def _working(self) -> AbstractContextManager[object]:
        return self.console.status("working …")


class Chapter(Story):
    """One of several stories that happen at the same time: prints a step with its claims when the next one begins.

    Args:
        story: The story that it belongs to.
        name: What its steps begin with.
    """

    _printing = threading.Lock()

    def __init__(self, story: Story, name: str) -> None:
        super().__init__()
        self._story = story
        self._name = name
        self._lines: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announces a step, and says how long it took."""
        self.flush()
        with super().step(f"{self._name}: {title}"):
            yield

    def say(self, markup: str) -> None:
        """Keeps a line for `flush`."""
        self._lines.append(markup)

    def flush(self) -> None:
        """Prints what was told since the last time."""
        with self._printing:
            for line in self._lines:
                self._story.say(line)
        self._lines.clear()

    def _working(self) -> AbstractContextManager[object]:
        return nullcontext()


def told(title: str, subject: str, tell: Callable[[Story, Path], None]) -> int:
    """Tells a story.

    Args:
        title: What it says first.
        subject: What is missing something if it cannot begin.
        tell: Tells all of it; gets an empty folder.

    Returns:
        The exit code: 0 if every claim held, 1 if one did not, 2 if something that it needs is missing.
    """
    story = Story()
    try:
        story.say(title)
        with tempfile.TemporaryDirectory() as folder:
            tell(story, Path(folder))
        story.end()
    except Broken as broken:
        story.say(f"\n[bold red]This does not hold:[/] {escape(str(broken))}")
        return 1
    except SandboxError as error:
        story.say(f"\n[bold red]{subject} cannot run:[/] {escape(str(error))}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0
