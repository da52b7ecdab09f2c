"""The errors that a caller of the emulated services can get."""

from __future__ import annotations

import difflib
import logging
import traceback
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)


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


def validation_error(*problems: str, members: Mapping[str, Any] | None = None) -> ApiError:
    """A ValidationException in the form that AWS gives it."""
    errors = "1 validation error" if len(problems) == 1 else f"{len(problems)} validation errors"
    return ApiError("ValidationException", f"{errors} detected: {'; '.join(problems)}", members=members)


def unsupported(service: str, operation: str, known: Collection[str]) -> ApiError:
    """The error for an operation that the service has and the emulator does not.

    The status is one after which no client tries again.

    Args:
        service: The service by its name in boto3.
        operation: The operation.
        known: The operations that the emulator has.
    """
    instead = difflib.get_close_matches(operation, sorted(known), n=3, cutoff=0.0)
    return ApiError(
        "EmulatorUnsupported",
        f"The sandbox does not emulate {operation} of {service}; the most similar operations that it has are "
        f"{', '.join(instead)}. To add it, see Kind in cleanrooms_ml_cli/sandbox/emulator/kinds/",
        status=400,
    )


def defect(during: str, error: Exception) -> ApiError:
    """The error for a defect of the emulator itself; the log gets the traceback.

    The status is one after which no client tries again.
    """
    _log.error("The emulator failed in %s", during, exc_info=error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return ApiError(
        "EmulatorDefect",
        f"The sandbox failed in {during}: {type(error).__name__}: {error} "
        f"({Path(frame.filename).name}, line {frame.lineno}); this is a defect of the emulator, not of your app",
        status=400,
    )
