"""Writes the rules of the policy checks into docs/policy.md.

Usage: python -m tools.pages.policy_page [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from cleanrooms_ml_policy.catalog import (
    MODEL_ENTRIES,
    OWN_ENTRIES,
    Entry,
    advice_entries,
    documented_entries,
)
from cleanrooms_ml_policy.organization_policy import ORGANIZATION_RULES

from .. import ROOT
from .generated import filled, run, table


def page(file: Path) -> str:
    """The page as it has to be."""
    parts = {
        "organization": table(
            ("id", "setting", "about", "allowed", "known only at deployment", "reason", "fix"),
            (
                (f"`{rule.id}`", f"`{rule.setting}`", rule.about, rule.limit, rule.unknown, rule.reason, f"{rule.fix}.")
                for rule in ORGANIZATION_RULES
            ),
        ),
        "documented": _entries(documented_entries()),
        "model": _entries(MODEL_ENTRIES),
        "own": _entries(OWN_ENTRIES),
        "advice": _entries(advice_entries()),
    }
    return filled(file, parts)


def _entries(entries: Iterable[Entry]) -> str:
    rows = ((f"`{entry.id}`", entry.limit, entry.reason, entry.fix) for entry in entries)
    return table(("id", "allowed", "reason", "fix"), rows)


if __name__ == "__main__":
    sys.exit(run(__doc__, ROOT / "docs" / "policy.md", page))
