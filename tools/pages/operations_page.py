"""Writes docs/operations.md: where each API operation is used, or why not.

Usage: python -m tools.pages.operations_page [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS

from .. import ROOT
from .generated import filled, run, table

# Kinds that CloudFormation creates by itself; the constructs over their types check the requests.
_NATIVE: Mapping[str, tuple[str, ...]] = {
    "TrainingDataset": ("Create", "Get", "Delete", "List"),
    "ConfiguredModelAlgorithm": ("Create", "Get", "Delete", "List"),
    "ConfiguredModelAlgorithmAssociation": ("Create", "Get", "Delete", "List"),
}
_OF_COLLABORATION = "for other members: shows less than the owner's operation, by which the resource is managed"
_UNUSED: Mapping[str, str] = {
    "GetCollaborationConfiguredModelAlgorithmAssociation": _OF_COLLABORATION,
    "ListCollaborationConfiguredModelAlgorithmAssociations": _OF_COLLABORATION,
    "GetCollaborationMLInputChannel": _OF_COLLABORATION,
    "ListCollaborationMLInputChannels": _OF_COLLABORATION,
    "GetCollaborationTrainedModel": _OF_COLLABORATION,
    "ListCollaborationTrainedModels": _OF_COLLABORATION,
    "ListCollaborationTrainedModelInferenceJobs": _OF_COLLABORATION,
}
_ROLES = ("create", "get", "list", "versions", "update", "delete", "cancel")


def operations() -> Iterator[tuple[str, str, str]]:
    """Every operation of Clean Rooms ML: its name, what uses it, and as what.

    Raises:
        LookupError: One is neither used nor explained, or both.
    """
    for name in sorted(service_model("cleanroomsml").operations):
        users = list(_users(name))
        if bool(users) == (name in _UNUSED):
            raise LookupError(f"{name}: {'used, but explained as unused' if users else 'neither used nor explained'}")
        if users:
            yield name, ", ".join(user for user, _ in users), ", ".join(dict.fromkeys(role for _, role in users))
        else:
            yield name, "not used", _UNUSED[name]


def _users(name: str) -> Iterator[tuple[str, str]]:
    for spec in SPECS:
        if spec.service != "cleanroomsml":
            continue
        for role in _ROLES:
            if getattr(spec, role) == name:
                yield spec.kind, role
        if any(lookup.operation == name for lookup in spec.list_lookups.values()):
            yield spec.kind, "lookup"
    if name in ("TagResource", "UntagResource"):
        yield "every kind with tags", "tags, and the ownership tag"
    if name == "ListTagsForResource":
        yield "every kind with tags whose get operation does not show them", "tags, and the ownership tag"
    for kind, verbs in _NATIVE.items():
        if name in (*(f"{verb}{kind}" for verb in verbs), f"List{kind}s"):
            yield f"`AWS::CleanRoomsML::{kind}`", "CloudFormation's own"


def page(file: Path) -> str:
    """The page as it has to be."""
    rows = ((f"`{name}`", user, role) for name, user, role in operations())
    return filled(file, {"operations": table(("operation", "used by", "as, or why not"), rows)})


if __name__ == "__main__":
    sys.exit(run(__doc__, ROOT / "docs" / "operations.md", page))
