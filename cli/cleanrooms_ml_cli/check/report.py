"""The result of a check, which each format writes in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cleanrooms_ml_policy import Finding, Severity
from cleanrooms_ml_policy.files import Checked
from cleanrooms_ml_policy.visible import visible


@dataclass(frozen=True)
class Report:
    """The result of a check. No text of a finding has control characters: what a template holds cannot forge a report.

    Attributes:
        checked: The checked templates.
        settings: The settings files.
    """

    checked: tuple[Checked, ...]
    settings: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "checked", tuple(map(_visible, self.checked)))

    def findings(self) -> Iterator[tuple[Path, Finding]]:
        """Every finding with its template."""
        for one in self.checked:
            for finding in one.findings:
                yield one.path, finding

    @property
    def violation_count(self) -> int:
        """The number of findings that make the check fail."""
        return sum(finding.is_violation for _, finding in self.findings())

    @property
    def warning_count(self) -> int:
        """The number of findings that are advice."""
        return sum(finding.severity is Severity.WARNING for _, finding in self.findings())

    @property
    def acknowledged_count(self) -> int:
        """The number of findings that the app accepts."""
        return sum(finding.acknowledged is not None for _, finding in self.findings())

    @property
    def resource_count(self) -> int:
        """The number of checked resources."""
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


def relative(path: Path) -> Path:
    """A path relative to the current folder, if it is below it; else the absolute path."""
    absolute = path.resolve()
    here = Path.cwd()
    return absolute.relative_to(here) if absolute.is_relative_to(here) else absolute


def shown(path: Path) -> str:
    """A path for readers; like all text of a report it cannot forge one."""
    text = visible(relative(path).as_posix())
    # GitHub Actions obeys a line that begins with two colons.
    return f"./{text}" if text.lstrip().startswith("::") else text


def _visible(one: Checked) -> Checked:
    return replace(
        one,
        findings=tuple(map(_visible_finding, one.findings)),
        resources=tuple(map(visible, one.resources)),
    )


def _visible_finding(finding: Finding) -> Finding:
    reason = finding.acknowledged
    return replace(
        finding,
        logical_id=visible(finding.logical_id),
        construct_path=visible(finding.construct_path),
        property_path=visible(finding.property_path),
        acknowledged=None if reason is None else visible(reason),
    )
