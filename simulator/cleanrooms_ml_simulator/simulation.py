"""Virtual time: a clock, a queue of events, and processes that take turns.

Only one thread runs at any moment: the test's own, which works through the queue, or the process whose turn it is.
A process gives its turn back when it sleeps or ends, so a run of the same test is always the same run.
"""

from __future__ import annotations

import heapq
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

# 2026-01-31T12:00:00Z: where every test starts.
START = 1_769_860_800.0

Action = Callable[[], object]


class KilledError(BaseException):
    """Ends a process from outside; nothing but the simulation catches it."""


class StuckError(AssertionError):
    """The test waits for something that nothing in the queue can cause."""


class _Thread:
    """A thread that serves one process after the other: starting one takes longer than most processes do."""

    idle: ClassVar[list[_Thread]] = []

    def __init__(self) -> None:
        self.task: Action | None = None
        self.turn = threading.Lock()
        self.turn.acquire()
        threading.Thread(target=self._serve, daemon=True).start()

    @classmethod
    def taken(cls) -> _Thread:
        """A thread that has nothing to do."""
        return cls.idle.pop() if cls.idle else cls()

    def _serve(self) -> None:
        while True:
            self.turn.acquire()
            task, self.task = self.task, None
            assert task is not None
            task()


class Process:
    """Something that takes time: a function's invocation. It runs in a thread of its own, one turn at a time.

    Attributes:
        result: What the action returned.
        error: What it raised; None while it runs or if it returned.
        ended: Whether it is over, killed or not.
        context: Whatever the process is to find from inside.
        environment: Environment variables that hold during its turns.
    """

    def __init__(self, simulation: Simulation, action: Callable[[], Any], done: Callable[[Process], None]) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self.ended = False
        self.context: Any = None
        self.environment: Mapping[str, str] = {}
        self._simulation = simulation
        self._action = action
        self._done = done
        self._killed = False
        self._thread: _Thread | None = None
        self._turn_over = threading.Lock()
        self._turn_over.acquire()

    def take_turn(self) -> None:
        """Let the process run until it sleeps or ends."""
        if self.ended:
            return
        if self._thread is None:
            self._thread = _Thread.taken()
            self._thread.task = self._run
        os.environ.update(self.environment)
        previous, self._simulation.running = self._simulation.running, self
        self._thread.turn.release()
        self._turn_over.acquire()
        self._simulation.running = previous
        if self.ended:
            _Thread.idle.append(self._thread)
            if not self._killed:
                self._done(self)

    def give_back(self) -> None:
        """End this turn; called from inside the process."""
        assert self._thread is not None
        self._turn_over.release()
        self._thread.turn.acquire()
        if self._killed:
            raise KilledError

    def kill(self) -> None:
        """End the process where it sleeps; its `done` is not called."""
        self._killed = True
        if self._thread is None:
            self.ended = True
        elif not self.ended:
            self.take_turn()

    def _run(self) -> None:
        try:
            self.result = self._action()
        except BaseException as error:
            self.error = error
        self.ended = True
        self._turn_over.release()


class Simulation:
    """The clock and the queue.

    Attributes:
        now: The time, in seconds since 1970.
        running: The process whose turn it is.
    """

    def __init__(self) -> None:
        self.now = START
        self.running: Process | None = None
        self._queue: list[tuple[float, int, Action]] = []
        self._count = 0
        self._processes: list[Process] = []

    def clock(self) -> float:
        """The time, as a function like `time.time`."""
        return self.now

    def after(self, seconds: float, action: Action) -> None:
        """Have something happen; things of one moment happen in the order in which they were asked for."""
        self._count += 1
        heapq.heappush(self._queue, (self.now + max(seconds, 0), self._count, action))

    def spawn(
        self,
        action: Callable[[], Any],
        done: Callable[[Process], None],
        context: Any = None,
        environment: Mapping[str, str] | None = None,
    ) -> Process:
        """Start a process at this moment.

        Args:
            action: What it does; it may call `sleep`.
            done: Called with the process when it has returned or raised.
            context: Kept as the process's `context`.
            environment: Environment variables that hold during its turns.
        """
        process = Process(self, action, done)
        process.context = context
        process.environment = environment or {}
        self._processes = [other for other in self._processes if not other.ended]
        self._processes.append(process)
        self.after(0, process.take_turn)
        return process

    def sleep(self, seconds: float) -> None:
        """What `time.sleep` is in virtual time, for a process as for the test itself."""
        if self.running is None:
            self.advance(seconds)
        else:
            self.after(seconds, self.running.take_turn)
            self.running.give_back()

    def advance(self, seconds: float) -> None:
        """Let everything happen that is due within some seconds."""
        until = self.now + seconds
        while self._queue and self._queue[0][0] <= until:
            self._next()
        self.now = until

    def run_until(self, condition: Callable[[], bool], limit_seconds: float = 90_000) -> None:
        """Let things happen until the condition holds.

        Raises:
            StuckError: It does not come to hold within the limit, or nothing is left that could happen.
        """
        limit = self.now + limit_seconds
        while not condition():
            if not self._queue or self._queue[0][0] > limit:
                raise StuckError("nothing that is still to happen fulfills the condition")
            self._next()

    def close(self) -> None:
        """End every process."""
        self._queue.clear()
        for process in self._processes:
            process.kill()

    def _next(self) -> None:
        due, _, action = heapq.heappop(self._queue)
        self.now = max(self.now, due)
        action()
