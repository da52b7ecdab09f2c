"""A stack of custom resources, operated as CloudFormation operates one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..simulation import Simulation
from .change import Change
from .conductor import Conductor, Target
from .exchange import Exchange, reason_of
from .resource import KEPT, Resource, StackEvent, reversed_needs
from .template import needs, resolve


class Stack:
    """One stack.

    Attributes:
        id: Its ARN.
        status: Its status, "CREATE_COMPLETE" for instance.
        reason: Why the last operation failed; empty if it did not.
        resources: What it holds.
        outputs: Its outputs after the last operation that succeeded.
        events: Everything that its owner sees happen.
        watchers: Called with each of these events.
    """

    def __init__(self, name: str, stack_id: str, conductor: Conductor, simulation: Simulation) -> None:
        self.name = name
        self.id = stack_id
        self.status = ""
        self.reason = ""
        self.resources: dict[str, Resource] = {}
        self.outputs: dict[str, Any] = {}
        self.events: list[StackEvent] = []
        self.watchers: list[Callable[[StackEvent], None]] = []
        self.template: Mapping[str, Any] = {"Resources": {}}
        self.conductor = conductor
        self.simulation = simulation
        self._change: Change | None = None

    # -- what tests ask ------------------------------------------------------------------------------------------

    @property
    def exchanges(self) -> list[Exchange]:
        """All requests that were sent, each with its answers."""
        return self.conductor.exchanges

    def sent(self, kind: str, logical_id: str) -> list[Exchange]:
        """The requests of a kind for one resource."""
        return [it for it in self.exchanges if it.kind == kind and it.logical_id == logical_id]

    def physical_id(self, logical_id: str) -> str:
        """What Ref gives."""
        return self.resources[logical_id].physical_id

    def attribute(self, logical_id: str, name: str) -> Any:
        """What Fn::GetAtt gives."""
        return self._lookup(logical_id, name)

    def why(self, logical_id: str) -> str:
        """The reason of the last failure of a resource."""
        failures = [it for it in self.events if it.logical_id == logical_id and it.status.endswith("_FAILED")]
        assert failures, f"{logical_id} did not fail"
        return failures[-1].reason

    def request(
        self,
        kind: str,
        logical_id: str,
        properties: Mapping[str, Any] | None = None,
        *,
        old_properties: Mapping[str, Any] | None = None,
        physical_id: str | None = None,
    ) -> Exchange:
        """Send one request outside any operation and wait for its end.

        Args:
            kind: Create, Update or Delete.
            logical_id: A resource of the stack.
            properties: Default: those that it has.
            old_properties: Of an Update. Default: those that it has.
            physical_id: Default: the one that it has.
        """
        resource = self.resources[logical_id]
        target = Target(logical_id, resource.type, resource.properties if properties is None else properties)
        current_id = resource.physical_id if physical_id is None else physical_id
        exchange = self.conductor.send(kind, target, current_id, old_properties or resource.properties)
        self.simulation.run_until(lambda: exchange.is_over)
        return exchange

    # -- operations ----------------------------------------------------------------------------------------------

    def create(self, template: Mapping[str, Any], *, disable_rollback: bool = False) -> str:
        """Create the stack; returns its status."""
        self._begin("CREATE_IN_PROGRESS")
        self.template = template
        result = self.conductor.carry_out(
            needs(template), self.begin_create, self.end_create, stops=True, drops_running=not disable_rollback
        )
        if not result.failed and not self.conductor.cancelled:
            return self._complete("CREATE_COMPLETE", template)
        cancelled = self.cancel(result.running)
        reason = f"The following resource(s) failed to create: [{', '.join([*result.failed, *cancelled])}]. "
        if disable_rollback:
            return self.finish("CREATE_FAILED", reason)
        self.reason = reason + "Rollback requested by user."
        self.note("", "ROLLBACK_IN_PROGRESS", self.reason)
        failed = self._delete_all(on_create=True)
        return self.finish("ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE", self.reason)

    def update(self, template: Mapping[str, Any], *, disable_rollback: bool = False) -> str:
        """Update the stack; returns its status."""
        self._begin("UPDATE_IN_PROGRESS")
        self._change = Change(self, template)
        return self._change.carry_out(disable_rollback=disable_rollback)

    def continue_rollback(self) -> str:
        """Go on with the rollback of an update that failed: ContinueUpdateRollback."""
        assert self._change is not None
        return self._change.continue_rollback()

    def delete(self) -> str:
        """Delete the stack; returns its status. What failed is tried again by the next call."""
        self._begin("DELETE_IN_PROGRESS")
        failed = self._delete_all(on_create=False)
        if failed:
            reason = f"The following resource(s) failed to delete: [{', '.join(failed)}]. "
            return self.finish("DELETE_FAILED", reason)
        self.outputs = {}
        return self.finish("DELETE_COMPLETE")

    def stop(self) -> None:
        """What the owner does to an operation under way: CancelUpdateStack, or a delete during a create.

        Without effect on a rollback and on a cleanup.
        """
        if self.status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
            self.conductor.cancelled = True

    # -- parts of operations -------------------------------------------------------------------------------------

    def note(self, logical_id: str, status: str, reason: str = "") -> None:
        """Write a line of the stack's events, and keep the status."""
        event = StackEvent(self.simulation.now, logical_id, status, reason)
        self.events.append(event)
        for watcher in list(self.watchers):
            watcher(event)
        if not logical_id:
            self.status = status
        elif logical_id in self.resources and not status.startswith("DELETE"):
            # A Delete may concern what this logical id stood for before.
            self.resources[logical_id].status = status

    def finish(self, status: str, reason: str = "") -> str:
        """End an operation."""
        self.reason = reason
        self.note("", status, reason)
        return status

    def _begin(self, status: str) -> None:
        self.conductor.cancelled = False
        self.reason = ""
        self.note("", status)

    def _complete(self, status: str, template: Mapping[str, Any]) -> str:
        self.set_outputs(template)
        return self.finish(status)

    def set_outputs(self, template: Mapping[str, Any]) -> None:
        """Resolve the outputs."""
        self.outputs = {
            name: resolve(output["Value"], self._lookup) for name, output in template.get("Outputs", {}).items()
        }

    def resolved(self, template: Mapping[str, Any], logical_id: str) -> dict[str, Any]:
        """The properties that a template gives a resource, with what other resources have now."""
        properties: dict[str, Any] = resolve(template["Resources"][logical_id].get("Properties", {}), self._lookup)
        return properties

    def declared(self, template: Mapping[str, Any], logical_id: str) -> Resource:
        """A resource as a template declares it, not made yet."""
        entry = template["Resources"][logical_id]
        return Resource(
            logical_id,
            entry["Type"],
            "",
            self.resolved(template, logical_id),
            needs=frozenset(needs(template)[logical_id]),
            deletion_policy=entry.get("DeletionPolicy", "Delete"),
            replace_policy=entry.get("UpdateReplacePolicy", "Delete"),
        )

    def _lookup(self, logical_id: str, attribute: str | None) -> Any:
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
        """Send a Create. A second attempt after a failure bears the request id of the first."""
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
        """The id for a Delete: CloudFormation makes one up where it never learned any."""
        if not resource.physical_id:
            tail = f"{sum(resource.logical_id.encode()) * 7919 % 10**12:012d}"
            resource.physical_id = f"{self.name}-{resource.logical_id}-{tail}"
        return resource.physical_id

    def _delete_all(self, *, on_create: bool) -> list[str]:
        """Delete everything in reverse order; returns what failed."""
        self.conductor.cancelled = False

        def begin(logical_id: str) -> Exchange | None:
            resource = self.resources[logical_id]
            kept = KEPT[: 1 if on_create else 2]
            if resource.deletion_policy in kept:
                self.note(logical_id, "DELETE_SKIPPED")
                return None
            self.note(logical_id, "DELETE_IN_PROGRESS")
            return self.conductor.send("Delete", resource.target, self.deletable_id(resource))

        def end(logical_id: str, exchange: Exchange) -> bool:
            if exchange.answer is None or not exchange.answer.is_success:
                self.note(logical_id, "DELETE_FAILED", reason_of(exchange))
                return False
            self.note(logical_id, "DELETE_COMPLETE")
            return True

        row = reversed_needs(self.resources)
        result = self.conductor.carry_out(row, begin, end, stops=False)
        remaining = {*result.failed, *result.untouched}
        self.resources = {key: item for key, item in self.resources.items() if key in remaining}
        return result.failed
