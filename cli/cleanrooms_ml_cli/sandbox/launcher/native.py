"""The types of Clean Rooms and of Clean Rooms ML that CloudFormation has itself, added to MiniStack's.

What they do is the emulator's; MiniStack orders them, resolves their references, replaces and rolls back.
"""

from __future__ import annotations

from typing import Any

from ..emulator import Native
from .pinned import module

Created = tuple[str, dict[str, Any]]

# As a property, the tags of the stack and those of CloudFormation reach a resource, too.
_TAGS = ("Tags", "list")


def install(native: Native) -> None:
    """Enter the types into MiniStack's tables."""
    provisioners = module("services.cloudformation.provisioners")
    for type_name, described in native.types.items():
        provisioners._RESOURCE_HANDLERS[type_name] = _handlers(native, type_name)
        provisioners._REPLACING_PROPERTIES[type_name] = described.create_only
        provisioners._STACK_TAG_PROPERTY[type_name] = _TAGS


def _handlers(native: Native, type_name: str) -> dict[str, Any]:
    """What MiniStack calls for one type, in the account and the Region of the stack."""
    responses = module("core.responses")

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Created:
        return native.create(type_name, properties, account=responses.get_account_id(), region=responses.get_region())

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Created:
        return native.update(
            type_name, physical_id, old, new, account=responses.get_account_id(), region=responses.get_region()
        )

    def delete(physical_id: str, properties: dict[str, Any]) -> None:
        native.delete(type_name, physical_id, account=responses.get_account_id(), region=responses.get_region())

    return {"create": create, "update": update, "delete": delete}
