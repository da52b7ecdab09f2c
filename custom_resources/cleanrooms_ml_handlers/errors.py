"""Errors, in the terms in which the engine decides what to do next."""

from __future__ import annotations

from enum import Enum


class Fault(Enum):
    """The meaning of a failed call for its caller."""

    NOT_FOUND = "not found"
    CONFLICT = "conflict"
    DENIED = "denied"
    QUOTA = "quota"
    # Retrying later is safe: the call had no effect.
    THROTTLED = "throttled"
    # Retrying is safe only after a look: the call may have taken effect.
    UNCERTAIN = "uncertain"
    INVALID = "invalid"


_BY_CODE = {
    "ResourceNotFoundException": Fault.NOT_FOUND,
    "ConflictException": Fault.CONFLICT,
    "AccessDeniedException": Fault.DENIED,
    "ServiceQuotaExceededException": Fault.QUOTA,
    "ThrottlingException": Fault.THROTTLED,
    "TooManyRequestsException": Fault.THROTTLED,
    "ValidationException": Fault.INVALID,
}
_BY_STATUS = {
    402: Fault.QUOTA,
    403: Fault.DENIED,
    404: Fault.NOT_FOUND,
    409: Fault.CONFLICT,
    429: Fault.THROTTLED,
}


class ServiceError(Exception):
    """A call that a service refused or did not answer.

    Attributes:
        operation: The API operation.
        code: The service's error code, or the name of the exception where there was no answer.
        message: The service's own words.
        status: The HTTP status; None without an answer.
        fault: The meaning for the caller.
        quota: The name of the exceeded quota, if the service returned one.
    """

    def __init__(self, operation: str, code: str, message: str, *, status: int | None, quota: str = "") -> None:
        super().__init__(f"{code}: {message} ({operation})")
        self.operation = operation
        self.code = code
        self.message = message
        self.quota = quota
        self.status = status
        self.fault = self._fault(code, status)

    @staticmethod
    def _fault(code: str, status: int | None) -> Fault:
        if code in _BY_CODE:
            return _BY_CODE[code]
        if status is None or status >= 500:
            return Fault.UNCERTAIN
        return _BY_STATUS.get(status, Fault.INVALID)


class Failure(Exception):
    """A request that cannot succeed; the text is the reason that CloudFormation shows."""


class Refused(Exception):
    """An event on which this function must not act and which it cannot answer."""
