"""Resources of a stack as the service shows them, read by the engine's own step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import CannotDo
from .handlers import (
    SETTLING_SECONDS,
    Fault,
    Owner,
    Record,
    Request,
    ResourceSpec,
    ServiceError,
    Step,
    execution_name,
    get_record,
)
from .service import Reader, Rehearsal
from .stacks import DeployedStack, StackResource

_EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:cleanrooms-ml"


def execution_of(request: Request) -> str:
    """The ARN of the execution that would carry a request: its name says that it is for the request itself."""
    return f"{_EXECUTION}:{execution_name(request)}"


def request_for(
    kind: str,
    stack: DeployedStack,
    logical_id: str,
    resource_type: str,
    now: float,
    *,
    physical_id: str = "",
    properties: Mapping[str, Any] | None = None,
    old_properties: Mapping[str, Any] | None = None,
) -> Request:
    """A request as CloudFormation would send it.

    It counts as sent a while ago, so that what does not show now is not there.
    """
    return Request(
        kind=kind,
        stack_id=stack.id,
        logical_id=logical_id,
        physical_id=physical_id,
        resource_type=resource_type,
        reply_address="",
        request_id="",
        properties=properties or {},
        old_properties=old_properties or {},
        # And a second more: a difference of floats may be a little less than it should be.
        signed_at=now - SETTLING_SECONDS - 1,
        text="",
    )


@dataclass(frozen=True)
class Reading:
    """A resource as the service shows it.

    Attributes:
        step: The engine's step that read it.
        record: What the service shows; None if it shows nothing.
    """

    step: Step
    record: Record | None

    @property
    def owner(self) -> Owner:
        """Who it belongs to."""
        return self.step.owner


def read(spec: ResourceSpec, stack: DeployedStack, resource: StackResource, reader: Reader, now: float) -> Reading:
    """What the service shows of a resource of a stack.

    Raises:
        CannotDo: The service cannot be asked.
    """
    request = request_for("Delete", stack, resource.logical_id, resource.type, now, physical_id=resource.physical_id)
    step = Step(spec, request, Rehearsal(reader, execution_of(request), now), {}, now, execution_of(request))
    identifiers = spec.identifiers(resource.physical_id)
    if identifiers is None:
        return Reading(step, None)
    try:
        return Reading(step, get_record(step, identifiers))
    except ServiceError as error:
        if error.fault is Fault.NOT_FOUND:
            return Reading(step, None)
        raise CannotDo(f"{spec.kind} {resource.physical_id} cannot be read: {error}") from error
