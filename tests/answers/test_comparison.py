"""docs/comparison.md shows what the comparison measures now, and this library fares well in all of it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def comparison(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program that makes the table."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield importlib.import_module("provider_comparison.__main__")
    for name in [name for name in sys.modules if name.startswith("provider_comparison")]:
        del sys.modules[name]


def test_the_page_shows_what_is_measured(comparison: Any) -> None:
    page = comparison.PAGE.read_text("utf-8")
    new = comparison.table()
    assert comparison.renewed(page, new) == page, "run: make comparison"
    rows = [line.split(" | ") for line in new.splitlines()[2:]]
    assert len(rows) >= 15
    assert all(row[2].startswith("ok;") for row in rows)
    # The other side is no straw man: it fares well where nothing out of the ordinary happens.
    assert sum(row[3].startswith("ok;") for row in rows) >= 4
