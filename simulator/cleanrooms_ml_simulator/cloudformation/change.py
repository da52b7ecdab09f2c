"""An update of a stack: what changes, the way back, and the cleaning up after either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .exchange import Exchange, reason_of
from .resource import KEPT, Resource, copied
from .stack_state import StackState
from .template import needs

# CloudFormation deletes what an update left over, and forgets what will not go.
CLEANUP_TRIES = 3


class Change:
    """One update.

    Args:
        stack: The stack.
        template: What it is to become.
    """

    def __init__(self, stack: StackState, template: Mapping[str, Any]) -> None:
        self._stack = stack
        self._new = template
        self._old = stack.template
        self._before = copied(stack.resources)
        # What was sent an Update, with the properties of that Update: the way back starts from them.
        self._touched: dict[str, Mapping[str, Any]] = {}
        self._added: list[str] = []
        # Physical resources that no resource of the stack refers to any more.
        self._garbage: dict[tuple[str, str], Resource] = {}
        # What is as it was: a rollback that goes on leaves it alone.
        self._restored: set[str] = set()

    def carry_out(self, *, disable_rollback: bool) -> str:
        """Update, and roll back if that fails; returns the stack's status."""
        stack = self._stack
        stack.provision(self._new)
        result = stack.conductor.carry_out(
            needs(self._new), self._begin, self._end, stops=True, drops_running=not disable_rollback
        )
        if not result.failed and not stack.conductor.canceled:
            stack.note("", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            stack.template = self._new
            removed = [key for key in stack.resources if key not in self._new["Resources"]]
            self._discard(removed)
            self._clean_up()
            stack.set_outputs(self._new)
            return stack.finish("UPDATE_COMPLETE")
        failed = [*result.failed, *stack.cancel(result.running)]
        verb = "create" if failed and failed[0] in self._added else "update"
        reason = f"The following resource(s) failed to {verb}: [{', '.join(failed)}]. "
        if not failed:
            reason = "User Initiated"
        if disable_rollback:
            stack.template = self._new
            return stack.finish("UPDATE_FAILED", reason)
        return self._roll_back(reason)

    # -- forward ---------------------------------------------------------------------------------------------------

    def _begin(self, logical_id: str) -> Exchange | None:
        stack = self._stack
        resource = stack.resources.get(logical_id)
        if resource is None or resource.status == "CREATE_FAILED":
            self._added.append(logical_id)
            return stack.begin_create(logical_id, self._new)
        declared = stack.declared(self._new, logical_id)
        assert declared.type == resource.type, f"Update of resource type is not permitted: {logical_id}"
        resource.needs = declared.needs
        resource.take_policies(self._new["Resources"][logical_id])
        if declared.properties == resource.properties:
            return None
        self._touched[logical_id] = declared.properties
        stack.note(logical_id, "UPDATE_IN_PROGRESS")
        return stack.conductor.send("Update", declared.target, resource.physical_id, resource.properties)

    def _end(self, logical_id: str, exchange: Exchange) -> bool:
        if exchange.kind == "Create":
            return self._stack.end_create(logical_id, exchange)
        return self._end_update(logical_id, exchange, self._touched[logical_id])

    def _end_update(self, logical_id: str, exchange: Exchange, properties: Mapping[str, Any]) -> bool:
        stack, answer = self._stack, exchange.answer
        resource = stack.resources[logical_id]
        if answer is not None and answer.physical_id and answer.physical_id != resource.physical_id:
            # Whatever else the answer says: another id is another physical resource.
            self._discard_physical(resource)
            resource.physical_id = answer.physical_id
            self._garbage.pop(resource.key, None)
        if answer is None or not answer.is_success:
            stack.note(logical_id, "UPDATE_FAILED", reason_of(exchange))
            return False
        resource.properties = properties
        resource.attributes = answer.data
        stack.note(logical_id, "UPDATE_COMPLETE")
        return True

    def continue_rollback(self) -> str:
        """Try again what a rollback failed to do; returns the stack's status."""
        return self._roll_back(self._stack.reason)

    # -- back ------------------------------------------------------------------------------------------------------

    def _roll_back(self, reason: str) -> str:
        stack = self._stack
        stack.note("", "UPDATE_ROLLBACK_IN_PROGRESS", reason)
        stack.conductor.canceled = False
        stack.provision(self._old)
        row = {
            key: {need for need in needed if need in self._before}
            for key, needed in needs(self._old).items()
            if key in self._before
        }
        wanted: dict[str, Mapping[str, Any]] = {}

        def begin(logical_id: str) -> Exchange | None:
            declared = stack.declared(self._old, logical_id)
            resource = stack.resources[logical_id]
            resource.needs = declared.needs
            attempted = self._touched.get(logical_id, resource.properties)
            untouched = logical_id not in self._touched and declared.properties == resource.properties
            if untouched or logical_id in self._restored:
                return None
            wanted[logical_id] = declared.properties
            # What is replaced now was created from the properties of the failed Update.
            resource.properties = attempted
            stack.note(logical_id, "UPDATE_IN_PROGRESS")
            return stack.conductor.send("Update", declared.target, resource.physical_id, attempted)

        def end(logical_id: str, exchange: Exchange) -> bool:
            succeeded = self._end_update(logical_id, exchange, wanted[logical_id])
            if succeeded:
                self._restored.add(logical_id)
            return succeeded

        result = stack.conductor.carry_out(row, begin, end, stops=True, drops_running=False)
        for logical_id in row:
            stack.resources[logical_id].take_policies(self._old["Resources"][logical_id])
        if result.failed:
            return stack.finish("UPDATE_ROLLBACK_FAILED", reason)
        stack.note("", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        self._discard(self._added)
        self._clean_up()
        return stack.finish("UPDATE_ROLLBACK_COMPLETE", reason)

    # -- cleaning up -----------------------------------------------------------------------------------------------

    def _discard(self, logical_ids: list[str]) -> None:
        stack = self._stack
        for logical_id in logical_ids:
            resource = stack.resources.pop(logical_id)
            if resource.deletion_policy in KEPT:
                stack.retain(resource)
                continue
            stack.deletable_id(resource)
            self._garbage[resource.key] = resource

    def _discard_physical(self, resource: Resource) -> None:
        if resource.replace_policy in KEPT:
            self._stack.retain(copied({"": resource})[""])
            return
        self._garbage[resource.key] = copied({"": resource})[""]

    def _clean_up(self) -> None:
        """Delete the garbage, what depends on something before it; tried three times, then forgotten."""
        stack = self._stack
        remaining = dict(self._garbage)
        for _ in range(CLEANUP_TRIES):
            row = {
                key: {other for other, item in remaining.items() if resource.logical_id in item.needs}
                for key, resource in remaining.items()
            }
            # A failure holds nothing else up: the order is for those that go well.
            while row:
                result = stack.conductor.carry_out(row, self._begin_cleanup, self._end_cleanup, stops=False)
                row = {key: row[key] - set(result.failed) for key in result.untouched}
                row = {key: {need for need in needed if need in row} for key, needed in row.items()}
            remaining = {key: item for key, item in remaining.items() if key in self._garbage}

    def _begin_cleanup(self, key: tuple[str, str]) -> Exchange:
        resource = self._garbage[key]
        self._stack.note(resource.logical_id, "DELETE_IN_PROGRESS")
        return self._stack.conductor.send("Delete", resource.target, resource.physical_id)

    def _end_cleanup(self, key: tuple[str, str], exchange: Exchange) -> bool:
        logical_id = self._garbage[key].logical_id
        if exchange.answer is None or not exchange.answer.is_success:
            self._stack.note(logical_id, "DELETE_FAILED", reason_of(exchange))
            return False
        self._stack.note(logical_id, "DELETE_COMPLETE")
        del self._garbage[key]
        return True
