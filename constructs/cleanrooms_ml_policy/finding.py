"""The findings of a check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .visible import visible

PROPERTIES = "Properties"


class Severity(StrEnum):
    """How bad a finding is.

    FATAL: nothing was checked, because the check itself failed; it cannot be acknowledged.
    ERROR: AWS or the organization's policy refuses it.
    WARNING: advice.
    """

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """A problem of a resource. Problem and fix are text without control characters, whatever a template holds.

    Attributes:
        rule: The stable id of the rule.
        severity: How bad it is.
        problem: What is wrong, with the value, and what is allowed.
        fix: What to do.
        logical_id: The resource; empty for a whole template.
        construct_path: Its path in the CDK app; empty if the template does not have it.
        property_path: The path in the resource, such as ``Properties.retentionInDays``; empty for the whole resource.
        acknowledged: The reason why the app accepts it; None if it does not.
    """

    rule: str
    severity: Severity
    problem: str
    fix: str = ""
    logical_id: str = ""
    construct_path: str = ""
    property_path: str = ""
    acknowledged: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "problem", visible(self.problem))
        object.__setattr__(self, "fix", visible(self.fix))

    @property
    def where(self) -> str:
        """The resource: its CDK path, or its logical id."""
        return self.construct_path.removesuffix("/Resource") or self.logical_id

    @property
    def message(self) -> str:
        """Resource, problem and fix in one line."""
        text = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{text}. {self.fix}" if self.fix else text

    @property
    def is_violation(self) -> bool:
        """Whether it makes the check fail: neither advice nor acknowledged."""
        return self.severity is not Severity.WARNING and self.acknowledged is None
