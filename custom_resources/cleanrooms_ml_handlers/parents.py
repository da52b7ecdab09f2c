"""The parents of kinds without tags: only those that this stack created, or that its template names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .errors import Failure
from .identity import OWNERSHIP_TAG_KEY
from .named_parents import not_named
from .records import get_record
from .resources import spec_of
from .steps import Step, Unfinished


def require_own_parent(step: Step, members: Mapping[str, Any]) -> None:
    """Ensures that a resource without tags belongs to a parent of this stack.

    Args:
        step: The step.
        members: The members of the request or of the physical id.

    Raises:
        Unfinished: The parent, or its ownership tag, may not show yet.
        Failure: The parent is not this stack's.
    """
    parent = step.spec.parent
    if parent is None:
        return
    name = str(members.get(parent.member, ""))
    if step.service.template_names(name):
        return
    if parent.kind and _is_of_stack(replace(step, spec=spec_of(parent.kind)), name):
        return
    raise Failure(not_named(step.spec, name))


def _is_of_stack(of_parent: Step, name: str) -> bool:
    identifiers = of_parent.spec.identifiers(name)
    record = get_record(of_parent, identifiers) if identifiers else None
    if record is not None and OWNERSHIP_TAG_KEY in record.tags:
        return of_parent.owner.is_in_stack(record)
    if identifiers and not of_parent.settled():
        raise Unfinished(f"{name} does not show its tags yet")
    return False
