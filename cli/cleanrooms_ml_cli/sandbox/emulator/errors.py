"""The errors that a caller of the emulated services can get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DroppedConnection(Exception):
    """The connection ends without a reply."""


class ApiError(Exception):
    """An error of the service.

    Args:
        code: Error type, such as ConflictException.
        message: What the caller reads.
        status: HTTP status. Default: the one of the service model, 500 for a type that it lacks.
        members: Further members of the error's body.
    """

    def __init__(
        self, code: str, message: str, *, status: int | None = None, members: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = dict(members or {})


def validation_error(*problems: str) -> ApiError:
    """A ValidationException in the form that AWS gives it."""
    errors = "1 validation error" if len(problems) == 1 else f"{len(problems)} validation errors"
    return ApiError("ValidationException", f"{errors} detected: {'; '.join(problems)}")
