"""The types that CloudFormation has itself.

These are `AWS::CleanRoomsML::*`, and of `AWS::CleanRooms::*` what the walkthroughs need.

A sandbox that plays CloudFormation calls `Native` for these types. Every call is in the journal under the operation
that AWS's own handler would call, from `cloudformation.amazonaws.com`, and is checked as a request would be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.rules import is_reserved_tag

from ..errors import ApiError
from .types import NATIVE_TYPES, NativeType

Attributes = dict[str, Any]
Tags = dict[str, str]
# The account and the Region of a stack.
Owner = tuple[str, str]

# What the handlers of CloudFormation call the errors of a service.
_HANDLER_ERRORS = {
    "AccessDeniedException": "AccessDenied",
    "ConflictException": "ResourceConflict",
    "ResourceNotFoundException": "NotFound",
    "ServiceQuotaExceededException": "ServiceLimitExceeded",
    "ThrottlingException": "Throttling",
    "ValidationException": "InvalidRequest",
}
_NOT_FOUND = "NotFound"

# A word in capitals before the next one ("MLMember"), or the first letter.
_HEAD = re.compile(r"^(?:[A-Z]+(?=[A-Z][a-z])|[A-Z])")


class NativeError(Exception):
    """CloudFormation could not do it; the message is the reason that a stack event shows.

    Args:
        message: What is wrong.
        code: What CloudFormation calls it.
    """

    def __init__(self, message: str, code: str = "InvalidRequest") -> None:
        super().__init__(f'Resource handler returned message: "{message}" (HandlerErrorCode: {code})')
        self.code = code


def is_replacement(type_name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a change of properties replaces the resource."""
    return any(old.get(name) != new.get(name) for name in NATIVE_TYPES[type_name].create_only)


class Native:
    """The types of `NATIVE_TYPES`, for an emulation of CloudFormation.

    Args:
        perform: Does an operation of a service; returns all members of the record that it concerned.
        read: All members of the record that an operation's parameters name.
    """

    types: Mapping[str, NativeType] = NATIVE_TYPES

    def __init__(self, perform: Callable[..., Mapping[str, Any]], read: Callable[..., Mapping[str, Any]]) -> None:
        self._perform = perform
        self._read = read

    def create(
        self,
        type_name: str,
        properties: Mapping[str, Any],
        tags: Mapping[str, str] | None = None,
        *,
        account: str = "",
        region: str = "",
    ) -> tuple[str, Attributes]:
        """Creates a resource.

        Args:
            type_name: Its type.
            properties: Its properties, in which all references are resolved.
            tags: Further tags: of the stack, or what CloudFormation adds by itself.
            account: The account of the stack. Default: the emulator's.
            region: Its Region. Default: the emulator's.

        Returns:
            Its physical id, which is what Ref returns, and its attributes for Fn::GetAtt.

        Raises:
            NativeError: The properties are not those of the type, or the service refuses it.
        """
        described = _checked(type_name, properties)
        own, system = _tags(properties, tags)
        params = described.completed(_params(described, properties)) | ({"tags": own} if own else {})
        return _described(described, self._do(described, described.create, params, (account, region), system))

    def update(
        self,
        type_name: str,
        physical_id: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        tags: Mapping[str, str] | None = None,
        old_tags: Mapping[str, str] | None = None,
        *,
        account: str = "",
        region: str = "",
    ) -> tuple[str, Attributes]:
        """Changes a resource in place, or replaces it if a create-only property differs.

        Args:
            type_name: Its type.
            physical_id: Its physical id.
            old: The properties that it has.
            new: Those that it is to have.
            tags: Further tags that it is to have.
            old_tags: Those that it has.
            account: The account of the stack.
            region: Its Region.

        Returns:
            The physical id, another one if it was replaced (deleting the old one is the caller's), and attributes.

        Raises:
            NativeError: As for `create`.
        """
        described = _checked(type_name, new)
        if is_replacement(type_name, old, new):
            return self.create(type_name, new, tags, account=account, region=region)
        named = _named(described, physical_id)
        changed = {name: new.get(name) for name in described.updatable if old.get(name) != new.get(name)}
        if changed:
            self._do(described, described.update, named | _params(described, changed), (account, region))
        self._retag(described, named, _tags(old, old_tags)[0], _tags(new, tags)[0], (account, region))
        return _described(described, self._found(described, named, (account, region)))

    def delete(self, type_name: str, physical_id: str, *, account: str = "", region: str = "") -> None:
        """Deletes a resource; one that is not there any more is deleted.

        Raises:
            NativeError: The service refuses it.
        """
        described = _of(type_name)
        try:
            self._do(described, described.delete, _named(described, physical_id), (account, region))
        except NativeError as error:
            if error.code != _NOT_FOUND:
                raise

    def _retag(self, described: NativeType, named: Mapping[str, str], old: Tags, new: Tags, owner: Owner) -> None:
        if old == new:
            return
        found = self._found(described, named, owner)
        arn = next(str(found[name]) for name in ("arn", described.ref[0]) if name in found)
        if removed := sorted(old.keys() - new.keys()):
            self._do(described, "UntagResource", {"resourceArn": arn, "tagKeys": removed}, owner)
        if added := {key: value for key, value in new.items() if old.get(key) != value}:
            self._do(described, "TagResource", {"resourceArn": arn, "tags": added}, owner)

    def _found(self, described: NativeType, named: Mapping[str, str], owner: Owner) -> Mapping[str, Any]:
        try:
            return self._read(described.create, named, *owner)
        except ApiError as error:
            raise NativeError(error.message, _NOT_FOUND) from error

    def _do(
        self, described: NativeType, operation: str, params: Mapping[str, Any], owner: Owner, system: Tags | None = None
    ) -> Mapping[str, Any]:
        try:
            return self._perform(
                described.service, operation, params, account=owner[0], region=owner[1], system_tags=system
            )
        except ApiError as error:
            is_taken = operation == described.create and error.code == "ConflictException"
            code = "AlreadyExists" if is_taken else _HANDLER_ERRORS.get(error.code, "ServiceInternalError")
            raise NativeError(error.message, code) from error


def _of(type_name: str) -> NativeType:
    if type_name not in NATIVE_TYPES:
        raise NativeError(f"{type_name} is not known; there are {', '.join(NATIVE_TYPES)}")
    return NATIVE_TYPES[type_name]


def _described(described: NativeType, members: Mapping[str, Any]) -> tuple[str, Attributes]:
    """The physical id and the attributes of a record."""
    attributes = {name: _at(members, path) for name, path in described.attributes.items()}
    return "|".join(str(members[name]) for name in described.ref), attributes


def _named(described: NativeType, physical_id: str) -> dict[str, str]:
    """The members by which requests name what has a physical id."""
    named = dict(zip(described.ref, physical_id.split("|"), strict=False))
    if found := re.search(r":membership/([^/]+)/", physical_id):
        named["membershipIdentifier"] = found[1]
    return named


# -- properties --------------------------------------------------------------------------------------------------------


def _checked(type_name: str, properties: Mapping[str, Any]) -> NativeType:
    described = _of(type_name)
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
        value = _at(properties, path)
        if value is not None and float(value) > most:
            yield f"#/{path.replace('.', '/')} is {value}; the schema of CloudFormation allows at most {most:g}"


def _at(value: Any, path: str) -> Any:
    """What is at a path of members; None if nothing is."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _params(described: NativeType, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The members of the create operation: properties in the API's names and with its types."""
    wanted = {name: item for name, item in properties.items() if name not in ("Tags", *described.shown_only)}
    params = {described.renamed.get(name, _camel(name)): _value(item) for name, item in wanted.items()}
    model = service_model(described.service)
    return model.cast(described.create, params) if described.create in model.operations else params


def _camel(name: str) -> str:
    return _HEAD.sub(lambda head: head[0].lower(), name)


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_camel(name): _value(item) for name, item in value.items()}
    return [_value(item) for item in value] if isinstance(value, list) else value


def _tags(properties: Mapping[str, Any], more: Mapping[str, str] | None) -> tuple[Tags, Tags]:
    """The tags of the template and of the stack, and those that AWS itself puts there."""
    given = {str(tag["Key"]): str(tag.get("Value", "")) for tag in properties.get("Tags") or []}
    tags = {**(more or {}), **given}
    system = {key: value for key, value in tags.items() if is_reserved_tag(key)}
    return {key: value for key, value in tags.items() if key not in system}, system
