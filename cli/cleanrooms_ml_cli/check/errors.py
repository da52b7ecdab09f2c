"""What stops a check before there is a result."""

from __future__ import annotations


class BadInput(Exception):
    """A path, a file or a setting is wrong; the message says what to do."""
