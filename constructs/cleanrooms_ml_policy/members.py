"""Finds members of a request in every branch of its conditions, with what is known only at deployment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.spec import ResourceSpec

from .template import ABSENT, is_unknown, possibilities


@dataclass(frozen=True)
class Member:
    """A member of a request with one of its possible values.

    Attributes:
        path: Its path in the request.
        value: The value; ABSENT if there is none.
        is_unknown: Whether the value, or one that contains it, is known only at deployment.
        is_inside_unknown: Whether a value that contains the member is known only at deployment: it may be absent.
    """

    path: str
    value: Any
    is_unknown: bool = False
    is_inside_unknown: bool = False


def members(kind: ResourceSpec, request: Any, *wanted: str) -> Iterator[Member]:
    """Every member of a request whose path ends in the given names, with each of its possible values.

    Args:
        kind: The kind of resource.
        request: The create request.
        wanted: The end of the path, such as "worker", "type".
    """
    for path in _paths(kind.service, kind.create, wanted):
        yield from at(request, path)


def at(value: Any, path: tuple[str, ...], walked: str = "") -> Iterator[Member]:
    """The values at a path, in each branch of the conditions on the way."""
    for item in possibilities(value):
        if not path:
            yield Member(walked, item, is_unknown(item))
        elif is_unknown(item):
            yield Member(walked, item, is_unknown=True, is_inside_unknown=True)
        elif path[0] == "[]":
            for index, below in enumerate(item) if isinstance(item, list) else ():
                yield from at(below, path[1:], f"{walked}[{index}]")
        elif isinstance(item, dict):
            name = path[0]
            yield from at(item.get(name, ABSENT), path[1:], f"{walked}.{name}" if walked else name)


@cache
def _paths(service: str, operation: str, wanted: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The paths of an operation's input that end in the given names."""
    model = service_model(service)
    found = []
    pending: list[tuple[str, tuple[str, ...], frozenset[str]]] = []
    shape = model.operations[operation].input
    if shape:
        pending.append((shape, (), frozenset()))
    while pending:
        name, path, above = pending.pop()
        if name in above:
            continue
        if path[-len(wanted) :] == wanted:
            found.append(path)
        definition = model.shapes[name]
        for member, below in definition.get("members", {}).items():
            pending.append((below["shape"], (*path, member), above | {name}))
        if "member" in definition:
            pending.append((definition["member"]["shape"], (*path, "[]"), above | {name}))
    return tuple(sorted(found))
