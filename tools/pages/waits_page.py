"""Writes how long deployments wait, and in how many resources, into docs/waiting-and-failures.md.

Usage: python -m tools.pages.waits_page [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from cdk_cleanrooms_ml._waiting import link_count
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.rules import LONGEST_WAIT_SECONDS
from cleanrooms_ml_handlers.rules.durations import (
    DEFAULT_WAIT_SECONDS,
    LONGEST_QUERIED_GENERATION_SECONDS,
    TRAINING_MARGIN_SECONDS,
)

from .. import ROOT
from .generated import filled, run, table

_MINUTE, _HOUR = 60, 3600
# Waits that depend on the arguments: what they are for, and how long they are.
_OTHERS: Mapping[str, tuple[str, int]] = {
    "AudienceGenerationJob": ("with a seed from a query", LONGEST_QUERIED_GENERATION_SECONDS),
    "TrainedModel": (
        f"with `max_runtime` {TRAINING_MARGIN_SECONDS // _HOUR} hour more than that, at most",
        LONGEST_WAIT_SECONDS,
    ),
}
_DOCUMENTED: Mapping[str, str] = {
    "AudienceExportJob": "at most an hour",
    "AudienceGenerationJob": "at most 10 hours; 35 with a query, of which the query takes up to 24",
    "AudienceModel": "at most 25 hours",
    "MLInputChannel": "a few minutes, up to 24 hours for a long query; a few hours for synthetic data: "
    "set a longer wait for it",
    "TrainedModel": "up to 28 days; 24 hours without `max_runtime`",
    "TrainedModelExportJob": "nothing",
    "TrainedModelInferenceJob": "at most 25 hours",
}


def page(file: Path) -> str:
    """The page as it has to be."""
    rows = []
    for kind in sorted(spec.kind for spec in SPECS if spec.long_running):
        waits = [("", DEFAULT_WAIT_SECONDS[kind]), *([_OTHERS[kind]] if kind in _OTHERS else [])]
        default = "; ".join(f"{when} {span(seconds)}".strip() for when, seconds in waits)
        counts = "; at most ".join(str(resources_of(seconds)) for _, seconds in waits)
        rows.append((f"`{kind}`", default, counts, _DOCUMENTED[kind]))
    heads = ("run", "default wait", "resources that it adds", "because AWS documents")
    return filled(file, {"waits": table(heads, rows), "longest": _longest()})


def resources_of(seconds: int) -> int:
    """How many resources a wait adds: its links and `Ready`."""
    return link_count(seconds) + 1


def _longest() -> str:
    return (
        f"The longest wait, {span(LONGEST_WAIT_SECONDS)}, adds {resources_of(LONGEST_WAIT_SECONDS)} resources; "
        "`Wait.none()` adds none."
    )


def span(seconds: int) -> str:
    """A duration for readers."""
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} minutes"
    return "1 hour" if seconds == _HOUR else f"{seconds // _HOUR} hours"


if __name__ == "__main__":
    sys.exit(run(__doc__, ROOT / "docs" / "waiting-and-failures.md", page))
