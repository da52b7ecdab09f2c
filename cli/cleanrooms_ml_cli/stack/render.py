"""A status in a table, and as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .status import Row, Status

if TYPE_CHECKING:
    from rich.table import Table

_STYLES = {
    "pending": "cyan",
    "ready": "green",
    "failed": "bold red",
    "deleting": "yellow",
    "delete failed": "bold red",
    "gone": "dim",
    "missing": "bold red",
    "unknown": "bold red",
}


def as_table(status: Status) -> Table:
    """The status for a terminal."""
    from rich.table import Table  # takes a while to import
    from rich.text import Text

    from cleanrooms_ml_policy.visible import visible

    table = Table(title=Text(status.summary), title_justify="left", expand=True)
    for name, ratio in (("Resource", 3), ("Kind", 3), ("Status", 3), ("For", 3), ("Results, reason", 5)):
        table.add_column(name, overflow="fold", ratio=ratio)
    for row in status.rows:
        # Text and not str: brackets are no markup.
        resource = Text(visible(row.where))
        if row.name:
            resource.append(f"\n{visible(row.name)}", style="dim")
        said = Text(visible(row.results))
        if row.reason:
            said.append(f"{' ' if row.results else ''}{visible(row.reason)}", style=_STYLES.get(row.state, ""))
        style = "bold yellow" if row.is_late else _STYLES.get(row.state, "")
        table.add_row(resource, Text(row.kind), Text(visible(row.status), style=style), Text(row.age), said)
    return table


def as_line(row: Row) -> str:
    """A resource in a line for logs, whatever is in its names and reasons."""
    from cleanrooms_ml_policy.visible import visible

    parts = [row.where, row.kind, row.status, row.age]
    line = "  ".join(part for part in parts if part)
    rest = "; ".join(part for part in (row.results, row.reason) if part)
    return visible(f"{line}: {rest}" if rest else line)


def as_lines(status: Status) -> str:
    """The status for a log."""
    return "\n".join([status.summary, *(f"  {as_line(row)}" for row in status.rows)])


def changed_lines(before: Status | None, after: Status) -> list[str]:
    """What a log needs to hear since the last look: whatever has another status."""
    known = {(row.stack, row.where): (row.status, row.reason) for row in before.rows} if before else {}
    lines = [as_line(row) for row in after.rows if known.get((row.stack, row.where)) != (row.status, row.reason)]
    if before is None or before.stack.status != after.stack.status:
        lines.append(after.summary)
    return lines
