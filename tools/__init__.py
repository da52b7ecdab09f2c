"""What developers of the library run, a package for each trade: ``python -m tools.<package>.<module>``."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
