"""Writes docs/operations.md: where each API operation is used, or why not.

Usage: python tools/operations_page.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS
from generated import filled, table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "operations.md"
TOOL = Path(__file__).name

# Kinds that CloudFormation makes by itself; the constructs over their types check the requests.
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
    "ListTrainedModelVersions": "a version is known by its physical id, and looked for with ListTrainedModels",
}
_ROLES = ("create", "get", "list", "update", "delete", "cancel")


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
        yield "every kind with tags", "tags, and the mark of ownership"
    if name == "ListTagsForResource":
        yield "every kind with tags whose get operation does not show them", "tags, and the mark of ownership"
    for kind, verbs in _NATIVE.items():
        if name in (*(f"{verb}{kind}" for verb in verbs), f"List{kind}s"):
            yield f"`AWS::CleanRoomsML::{kind}`", "CloudFormation's own"


def page() -> str:
    """The page as it has to be."""
    rows = ((f"`{name}`", user, role) for name, user, role in operations())
    return filled(PAGE, TOOL, {"operations": table(("operation", "used by", "as, or why not"), rows)})


def main() -> int:
    """Write the page, or say whether it is stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the page is stale")
    check = parser.parse_args().check
    text = page()
    stale = text != PAGE.read_text(encoding="utf-8")
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main())
