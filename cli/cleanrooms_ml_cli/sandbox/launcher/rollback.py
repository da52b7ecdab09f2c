"""What CloudFormation still does after something failed, added to MiniStack's rollback.

The stack's record carries what has to be remembered, so that it goes away with the stack and with
MiniStack's reset.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .pinned import module

_CLEANUP_ATTEMPTS = 3

_FAILED_CREATES = "_cleanrooms_ml_failed_creates"  # logical id -> resource record
_FAILED_REPLACEMENTS = "_cleanrooms_ml_failed_replacements"  # logical id -> the id that a failed Update answered with
_UNUSED = "_cleanrooms_ml_unused"  # what is cleaned up once the rollback is through
_NEEDED = "_cleanrooms_ml_needed"  # logical id -> record of what stays because a Delete failed


@dataclass(frozen=True)
class _Replacement:
    """A resource that an update created to replace another, and that may have to be deleted."""

    logical_id: str
    resource_type: str
    physical_id: str
    properties: dict[str, Any]
    retained: bool


def install() -> None:
    """Wrap MiniStack's rollback, its continuation and the deletion of a stack."""
    stacks = module("services.cloudformation.stacks")
    handlers = module("services.cloudformation.handlers")
    roll_back, go_on, delete = (
        stacks._roll_back_operation,
        stacks._continue_update_rollback_async,
        stacks._delete_stack_async,
    )

    async def roll_back_operation(
        stack_name: str,
        stack_id: str,
        stack: dict[str, Any],
        operation: dict[str, Any],
        reason_override: str = "",
    ) -> None:
        _delete_failed_create(stack, operation)
        stack[_UNUSED] = _send_back_replacements(stack, operation)
        await roll_back(stack_name, stack_id, stack, operation, reason_override)
        await _clean_up(stacks, stack_name, stack_id, stack)

    async def continue_update_rollback(stack_name: str, stack_id: str, resources_to_skip: Any) -> None:
        await go_on(stack_name, stack_id, resources_to_skip)
        stack = module("services.cloudformation")._stacks.get(stack_name)
        if stack is not None:
            await _clean_up(stacks, stack_name, stack_id, stack)

    async def delete_stack(stack_name: str, stack_id: str, *args: Any, **kwargs: Any) -> None:
        stack = module("services.cloudformation")._stacks.get(stack_name)
        if stack is not None:
            for logical_id, record in stack.pop(_FAILED_CREATES, {}).items():
                stack.setdefault("_resources", {}).setdefault(logical_id, record)
        await delete(stack_name, stack_id, *args, **kwargs)
        if stack is not None:
            stack.setdefault("_resources", {}).update(stack.pop(_NEEDED, {}))

    stacks._delete_resource = _keeping_what_is_needed(stacks, _cleanup_attempts(stacks._delete_resource))
    for holder in (stacks, handlers):
        holder._roll_back_operation = roll_back_operation
        holder._delete_stack_async = delete_stack
        if hasattr(holder, "_continue_update_rollback_async"):
            holder._continue_update_rollback_async = continue_update_rollback


def _cleanup_attempts(delete: Callable[..., None]) -> Callable[..., None]:
    """CloudFormation sends the Delete of an update's cleanup three times before it gives up."""

    def delete_resource(
        resource_type: str, physical_id: str, properties: Any, stack_name: str, logical_id: str
    ) -> None:
        stack = module("services.cloudformation")._stacks.get(stack_name) or {}
        is_cleanup = _is_custom(resource_type) and str(stack.get("StackStatus", "")).startswith("UPDATE")
        for _ in range(_CLEANUP_ATTEMPTS - 1 if is_cleanup else 0):
            try:
                return delete(resource_type, physical_id, properties, stack_name, logical_id)
            except RuntimeError:  # the answer was FAILED
                continue
        return delete(resource_type, physical_id, properties, stack_name, logical_id)

    return delete_resource


def _keeping_what_is_needed(stacks: Any, delete: Callable[..., None]) -> Callable[..., None]:
    """CloudFormation deletes nothing that a resource needs which it could not delete."""

    def delete_resource(
        resource_type: str, physical_id: str, properties: Any, stack_name: str, logical_id: str
    ) -> None:
        try:
            delete(resource_type, physical_id, properties, stack_name, logical_id)
        except Exception:
            stack = module("services.cloudformation")._stacks.get(stack_name) or {}
            if stack.get("StackStatus") == "DELETE_IN_PROGRESS" and _is_custom(resource_type):
                # MiniStack passes over what it does not find; it is put back at the end.
                records, declared = stack["_resources"], (stack.get("_template") or {}).get("Resources", {})
                for needed in stacks._with_dependencies([logical_id], declared, set(records)) - {logical_id}:
                    stack.setdefault(_NEEDED, {})[needed] = records.pop(needed)
            raise

    return delete_resource


def note_failed_create(
    stack: dict[str, Any], logical_id: str, resource_type: str, physical_id: str, properties: dict[str, Any]
) -> None:
    """Remember a resource whose Create failed: it is deleted with the rollback or with the stack."""
    stack.setdefault(_FAILED_CREATES, {})[logical_id] = {
        "PhysicalResourceId": physical_id,
        "ResourceType": resource_type,
        "ResourceStatus": "CREATE_FAILED",
        "LogicalResourceId": logical_id,
        "Properties": properties,
        "Attributes": {},
    }


def forget_failed_create(stack: dict[str, Any], logical_id: str) -> None:
    """A new Create takes the place of the failed one (a deployment after ``--no-rollback``)."""
    stack.get(_FAILED_CREATES, {}).pop(logical_id, None)


def note_failed_replacement(stack: dict[str, Any], logical_id: str, physical_id: str) -> None:
    """Remember the new id that a failed Update answered with: CloudFormation takes it over."""
    stack.setdefault(_FAILED_REPLACEMENTS, {})[logical_id] = physical_id


def _delete_failed_create(stack: dict[str, Any], operation: dict[str, Any]) -> None:
    """Put the failed resource among those that the operation created, so that the rollback deletes it."""
    logical_id = operation.get("failed_logical_id")
    record = stack.get(_FAILED_CREATES, {}).pop(logical_id, None)
    if record is not None:
        stack.setdefault("_resources", {})[logical_id] = record
        operation.setdefault("created", []).append(logical_id)


def _send_back_replacements(stack: dict[str, Any], operation: dict[str, Any]) -> list[_Replacement]:
    """Make MiniStack's rollback send replaced custom resources back under their new id.

    MiniStack sends back what kept its id and deletes the rest at once. Here the record that it goes back
    to gets the new id, so that it takes the first way; the answer then decides which id stays.
    """
    if not operation.get("is_update"):
        return []
    before = (operation.get("previous_stack") or {}).get("_resources", {})
    definitions = (operation.get("template") or {}).get("Resources", {})
    answered = stack.pop(_FAILED_REPLACEMENTS, {})
    unused = []

    def send_back(logical_id: str, resource_type: str, physical_id: str, properties: dict[str, Any]) -> None:
        before[logical_id]["PhysicalResourceId"] = physical_id
        retained = definitions.get(logical_id, {}).get("UpdateReplacePolicy") in (
            "Retain",
            "RetainExceptOnCreate",
        )
        unused.append(_Replacement(logical_id, resource_type, physical_id, properties, retained))

    for logical_id in operation.get("created", []):
        created, old = stack.get("_resources", {}).get(logical_id, {}), before.get(logical_id)
        if old is None or not _is_custom(created.get("ResourceType", "")):
            continue
        if created["ResourceType"] != old["ResourceType"] or created["PhysicalResourceId"] == old["PhysicalResourceId"]:
            continue
        send_back(logical_id, created["ResourceType"], created["PhysicalResourceId"], created.get("Properties", {}))
    operation["replaced_ids"] = [
        logical_id
        for logical_id in operation.get("replaced_ids", [])
        if logical_id not in {replacement.logical_id for replacement in unused}
    ]
    failed = operation.get("failed_update")
    if failed is not None and failed[0] in answered and failed[0] in before:
        logical_id, resource_type, _, applied, previous, attributes = failed
        new_id = answered[logical_id]
        operation["failed_update"] = [logical_id, resource_type, new_id, applied, previous, attributes]
        send_back(logical_id, resource_type, new_id, applied)
    return unused


async def _clean_up(stacks: Any, stack_name: str, stack_id: str, stack: dict[str, Any]) -> None:
    """Delete the new ids that the rollback put out of use, before the stack reports its end.

    MiniStack has just written the final status; nothing else ran since (there is no await in between), so
    it can still be taken back.
    """
    final = "UPDATE_ROLLBACK_COMPLETE"
    unused: list[_Replacement] = stack.get(_UNUSED, [])
    if stack.get("StackStatus") != final:
        return
    stack.pop(_UNUSED, None)
    records = stack.get("_resources", {})
    unused = [u for u in unused if records.get(u.logical_id, {}).get("PhysicalResourceId") != u.physical_id]
    if not unused:
        return
    events = module("services.cloudformation")._stack_events.get(stack_id, [])
    if events and events[-1]["ResourceStatus"] == final:
        events.pop()
    stack["StackStatus"] = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    for item in reversed(unused):

        def report(status: str, reason: str = "", item: _Replacement = item) -> None:
            stacks._add_event(
                stack_id, stack_name, item.logical_id, item.resource_type, status, reason, item.physical_id
            )

        if item.retained:
            report("DELETE_SKIPPED")
            continue
        report("DELETE_IN_PROGRESS")
        try:
            await module("core.concurrency").run_reentrant(
                stacks._delete_resource,
                item.resource_type,
                item.physical_id,
                item.properties,
                stack_name,
                item.logical_id,
            )
        except Exception as problem:  # a cleanup that fails does not fail the rollback, as on AWS
            report("DELETE_FAILED", str(problem))
        else:
            report("DELETE_COMPLETE")
    stack["StackStatus"] = final
    stacks._add_event(stack_id, stack_name, stack_name, "AWS::CloudFormation::Stack", final, "", stack_id)


def _is_custom(resource_type: str) -> bool:
    return resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource"
