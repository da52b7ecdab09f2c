"""A stack of custom resources, operated as CloudFormation operates one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..simulation import Simulation
from .change import Change
from .conductor import Conductor, Target
from .exchange import Exchange, reason_of
from .resource import KEPT, reversed_needs
from .stack_state import StackState
from .template import needs


class Stack(StackState):
    """One stack, with what its owner does to it and what tests ask of it."""

    def __init__(self, name: str, stack_id: str, conductor: Conductor, simulation: Simulation) -> None:
        super().__init__(name, stack_id, conductor, simulation)
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
        return self.lookup(logical_id, name)

    def why(self, logical_id: str) -> str:
        """The reason of the last failure of a resource."""
        failures = [it for it in self.events if it.logical_id == logical_id and it.status.endswith("_FAILED")]
        assert failures, f"{logical_id} did not fail"
        return failures[-1].reason

    @property
    def last_reason(self) -> str:
        """Why something failed last; empty if nothing did."""
        failures = [event.reason for event in self.events if event.logical_id and event.status.endswith("_FAILED")]
        return failures[-1] if failures else self.reason

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
        if kind != "Delete":
            self.declare(target)
        current_id = resource.physical_id if physical_id is None else physical_id
        exchange = self.conductor.send(kind, target, current_id, old_properties or resource.properties)
        self.simulation.run_until(lambda: exchange.is_over)
        return exchange

    def declare(self, target: Target) -> None:
        """Let the functions know what a request outside any operation is about, as a template that has it would."""
        declared = {target.logical_id: {"Type": target.type, "Properties": target.properties}}
        self.provision({"Resources": {**self.template["Resources"], **declared}})

    # -- operations ----------------------------------------------------------------------------------------------

    def create(self, template: Mapping[str, Any], *, disable_rollback: bool = False) -> str:
        """Create the stack; returns its status."""
        self._begin("CREATE_IN_PROGRESS")
        self.template = template
        self.provision(template)
        result = self.conductor.carry_out(
            needs(template), self.begin_create, self.end_create, stops=True, drops_running=not disable_rollback
        )
        if not result.failed and not self.conductor.canceled:
            return self._complete("CREATE_COMPLETE", template)
        canceled = self.cancel(result.running)
        reason = f"The following resource(s) failed to create: [{', '.join([*result.failed, *canceled])}]. "
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
        self.conductor.begin()
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
            self.conductor.canceled = True

    def _begin(self, status: str) -> None:
        self.conductor.begin()
        self.reason = ""
        self.note("", status)

    def _complete(self, status: str, template: Mapping[str, Any]) -> str:
        self.set_outputs(template)
        return self.finish(status)

    def _delete_all(self, *, on_create: bool) -> list[str]:
        """Delete everything in reverse order; returns what failed."""
        self.conductor.canceled = False

        def begin(logical_id: str) -> Exchange | None:
            resource = self.resources[logical_id]
            kept = KEPT[: 1 if on_create else 2]
            if resource.deletion_policy in kept:
                self.retain(resource)
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
