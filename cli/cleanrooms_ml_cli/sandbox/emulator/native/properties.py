"""Properties of a template as members of requests: checked, in the API's names and with its types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.model import ServiceModel
from cleanrooms_ml_handlers.rules import is_reserved_tag

from ..kinds import KINDS, Kind
from ..models import service_model
from .types import NATIVE_TYPES, NativeType

# A word in capitals before the next one ("MLMember"), or the first letter.
_HEAD = re.compile(r"^(?:[A-Z]+(?=[A-Z][a-z])|[A-Z])")

Tags = dict[str, str]


class NativeError(Exception):
    """CloudFormation could not do it; the message is the reason that a stack event shows.

    Args:
        message: What is wrong.
        code: What CloudFormation calls it.
    """

    def __init__(self, message: str, code: str = "InvalidRequest") -> None:
        super().__init__(f'Resource handler returned message: "{message}" (HandlerErrorCode: {code})')
        self.code = code


def type_of(type_name: str) -> NativeType:
    """The type of a name.

    Raises:
        NativeError: There is none.
    """
    if type_name not in NATIVE_TYPES:
        raise NativeError(f"{type_name} is not known; there are {', '.join(NATIVE_TYPES)}")
    return NATIVE_TYPES[type_name]


def checked(type_name: str, properties: Mapping[str, Any]) -> NativeType:
    """The type of a name, whose properties these can be.

    Raises:
        NativeError: They cannot; the message names every problem.
    """
    described = type_of(type_name)
    if problems := list(_problems(described, properties)):
        raise NativeError(f"Properties validation failed: {'; '.join(problems)}")
    return described


def _problems(described: NativeType, properties: Mapping[str, Any]) -> Iterator[str]:
    for name in described.required:
        if properties.get(name) is None:
            yield f"#/{name} is missing; it is required"
    for name in properties:
        if name not in described.properties:
            yield f"#/{name} is not known; allowed are {', '.join(sorted(described.properties))}"
    for path, most in described.at_most.items():
        value = at(properties, path)
        if value is not None and float(value) > most:
            yield f"#/{path.replace('.', '/')} is {value}; the schema of CloudFormation allows at most {most:g}"


def at(value: Any, path: str) -> Any:
    """What is at a path of members; None if nothing is."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def params_of(described: NativeType, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the create operation: properties in the API's names and with its types."""
    wanted = {
        name: item
        for name, item in properties.items()
        if name not in ("Tags", *described.shown_only, *described.children)
    }
    params = {described.renamed.get(name, _camel(name)): _value(item) for name, item in wanted.items()}
    return service_model(described.service).cast(described.create, described.completed(params))


def update_params(described: NativeType, changed: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the update operation: what changed, and what it requires in addition."""
    model = service_model(described.service)
    kind = KINDS[described.kind]
    called = {created: updated for updated, created in kind.updated_as.items()}
    shape = model.shapes[model.operations[described.update].input or ""]
    everything = {called.get(name, name): value for name, value in params_of(described, new).items()}
    wanted = {called.get(name, name) for name in params_of(described, changed)}
    wanted |= {name for name in shape.get("required", ()) if name in everything}
    asked = {name: everything.get(name) for name in wanted}
    fitting: dict[str, Any] = _fitting(model, model.operations[described.update].input or "", asked)
    return fitting


def _fitting(model: ServiceModel, shape: str, value: Any) -> Any:
    """A value without the members that its shape lacks, such as those that no update can change."""
    if not isinstance(value, Mapping) or model.shapes[shape]["type"] != "structure":
        return value
    members = model.members(shape)
    return {name: _fitting(model, members[name], item) for name, item in value.items() if name in members}


def items_of(kind: Kind, value: Any) -> dict[str, dict[str, Any]]:
    """The items of a property that are resources of their own, by what makes them different."""
    items = [{kind.shown_as.get(name, name): it for name, it in _value(item).items()} for item in value or []]
    return {str([item.get(name) for name in kind.key_members]): item for item in items}


def _camel(name: str) -> str:
    return _HEAD.sub(lambda head: head[0].lower(), name)


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_camel(name): _value(item) for name, item in value.items()}
    return [_value(item) for item in value] if isinstance(value, list) else value


def tags_of(properties: Mapping[str, Any], more: Mapping[str, str] | None) -> tuple[Tags, Tags]:
    """The tags of the template and of the stack, and those that AWS itself puts there."""
    given = {str(tag["Key"]): str(tag.get("Value", "")) for tag in properties.get("Tags") or []}
    tags = {**(more or {}), **given}
    system = {key: value for key, value in tags.items() if is_reserved_tag(key)}
    return {key: value for key, value in tags.items() if key not in system}, system
