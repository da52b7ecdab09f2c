"""The types of Clean Rooms and of Clean Rooms ML that CloudFormation has itself, added to MiniStack's.

What they do is the emulator's; MiniStack orders them, resolves their references, replaces and rolls back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from ..emulator import Native, NativeError
from .pinned import module

Created = tuple[str, dict[str, Any]]

# As a property, the tags of the stack and those of CloudFormation reach a resource, too.
_TAGS = ("Tags", "list")


def install(native: Native) -> None:
    """Enter the types into MiniStack's tables."""
    provisioners = module("services.cloudformation.provisioners")
    lookups = module("services.cloudformation.changesets")._IMPORT_LOOKUPS
    for type_name, described in native.types.items():
        provisioners._RESOURCE_HANDLERS[type_name] = _handlers(native, type_name)
        provisioners._REPLACING_PROPERTIES[type_name] = described.create_only
        provisioners._STACK_TAG_PROPERTY[type_name] = _TAGS
        lookups[type_name] = described.identifier, _missing(native, type_name)
    _summarize_identifiers(lookups)


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

    def adopt(identifier: dict[str, str]) -> Created:
        return native.existing(type_name, identifier, account=responses.get_account_id(), region=responses.get_region())

    return {"create": create, "update": update, "delete": delete, "import": adopt}


def _missing(native: Native, type_name: str) -> Callable[..., str | None]:
    """Why a resource cannot be imported; None if it is there."""
    responses = module("core.responses")

    def problem(*values: str) -> str | None:
        identifier = dict(zip(native.types[type_name].identifier, values, strict=True))
        try:
            native.existing(type_name, identifier, account=responses.get_account_id(), region=responses.get_region())
        except NativeError:
            return f"Resource of type '{type_name}' with identifier '{'|'.join(values)}' was not found."
        return None

    return problem


def _summarize_identifiers(lookups: Mapping[str, tuple[tuple[str, ...], object]]) -> None:
    """Lets GetTemplateSummary name what identifies each resource, for which `cdk import` asks."""
    handlers = module("services.cloudformation.handlers")
    summarize = handlers._ACTION_HANDLERS["GetTemplateSummary"]

    def with_identifiers(params: Any) -> Any:
        status, headers, body = summarize(params)
        template, problem = handlers._resolve_template(params)
        if status != HTTPStatus.OK or problem or not template:
            return status, headers, body
        resources = handlers._parse_template(template).get("Resources", {})
        summaries = "".join(
            f"<member><ResourceType>{escape(kind)}</ResourceType>"
            f"<LogicalResourceIds>{_members(name for name, each in resources.items() if each['Type'] == kind)}"
            f"</LogicalResourceIds><ResourceIdentifiers>{_members(lookups[kind][0])}</ResourceIdentifiers></member>"
            for kind in sorted({each.get("Type") for each in resources.values()} & lookups.keys())
        )
        end = "</GetTemplateSummaryResult>"
        whole = f"<ResourceIdentifierSummaries>{summaries}</ResourceIdentifierSummaries>{end}"
        return status, headers, body.replace(end.encode(), whole.encode())

    handlers._ACTION_HANDLERS["GetTemplateSummary"] = with_identifiers


def _members(values: Iterable[str]) -> str:
    return "".join(f"<member>{escape(value)}</member>" for value in values)
