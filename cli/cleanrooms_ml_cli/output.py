"""Standard output and standard error of the ``cleanrooms-ml`` command."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

# As a shell reports a process that SIGPIPE ended.
CLOSED_PIPE = 141


@contextlib.contextmanager
def closed_pipe_ends() -> Iterator[None]:
    """Takes a reader that has enough, such as `head`, for the end of the output and not for an error.

    Raises:
        ReaderGone: The reader closed the pipe.
    """
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at its end, and would then complain.
        with contextlib.suppress(OSError, ValueError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, sys.stdout.fileno())
            os.close(nothing)
        raise ReaderGone from None


class ReaderGone(Exception):
    """The reader of standard output closed the pipe."""
