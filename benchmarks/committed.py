"""The committed figures: the table in the README for people, and a file for `make bench-check`."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from .figures import Figure
from .protocol import Of, Row

_HERE = Path(__file__).parent
FIGURES, README = _HERE / "figures.json", _HERE / "README.md"
_BEGIN, _END = "<!-- begin: make bench -->", "<!-- end: make bench -->"
_PACKAGES = ("aws-cdk-lib", "constructs", "jsii", "botocore", "ministack")


@dataclass(frozen=True)
class Committed:
    """What is committed.

    Attributes:
        figures: By row.
        details: Markdown of benchmarks, by module.
    """

    figures: dict[str, Figure]
    details: dict[str, str]


def load() -> Committed:
    """What is committed."""
    read = json.loads(FIGURES.read_text("utf-8"))
    return Committed({name: Figure(**members) for name, members in read["figures"].items()}, read["details"])


def save(new: Committed, rows: Sequence[Row], modules: Sequence[str]) -> None:
    """Writes the table and the file; `rows` and `modules` are all there are, in order. What is not new is kept."""
    old = load() if FIGURES.exists() else Committed({}, {})
    both = old.figures | new.figures
    figures = {row.name: both[row.name] for row in rows if row.name in both}
    # A benchmark that was played and has none any more has none.
    more = old.details | new.details
    details = {module: more[module] for module in modules if more.get(module)}
    kept = {"figures": {name: asdict(each) for name, each in figures.items()}, "details": details}
    FIGURES.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    before, _, rest = README.read_text("utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    parts = [_BEGIN, measured_with(), table(rows, figures), *details.values(), _END]
    README.write_text(before + "\n\n".join(parts) + after, "utf-8")


def measured_with() -> str:
    """When, and with which versions."""
    node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True)  # noqa: S607
    versions = [f"Python {platform.python_version()}", f"Node.js {node.stdout.strip().removeprefix('v')}"]
    versions += [f"{name} {version(name)}" for name in _PACKAGES]
    return f"Measured {datetime.now(UTC):%Y-%m-%d}: {', '.join(versions)}."


def table(rows: Sequence[Row], figures: Mapping[str, Figure]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| | unit | ours | theirs | compared with | ratio | spread | at most | |",
        "|---|---|--:|--:|---|--:|--:|--:|---|",
    ]
    lines += [_line(row, figures[row.name]) for row in rows if row.name in figures]
    return "\n".join(lines)


def _line(row: Row, figure: Figure) -> str:
    bound = "" if row.bound is None else f"{_number(row.bound)}{'' if row.of is Of.RATIO else f' {row.unit}'}"
    if row.goal is not None:
        bound += f" (goal {_number(row.goal)})"
    cells = [
        row.name,
        row.unit,
        _number(figure.ours),
        _number(figure.theirs),
        row.rival,
        _number(figure.ratio),
        f"± {_number(figure.spread)}" if figure.spread else "",
        bound,
        "" if row.bound is None else "met" if figure.meets(row) else "**missed**",
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    """Three digits, which is what the spread leaves."""
    if value is None:
        return ""
    if value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{float(f'{value:.3g}'):g}"
