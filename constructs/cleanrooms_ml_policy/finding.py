"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PROPERTIES = "Properties"


class Severity(StrEnum):
    """How bad a finding is.

    FATAL: nothing is known, since the check itself failed; it cannot be acknowledged.
    ERROR: AWS would refuse it, or the organisation does.
    WARNING: advice.
    """

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with one resource.

    Attributes:
        rule: The stable id of the rule.
        severity: How bad it is.
        problem: What is wrong, with the value, and what is allowed.
        fix: What to do.
        logical_id: The resource; empty for a whole template.
        construct_path: Its path in the CDK app; empty where the template does not say.
        property_path: Where in the resource, such as ``Properties.retentionInDays``; empty for all of it.
        acknowledged: The reason for which the app accepts it; None if it does not.
    """

    rule: str
    severity: Severity
    problem: str
    fix: str = ""
    logical_id: str = ""
    construct_path: str = ""
    property_path: str = ""
    acknowledged: str | None = None

    @property
    def where(self) -> str:
        """The resource as a reader knows it: CDK path, else logical id."""
        return self.construct_path.removesuffix("/Resource") or self.logical_id

    @property
    def message(self) -> str:
        """All of it in one line."""
        text = f"{self.where}: {self.problem}" if self.where else self.problem
        return f"{text}. {self.fix}" if self.fix else text

    @property
    def is_violation(self) -> bool:
        """Whether it has to be dealt with; advice and what the app accepts has not."""
        return self.severity is not Severity.WARNING and self.acknowledged is None
