"""Lists: which records, in which order, on which page."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from ..calls import Call
from ..errors import validation_error
from ..state.world import World

# An item of a list with its number, which stays the same from page to page.
Numbered: TypeAlias = tuple[int, dict[str, Any]]

_PAGING = frozenset({"nextToken", "maxResults"})


def filters(call: Call) -> dict[str, Any]:
    """Every other parameter of a List is a member of the records that it filters by."""
    return {name: value for name, value in call.params.items() if name not in _PAGING}


def page(world: World, call: Call, found: Sequence[Numbered]) -> dict[str, Any]:
    """One page of items in the members of a List's reply.

    Args:
        world: The world.
        call: The request.
        found: Everything that the list has, in ascending order of the numbers.

    Raises:
        ApiError: ValidationException: the token is not one of this list.
    """
    scope = _scope(call.operation.name, filters(call))
    after = _token_number(call.params["nextToken"], scope) if "nextToken" in call.params else 0
    rest = [item for item in found if item[0] > after]
    size = call.params.get("maxResults", world.options.page_size)
    result: dict[str, Any] = {_list_member(call): [members for _, members in rest[:size]]}
    if len(rest) > size:
        result["nextToken"] = _token(rest[size - 1][0], scope)
    return result


def _list_member(call: Call) -> str:
    assert call.operation.output is not None
    members = call.model.members(call.operation.output)
    return next(name for name, shape in members.items() if call.model.shapes[shape]["type"] == "list")


def _scope(operation: str, wanted: Mapping[str, Any]) -> str:
    """A token serves only the List that gave it, with the same filters."""
    text = json.dumps([operation, wanted], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _token(number: int, scope: str) -> str:
    return base64.urlsafe_b64encode(f"{scope}:{number}".encode()).decode()


def _token_number(token: str, scope: str) -> int:
    try:
        found, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        position = int(number)
    except ValueError:
        found, position = "", 0
    if found != scope:
        raise validation_error("nextToken is not one that this operation gave for these parameters")
    return position
