"""What Step Functions proves of a request: names of executions and progress prove nothing.

Anyone who can invoke a function can make them up.
"""

from __future__ import annotations

import json
from typing import Protocol

from .errors import Fault, ServiceError
from .executions import LOST_STATUSES, Started, first_of
from .request import Request, canonical, was_valid


class ExecutionReader(Protocol):
    """The call that a proof needs of the client."""

    def execution(self, execution_arn: str) -> Started:
        """How an execution was started, and how it ended."""
        ...


def was_started_in_time(service: ExecutionReader, request: Request, execution: str) -> bool:
    """Whether the front has started the execution of a request while its reply address was valid.

    A watch or a background delete goes on for weeks.

    Args:
        service: The calls.
        request: The request.
        execution: The ARN of an execution for it, with any purpose.
    """
    return _first(service, request, execution) is not None


def was_accepted(service: ExecutionReader, request: Request, execution: str) -> bool:
    """Whether a request was started in time and not refused: its answer was SUCCESS, or its execution was lost.

    What a request that was refused asks for may be another stack's.
    """
    first = _first(service, request, execution)
    return first is not None and (first.answered_success is True or first.status in LOST_STATUSES)


def _first(service: ExecutionReader, request: Request, execution: str) -> Started | None:
    try:
        first = service.execution(first_of(execution))
    except ServiceError as error:
        if error.fault in (Fault.THROTTLED, Fault.UNCERTAIN, Fault.DENIED):
            raise
        return None
    is_same = canonical(json.loads(first.text)) == request.text
    return first if is_same and was_valid(request, first.started_at) else None
