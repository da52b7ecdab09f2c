"""A report as a table, as text and as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from io import StringIO
from typing import TYPE_CHECKING

from cleanrooms_ml_policy import Finding

from .report import Report, shown

if TYPE_CHECKING:
    from rich.text import Text

# As wide as logs of continuous integration show without wrapping.
_FILE_COLUMNS = 160


def as_table(report: Report) -> str:
    """The report for people; without rich, which the extra [cli] installs, as text."""
    if not any(report.findings()):
        return f"{report.summary}\n"
    try:
        from rich.console import Console  # takes a while to import
        from rich.table import Table
        from rich.text import Text
    except ModuleNotFoundError:
        return as_text(report)
    is_terminal = sys.stdout.isatty()
    file = StringIO()
    console = Console(file=file, force_terminal=is_terminal, width=None if is_terminal else _FILE_COLUMNS)
    for one in report.checked:
        if not one.findings:
            continue
        # Not as the table's title: a title is wrapped, and the second line could begin with anything.
        console.print(Text(shown(one.path), style="italic"), soft_wrap=True)
        table = Table(expand=True, show_lines=True)
        table.add_column("")
        table.add_column("Rule", overflow="fold", ratio=2)
        table.add_column("Resource", overflow="fold", ratio=2)
        table.add_column("Problem", overflow="fold", ratio=6)
        for finding in one.findings:
            table.add_row(*_cells(finding))
        console.print(table)
    return f"{file.getvalue()}{report.summary}\n"


def _cells(finding: Finding) -> tuple[Text, Text, Text, Text]:
    """A row of the table, in Text and not str: brackets in paths are not markup."""
    from rich.text import Text

    styles = {"fatal": "bold red", "error": "red", "warning": "yellow"}
    problem = Text(finding.problem)
    if finding.fix:
        problem.append(f"\n{finding.fix}", style="dim")
    word = Text(finding.severity.value, style=styles[finding.severity.value])
    if finding.acknowledged is not None:
        word = Text("accepted", style="dim")
        problem.append(f"\nAcknowledged: {finding.acknowledged}")
    return word, Text(finding.rule), Text(finding.where), problem


def as_text(report: Report) -> str:
    """The report with one line for each finding, to search in."""
    lines = []
    for path, finding in report.findings():
        word, reason = finding.severity.value, ""
        if finding.acknowledged is not None:
            word, reason = "accepted", f" (acknowledged: {finding.acknowledged})"
        lines.append(f"{shown(path)}: {word} {finding.rule} {finding.message}{reason}\n")
    return f"{''.join(lines)}{report.summary}\n"


def as_json(report: Report) -> str:
    """The report for programs."""
    findings = []
    for path, finding in report.findings():
        fields = asdict(finding)
        fields["severity"] = finding.severity.value
        findings.append({"template": shown(path), **fields, "message": finding.message})
    content = {
        "violations": report.violation_count,
        "acknowledged": report.acknowledged_count,
        "warnings": report.warning_count,
        "settings": [shown(path) for path in report.settings],
        "templates": [{"path": shown(one.path), "resources": list(one.resources)} for one in report.checked],
        "findings": findings,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
