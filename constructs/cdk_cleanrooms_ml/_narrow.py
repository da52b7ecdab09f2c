"""Constructs that are created as what jsii has to know of them.

For each object jsii looks at every member of its classes, once for each interface of each class, for those that
JavaScript may call: two thirds of a millisecond for a resource of this library. The answer depends on the class alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

import jsii
from aws_cdk import Resource
from constructs import Construct

T = TypeVar("T")


def create_narrowly(resource: Resource, scope: Construct, id: str) -> None:
    """What ``Resource.__init__`` does, for an object of a subclass.

    Args:
        resource: The object, which is of a class with fewer members while jsii creates its counterpart.
        scope: Scope in which to define it.
        id: Construct ID.
    """
    kind: Any = type(resource)
    resource.__class__ = _narrow(kind)
    try:
        Resource.__init__(resource, scope, id)
    finally:
        resource.__class__ = kind


def create_unchecked(kind: type[T], *arguments: Any) -> T:
    """Creates an object of the CDK without looking at its arguments in Python, which takes longer than all the rest.

    Args:
        kind: Its class.
        arguments: Those of JavaScript, with the names that these have there.
    """
    created = kind.__new__(kind)
    jsii.create(kind, created, list(arguments))
    return created


@cache
def _narrow(kind: type[Resource]) -> Any:
    """A subclass of ``Resource`` with those members of another one alone that JavaScript may call."""
    interfaces = list(dict.fromkeys(_interfaces(kind)))
    known = {name for each in (Resource, *interfaces) for name in dir(each) if not name.startswith("_")}
    own = kind.__mro__[: kind.__mro__.index(Resource)]
    members = {name: each.__dict__[name] for each in reversed(own) for name in known & each.__dict__.keys()}
    metaclass: Any = type(Resource)
    return metaclass(kind.__name__, (Resource,), {**members, "__jsii_ifaces__": interfaces})


def _interfaces(kind: type) -> Iterator[type]:
    for each in kind.__mro__:
        yield from each.__dict__.get("__jsii_ifaces__", ())
