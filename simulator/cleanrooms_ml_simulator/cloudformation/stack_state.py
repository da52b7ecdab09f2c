"""What CloudFormation keeps of a stack, and the parts of which its operations consist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..simulation import Simulation
from .conductor import Conductor
from .exchange import Exchange, reason_of
from .resource import Resource, StackEvent
from .template import needs, resolve


class StackState:
    """One stack.

    Attributes:
        id: Its ARN.
        status: Its status, "CREATE_COMPLETE" for instance.
        reason: Why the last operation failed; empty if it did not.
        resources: What it holds.
        retained: What it held and left, because a policy said so.
        outputs: Its outputs after the last operation that succeeded.
        events: Everything that its owner sees happen.
        watchers: Called with each of these events.
        provision: Called with the template that an operation deploys, before its custom resources.
    """

    def __init__(self, name: str, stack_id: str, conductor: Conductor, simulation: Simulation) -> None:
        self.name = name
        self.id = stack_id
        self.status = ""
        self.reason = ""
        self.resources: dict[str, Resource] = {}
        self.retained: list[Resource] = []
        self.outputs: dict[str, Any] = {}
        self.events: list[StackEvent] = []
        self.watchers: list[Callable[[StackEvent], None]] = []
        self.provision: Callable[[Mapping[str, Any]], None] = lambda _: None
        self.template: Mapping[str, Any] = {"Resources": {}}
        self.conductor = conductor
        self.simulation = simulation

    def note(self, logical_id: str, status: str, reason: str = "") -> None:
        """Write a line of the stack's events, and keep the status."""
        event = StackEvent(self.simulation.now, logical_id, status, reason, len(self.conductor.exchanges))
        self.events.append(event)
        for watcher in list(self.watchers):
            watcher(event)
        if not logical_id:
            self.status = status
        elif logical_id in self.resources and not status.startswith("DELETE"):
            # A Delete may concern what this logical id stood for before.
            self.resources[logical_id].status = status

    def retain(self, resource: Resource) -> None:
        """Leave a resource in the service."""
        self.retained.append(resource)
        self.note(resource.logical_id, "DELETE_SKIPPED")

    def finish(self, status: str, reason: str = "") -> str:
        """End an operation."""
        self.reason = reason
        self.note("", status, reason)
        return status

    def set_outputs(self, template: Mapping[str, Any]) -> None:
        """Resolve the outputs."""
        self.outputs = {
            name: resolve(output["Value"], self.lookup) for name, output in template.get("Outputs", {}).items()
        }

    def resolved(self, template: Mapping[str, Any], logical_id: str) -> dict[str, Any]:
        """The properties that a template gives a resource, with what other resources have now."""
        properties: dict[str, Any] = resolve(template["Resources"][logical_id].get("Properties", {}), self.lookup)
        return properties

    def declared(self, template: Mapping[str, Any], logical_id: str) -> Resource:
        """A resource as a template declares it, not created yet."""
        entry = template["Resources"][logical_id]
        properties, needed = self.resolved(template, logical_id), frozenset(needs(template)[logical_id])
        resource = Resource(logical_id, entry["Type"], "", properties, needs=needed)
        resource.take_policies(entry)
        return resource

    def lookup(self, logical_id: str, attribute: str | None) -> Any:
        """The value of a Ref, whose attribute is None, or of a Fn::GetAtt."""
        if logical_id == "AWS::StackId":
            return self.id
        resource = self.resources[logical_id]
        if attribute is None:
            return resource.physical_id
        assert attribute in resource.attributes, (
            f"CustomResource attribute error: Vendor response doesn't contain {attribute} attribute in object {self.id}"
            f"|{logical_id}"
        )
        return resource.attributes[attribute]

    def begin_create(self, logical_id: str, template: Mapping[str, Any] | None = None) -> Exchange:
        """Send a Create. A second attempt after a failure has the request id of the first."""
        earlier = self.resources.get(logical_id)
        resource = self.declared(template or self.template, logical_id)
        self.resources[logical_id] = resource
        self.note(logical_id, "CREATE_IN_PROGRESS")
        exchange = self.conductor.send("Create", resource.target, request_id=earlier.request_id if earlier else "")
        resource.request_id = str(exchange.event["RequestId"])
        return exchange

    def end_create(self, logical_id: str, exchange: Exchange) -> bool:
        """Take the answer to a Create."""
        resource, answer = self.resources[logical_id], exchange.answer
        if answer is not None:
            resource.physical_id = answer.physical_id
        if answer is None or not answer.is_success:
            self.note(logical_id, "CREATE_FAILED", reason_of(exchange))
            return False
        resource.attributes = answer.data
        self.note(logical_id, "CREATE_COMPLETE")
        return True

    def cancel(self, running: Mapping[str, Exchange]) -> list[str]:
        """Lose interest in requests that are still running."""
        for logical_id, exchange in running.items():
            exchange.was_cancelled = True
            verb = "creation" if exchange.kind == "Create" else "update"
            self.note(logical_id, f"{exchange.kind.upper()}_FAILED", f"Resource {verb} cancelled")
        return list(running)

    def deletable_id(self, resource: Resource) -> str:
        """The id for a Delete: CloudFormation invents one if it never learned any."""
        if not resource.physical_id:
            tail = f"{sum(resource.logical_id.encode()) * 7919 % 10**12:012d}"
            resource.physical_id = f"{self.name}-{resource.logical_id}-{tail}"
        return resource.physical_id
