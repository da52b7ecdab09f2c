"""What can go wrong with a sandbox, with the exit code of the command."""

from __future__ import annotations


class SandboxError(Exception):
    """The work failed; the message says what to do."""

    exit_code = 1


class Prerequisite(SandboxError):
    """Something that the work needs is not there, or was asked for in a wrong way."""

    exit_code = 2
