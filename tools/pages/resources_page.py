"""Writes the table of resources of README.md into docs/index.md.

Usage: python -m tools.pages.resources_page [--check]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from .. import ROOT
from .generated import filled, run

_README, _INDEX = ROOT / "README.md", ROOT / "docs" / "index.md"


def page(file: Path) -> str:
    """The page as it has to be."""
    (table,) = re.findall(r"^\| resources \|.*\n(?:\|.*\n)+", _README.read_text("utf-8"), re.MULTILINE)
    return filled(file, {"resources": table.rstrip("\n")})


if __name__ == "__main__":
    sys.exit(run(__doc__, _INDEX, page))
