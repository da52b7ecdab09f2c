"""What can go wrong with a sandbox, with the exit code of the command."""

from __future__ import annotations


class SandboxError(Exception):
    """The work failed; the message says what to do."""

    exit_code = 1


class Refused(SandboxError):
    """The sandbox refused a request as it was put.

    Args:
        request: Method and path.
        reason: What is wrong and what is allowed.
    """

    exit_code = 2

    def __init__(self, request: str, reason: str) -> None:
        super().__init__(f"{request} answered 400: {reason}")
        self.reason = reason


class Prerequisite(SandboxError):
    """Something that the work needs is not there, or was asked for in a wrong way."""

    exit_code = 2
