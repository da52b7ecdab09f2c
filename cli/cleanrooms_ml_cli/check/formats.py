"""A report as a table and as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from io import StringIO

from .report import Report, shown

# As wide as a log of continuous integration shows without wrapping.
_COLUMNS_OF_A_FILE = 160


def as_table(report: Report) -> str:
    """The report for people."""
    if not any(report.findings()):
        return f"{report.summary}\n"
    from rich.console import Console  # takes a while to import
    from rich.table import Table
    from rich.text import Text

    is_terminal = sys.stdout.isatty()
    file = StringIO()
    console = Console(file=file, force_terminal=is_terminal, width=None if is_terminal else _COLUMNS_OF_A_FILE)
    styles = {"fatal": "bold red", "error": "red", "warning": "yellow"}
    for one in report.checked:
        if not one.findings:
            continue
        table = Table(title=Text(shown(one.path)), title_justify="left", expand=True, show_lines=True)
        table.add_column("")
        table.add_column("Rule", overflow="fold", ratio=2)
        table.add_column("Resource", overflow="fold", ratio=2)
        table.add_column("Problem", overflow="fold", ratio=6)
        for finding in one.findings:
            # Text and not str: brackets in paths are no markup.
            problem = Text(finding.problem)
            if finding.fix:
                problem.append(f"\n{finding.fix}", style="dim")
            word = Text(finding.severity.value, style=styles[finding.severity.value])
            if finding.acknowledged is not None:
                word = Text("accepted", style="dim")
                problem.append(f"\nAcknowledged: {finding.acknowledged}")
            table.add_row(word, Text(finding.rule), Text(finding.where), problem)
        console.print(table)
    return f"{file.getvalue()}{report.summary}\n"


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
