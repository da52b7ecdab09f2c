"""The types that CloudFormation has itself.

These are `AWS::CleanRoomsML::*` and `AWS::CleanRooms::*`.

A sandbox that plays CloudFormation calls `Native` for these types. Every call is in the journal under the operation
that AWS's own handler would call, from `cloudformation.amazonaws.com`, and is checked as a request would be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ApiError
from ..kinds import KINDS, Verb
from .properties import NativeError, Tags, at, checked, items_of, params_of, tags_of, type_of, update_params
from .types import NATIVE_TYPES, NativeType

__all__ = ["Native", "NativeError", "is_replacement"]

Attributes = dict[str, Any]
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
        described = checked(type_name, properties)
        own, system = tags_of(properties, tags)
        params = params_of(described, properties) | ({"tags": own} if own else {})
        members = self._do(described, described.create, params, (account, region), system)
        physical_id, attributes = _described(described, members)
        try:
            self._set_children(described, physical_id, {}, properties, (account, region))
        except NativeError:
            self.delete(type_name, physical_id, account=account, region=region)
            raise
        return physical_id, attributes

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
        described = checked(type_name, new)
        if is_replacement(type_name, old, new):
            return self.create(type_name, new, tags, account=account, region=region)
        named = _named(described, physical_id)
        changed = {name: new.get(name) for name in described.updatable if old.get(name) != new.get(name)}
        if changed:
            self._do(described, described.update, named | update_params(described, changed, new), (account, region))
        self._set_children(described, physical_id, old, new, (account, region))
        self._retag(described, named, tags_of(old, old_tags)[0], tags_of(new, tags)[0], (account, region))
        return _described(described, self._found(described, named, (account, region)))

    def existing(
        self, type_name: str, identifier: Mapping[str, str], *, account: str = "", region: str = ""
    ) -> tuple[str, Attributes]:
        """A resource that is there already, by its primary identifier, as an import finds it.

        Raises:
            NativeError: There is none.
        """
        described = type_of(type_name)
        physical_id = "|".join(identifier[name] for name in described.identifier)
        members = self._found(described, _named(described, physical_id), (account, region))
        return _described(described, members)

    def delete(self, type_name: str, physical_id: str, *, account: str = "", region: str = "") -> None:
        """Deletes a resource; one that is not there any more is deleted.

        Raises:
            NativeError: The service refuses it.
        """
        described = type_of(type_name)
        try:
            self._do(described, described.delete, _named(described, physical_id), (account, region))
        except NativeError as error:
            if error.code != _NOT_FOUND:
                raise

    def _set_children(
        self, described: NativeType, physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], owner: Owner
    ) -> None:
        """Creates, changes and deletes the items of properties that are resources of the API of their own."""
        named = _named(described, physical_id)
        for name, kind_name in described.children.items():
            kind = KINDS[kind_name]
            before, after = items_of(kind, old.get(name)), items_of(kind, new.get(name))
            for key in before.keys() - after.keys():
                members = {name: before[key][name] for name in kind.key_members if name in before[key]}
                self._do(described, kind.operation(Verb.DELETE), named | members, owner)
            for key, item in after.items():
                if item != before.get(key):
                    verb = Verb.UPDATE if key in before else Verb.CREATE
                    self._do(described, kind.operation(verb), named | item, owner)

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


def _described(described: NativeType, members: Mapping[str, Any]) -> tuple[str, Attributes]:
    """The physical id and the attributes of a record."""
    attributes = {name: at(members, path) for name, path in described.attributes.items()}
    return "|".join(str(members[name]) for name in described.ref), attributes


def _named(described: NativeType, physical_id: str) -> dict[str, str]:
    """The members by which requests name what has a physical id."""
    named = dict(zip(described.ref, physical_id.split("|"), strict=False))
    if found := re.search(r":membership/([^/]+)/", physical_id):
        named["membershipIdentifier"] = found[1]
    return named
