"""Errors that stop a check before there is a result."""

from __future__ import annotations


class BadInput(Exception):
    """A path, a file or a setting is invalid; the message says what to do."""
