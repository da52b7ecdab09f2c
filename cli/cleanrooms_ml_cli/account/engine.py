"""Rehearsing what the engine would do: the engine itself, with a client that reads and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .handlers import advance
from .records import execution_of, request_for
from .service import Mutation, Reader, Rehearsal
from .stacks import DeployedStack


@dataclass(frozen=True)
class Rehearsed:
    """What a request would come to.

    Attributes:
        mutations: The calls by which the engine would change something, in order.
        physical_id: The id with which it would answer; empty while it would still wait.
        attributes: What Fn::GetAtt would serve.
        failure: Why the request would fail; empty if it would not.
    """

    mutations: tuple[Mutation, ...]
    physical_id: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
    failure: str = ""

    @property
    def operations(self) -> list[str]:
        """The operations of the mutations."""
        return [one.operation for one in self.mutations]


def rehearse(
    kind: str,
    stack: DeployedStack,
    logical_id: str,
    resource_type: str,
    reader: Reader,
    now: float,
    *,
    physical_id: str = "",
    properties: Mapping[str, Any],
    old_properties: Mapping[str, Any] | None = None,
) -> Rehearsed:
    """The first step of a request: what decides what becomes of a resource.

    Raises:
        CannotDo: The service cannot be asked.
    """
    request = request_for(
        kind,
        stack,
        logical_id,
        resource_type,
        now,
        physical_id=physical_id,
        properties=properties,
        old_properties=old_properties,
    )
    execution = execution_of(request)
    rehearsal = Rehearsal(reader, execution, now)
    outcome = advance(request, rehearsal, {}, now, execution)
    answer = outcome.answer
    return Rehearsed(
        tuple(rehearsal.mutations),
        answer.physical_id if answer else "",
        answer.attributes if answer else {},
        (answer.reason or "") if answer else "",
    )
