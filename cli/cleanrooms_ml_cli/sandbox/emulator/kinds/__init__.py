"""All kinds of resources that the emulator knows."""

from __future__ import annotations

from collections.abc import Mapping

from cleanrooms_ml_handlers.explained import Explained

from .analyses import ANALYSIS_KINDS
from .collaboration import COLLABORATION_KINDS
from .custom import CUSTOM_KINDS
from .kind import GRANTING_KEY_ACTIONS, Ending, Kind, Needed, Parent, Unique, Use, Verb
from .lookalike import LOOKALIKE_KINDS
from .tables import TABLE_KINDS

__all__ = [
    "GRANTING_KEY_ACTIONS",
    "KINDS",
    "KIND_OF_OPERATION",
    "Ending",
    "Kind",
    "Needed",
    "Parent",
    "Unique",
    "Use",
    "Verb",
    "kind_of_arn",
]

_CLEAN_ROOMS_KINDS = (*COLLABORATION_KINDS, *TABLE_KINDS, *ANALYSIS_KINDS)

KINDS: Mapping[str, Kind] = Explained(
    {kind.name: kind for kind in (*LOOKALIKE_KINDS, *CUSTOM_KINDS, *_CLEAN_ROOMS_KINDS)},
    "the sandbox has no kind of this name, which its other parts use. Add of_spec(...) of its spec, or Kind(...) if it "
    "has no spec, to the kinds in cli/cleanrooms_ml_cli/sandbox/emulator/kinds/",
)

KIND_OF_OPERATION: Mapping[str, Kind] = {operation: kind for kind in KINDS.values() for operation in kind.operations}


def kind_of_arn(arn: str) -> Kind | None:
    """The kind that an ARN names."""
    parts = arn.split(":", 5)
    segments = parts[-1].split("/")
    is_below_membership = segments[0] == "membership" and len(segments) > 2
    type_name = segments[2] if is_below_membership else segments[0]
    return next(
        (
            kind
            for kind in KINDS.values()
            if kind.arn_path
            and kind.arn_path.rsplit("/", 1)[-1] == type_name
            and kind.arn_service == parts[2]
            and kind.in_membership == is_below_membership
        ),
        None,
    )
