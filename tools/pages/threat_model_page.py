"""Writes the generated parts of docs/threat-model.md: what the stack's roles can do, and how owners are known.

Usage: python -m tools.pages.threat_model_page [--check]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from cdk_cleanrooms_ml._permissions import others_statements
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import Cardinality, ResourceSpec
from cleanrooms_ml_simulator.permissions import OF_EVERY_STACK, OF_SOME_STACKS

from .. import ROOT
from .generated import filled, run, table

# What an action does, by the verb in its name; with any other verb, which another service may have, it is a change.
_CHANGE = "create or change"
_EFFECTS = {
    "Get": "read",
    "List": "read",
    "Pass": "use, as a member",
    "Tag": "tag",
    "Untag": "tag",
    "Delete": "delete",
    "Cancel": "delete",
    "Create": _CHANGE,
}
_VERB = re.compile("[A-Z][a-z]+")


def page(file: Path) -> str:
    """The page."""
    return filled(file, {"roles": _roles(), "denied": _denied(), "kinds": _kinds()})


def _roles() -> str:
    always = {action for spec in SPECS for name in spec.cleanup_operations for action in _actions(spec, name)}
    every = {action for spec in SPECS for name in spec.permissions for action in _actions(spec, name)}
    rows = [("worker", effect, "always", names) for effect, names in _grouped(always)]
    rows += [("worker", effect, "for the kinds in the stack", names) for effect, names in _grouped(every - always)]
    rows += [(who, why, f"on {resource}", f"`{action}`") for who, action, resource, why in OF_EVERY_STACK]
    rows += [(who, why, f"on {resource}", f"`{action}`") for who, action, resource, why in OF_SOME_STACKS]
    rows.append(("state machine", "runs the steps", "on *worker*", "`lambda:InvokeFunction`"))
    return table(("role", "may", "when, or on what", "actions"), rows)


def _actions(spec: ResourceSpec, operation: str) -> Iterator[str]:
    for permission in spec.permissions.get(operation, ()):
        yield from permission.actions


def _grouped(actions: set[str]) -> Iterator[tuple[str, str]]:
    """The actions by their effect, each effect once."""
    for effect in dict.fromkeys(_EFFECTS.values()):
        names = sorted(action for action in actions if _effect(action) == effect)
        if names:
            yield effect, ", ".join(f"`{name}`" for name in names)


def _effect(action: str) -> str:
    verb = _VERB.match(action.partition(":")[2])
    assert verb, action
    return _EFFECTS.get(verb[0], _CHANGE)


def _denied() -> str:
    actions = sorted(action for statement in others_statements() for action in statement["Action"])
    return "\n".join(f"- `{action}`" for action in actions)


def _kinds() -> str:
    rows = [(spec.kind, _known_by(spec), _creates(spec), _ends(spec)) for spec in SPECS]
    return table(("kind", "its owner is known by", "a request can create it", "a request can delete it"), rows)


def _known_by(spec: ResourceSpec) -> str:
    if spec.is_taggable:
        return "the ownership tag"
    return {
        Cardinality.DOCUMENT: "the IDs of its statements",
        Cardinality.SINGLETON: "its role, the template, the history of requests",
        Cardinality.NAMED: "its generated name",
    }[spec.cardinality]


def _creates(spec: ResourceSpec) -> str:
    if spec.parent is None:
        return "if the template has the kind"
    owned = f", or that has this stack's ownership tag ({spec.parent.kind})" if spec.parent.kind else ""
    return f"in the `{spec.parent.member}` that the template names{owned}"


def _ends(spec: ResourceSpec) -> str:
    if spec.is_taggable:
        verb = "delete" if spec.delete else "cancel only"
        return f"{verb}, with this stack's tag; IAM denies another's"
    if spec.delete is None:
        return "no: AWS has no such operation"
    return (
        "only this stack's statements" if spec.cardinality is Cardinality.DOCUMENT else "with the same role, or history"
    )


if __name__ == "__main__":
    sys.exit(run(__doc__, ROOT / "docs" / "threat-model.md", page))
