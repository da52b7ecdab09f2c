"""Looking at a stack again and again: in a terminal, in a log, until it is settled or time is up."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cleanrooms_ml_policy.visible import visible

from ..account.errors import Unreachable
from ..account.run import write
from .render import as_table, changed_lines
from .status import Status

READY, FAILED, OUT_OF_TIME = 0, 1, 3
_FIRST_SECONDS, _LONGEST_SECONDS, _GROWTH = 1.0, 30.0, 1.3


@dataclass
class Clock:
    """The time, and letting it pass."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def pauses(interval: float | None) -> Callable[[], float]:
    """How long to wait before the next look: as asked for, or ever longer."""
    current = [_FIRST_SECONDS]

    def pause() -> float:
        if interval is not None:
            return interval
        seconds, current[0] = current[0], min(_LONGEST_SECONDS, current[0] * _GROWTH)
        return seconds

    return pause


def follow(
    look: Callable[[], Status],
    show: Callable[[Status], None],
    say: Callable[[str], None],
    *,
    until: Callable[[Status], bool],
    interval: float | None = None,
    deadline: float | None = None,
    clock: Clock | None = None,
) -> Status | None:
    """Looks until something holds; None if time is up before.

    Once the first look went well, a later one may fail because credentials have expired or the network is down: that
    is reported once, and polling goes on.

    Raises:
        CannotDo: The first look failed, or a later one for a reason that does not pass.
    """
    clock = clock or Clock()
    pause = pauses(interval)
    fault = ""
    last: Status | None = None
    while True:
        try:
            last = look()
        except Unreachable as error:
            if last is None:
                raise
            if str(error) != fault:
                say(f"{error}; this goes on by itself when AWS answers again")
            fault = str(error)
        else:
            if fault:
                say("AWS answers again")
            fault = ""
            show(last)
            if until(last):
                return last
        now = clock.now()
        if deadline is not None and now >= deadline:
            return None
        seconds = pause()
        clock.sleep(seconds if deadline is None else min(seconds, max(0.0, deadline - now)))


class Log:
    """Shows what changed, a line each."""

    def __init__(self, line: Callable[[str], None] | None = None, now: Callable[[], float] = time.time) -> None:
        self._write = line or write
        self._now = now
        self._last: Status | None = None

    def show(self, status: Status) -> None:
        """Writes what is new."""
        for line in changed_lines(self._last, status):
            self.say(line)
        self._last = status

    def say(self, text: str) -> None:
        """Writes a line with the time."""
        moment = datetime.fromtimestamp(self._now()).astimezone()
        self._write(f"{moment:%H:%M:%S}  {visible(text)}")


class JsonLines:
    """Shows each change as a line of JSON, and what is in the way on standard error."""

    def __init__(self) -> None:
        self._last: Status | None = None

    def show(self, status: Status) -> None:
        """Writes the status, if it is another one."""
        if changed_lines(self._last, status):
            write(json.dumps(status.as_json()))
        self._last = status

    def say(self, text: str) -> None:
        """Writes a line for people."""
        print(visible(text), file=sys.stderr, flush=True)


def watched(
    look: Callable[[], Status], *, until: Callable[[Status], bool], interval: float | None, deadline: float | None
) -> Status | None:
    """Follows a stack: as a live table in a terminal, as lines anywhere else."""
    if not sys.stdout.isatty():
        log = Log()
        return follow(look, log.show, log.say, until=until, interval=interval, deadline=deadline)
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console()
    with Live(Text("reading …"), console=console, auto_refresh=False) as live:
        return follow(
            look,
            lambda status: live.update(as_table(status), refresh=True),
            lambda text: live.console.print(Text(visible(text), style="yellow")),
            until=until,
            interval=interval,
            deadline=deadline,
        )
