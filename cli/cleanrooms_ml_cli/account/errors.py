"""Why a command could not do its work."""

from __future__ import annotations


class CannotDo(Exception):
    """The work could not be done; the message is one line that says why and what to do."""

    exit_code = 2


class Refused(CannotDo):
    """AWS refused one operation: others may go well."""


class Unreachable(CannotDo):
    """AWS gives no answer now and may give one later: expired credentials, no network, throttling."""


class Expired(Unreachable):
    """The credentials have expired."""
