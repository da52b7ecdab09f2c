"""Faults that a test orders: errors, lost or late replies, held calls, resources that are not found yet."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

from ..errors import ApiError

FaultKind = Literal["error", "lost_reply", "delay", "hold", "not_found", "throttle", "drop_before", "drop_after"]
FAULT_KINDS: tuple[str, ...] = get_args(FaultKind)

# The faults that keep the operation from taking effect.
BEFORE_EFFECT = frozenset({"error", "throttle", "drop_before"})
# Those that concern the reply over HTTP alone, which a call of CloudFormation's own handlers does not have.
OF_THE_REPLY = frozenset({"delay", "hold"})

ANY_OPERATION = "*"


@dataclass
class Fault:
    """One fault.

    Args:
        operation: The operation that it hits, or `*`.
        count: How many calls it hits.
        kind: What happens. `error`: the operation fails with `error_code`, without effect. `throttle`: the same
            with ThrottlingException. `drop_before`: no reply and no effect. `lost_reply`: it takes effect and
            answers with `error_code`. `drop_after`: it takes effect, no reply. `delay`: it takes effect and
            answers after `delay_seconds`. `hold`: it takes effect and answers once it is released. `not_found`:
            the created resource is neither found nor listed for `not_found_seconds`; any other operation answers
            ResourceNotFoundException, without effect.
        error_code: Type of the error, one of the service's or any other.
        message: Message of the error.
        http_status: HTTP status of the error. Default: the one of the service model, else 500.
        delay_seconds: How late the answer comes.
        not_found_seconds: How long a new resource stays hidden.
        probability: Share of the calls that it hits, by a random sequence that the emulator's seed determines.
    """

    operation: str
    count: int = 1
    kind: FaultKind = "error"
    error_code: str = "InternalServiceException"
    message: str = "An internal error occurred"
    http_status: int | None = None
    delay_seconds: float = 0.0
    not_found_seconds: float = 0.0
    probability: float = 1.0

    def error(self) -> ApiError:
        """The error that the caller sees."""
        if self.kind == "throttle":
            return ApiError("ThrottlingException", "Rate exceeded")
        if self.kind == "not_found":
            return ApiError("ResourceNotFoundException", "The resource was not found")
        return ApiError(self.error_code, self.message, status=self.http_status)


class Faults:
    """The faults that are still to come, in the order in which they were added."""

    def __init__(self, seed: int | None) -> None:
        self._random = random.Random(seed)  # noqa: S311 (no secret)
        self.pending: list[Fault] = []

    def take(self, operation: str, but: Collection[str] = ()) -> Fault | None:
        """The fault that hits this call.

        Args:
            operation: The operation that is called.
            but: Kinds of faults that cannot hit it.
        """
        for fault in self.pending:
            if fault.operation not in (operation, ANY_OPERATION) or fault.kind in but:
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            fault.count -= 1
            if fault.count <= 0:
                self.pending.remove(fault)
            return fault
        return None
