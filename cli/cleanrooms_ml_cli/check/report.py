"""The result of a check, which every format writes in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cleanrooms_ml_policy import Finding, Severity
from cleanrooms_ml_policy.files import Checked


@dataclass(frozen=True)
class Report:
    """The result of a check.

    Attributes:
        checked: The templates.
        settings: The files that settings came from.
    """

    checked: tuple[Checked, ...]
    settings: tuple[Path, ...] = ()

    def findings(self) -> Iterator[tuple[Path, Finding]]:
        """Every finding with its template."""
        for one in self.checked:
            for finding in one.findings:
                yield one.path, finding

    @property
    def violation_count(self) -> int:
        """How many findings have to be dealt with."""
        return sum(finding.is_violation for _, finding in self.findings())

    @property
    def warning_count(self) -> int:
        """How many findings are advice."""
        return sum(finding.severity is Severity.WARNING for _, finding in self.findings())

    @property
    def acknowledged_count(self) -> int:
        """How many findings the app accepts."""
        return sum(finding.acknowledged is not None for _, finding in self.findings())

    @property
    def resource_count(self) -> int:
        """How many resources were looked at."""
        return sum(len(one.resources) for one in self.checked)

    @property
    def summary(self) -> str:
        """The result in one line."""
        templates = counted(len({one.path for one in self.checked}), "template")
        if not self.resource_count and not any(self.findings()):
            return f"nothing to check: no Clean Rooms ML resources in {templates}"
        violations = counted(self.violation_count, "violation") if self.violation_count else "no violations"
        warnings = f" and {counted(self.warning_count, 'warning')}" if self.warning_count else ""
        accepted = f" ({self.acknowledged_count} acknowledged)" if self.acknowledged_count else ""
        return f"{violations}{accepted}{warnings} in {counted(self.resource_count, 'resource')} of {templates}"


def counted(number: int, noun: str) -> str:
    """`1 template`, `2 templates`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def shown(path: Path) -> str:
    """A path as a reader expects it: from the current folder, if it lies below."""
    absolute = path.resolve()
    here = Path.cwd()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else absolute.as_posix()
