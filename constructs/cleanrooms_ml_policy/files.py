"""Checking templates on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .assembly import Missing, Template, load_json, with_nested
from .catalogue import UNREADABLE, fix_of
from .check import check_template, is_checked
from .finding import Finding, Severity
from .policy import NO_POLICY, Policy
from .template import resources


@dataclass(frozen=True)
class Checked:
    """A template that was checked.

    Attributes:
        path: Where it lies.
        findings: What is wrong.
        resources: The logical ids that were looked at.
    """

    path: Path
    findings: tuple[Finding, ...]
    resources: tuple[str, ...] = field(default=())


def check_file(
    path: Path,
    policy: Policy = NO_POLICY,
    *,
    advice: bool = False,
    load: Callable[[Path], Template] = load_json,
) -> list[Checked]:
    """Checks a template and those of the stacks nested in it.

    Args:
        path: The template.
        policy: What the organisation asks. Default: nothing.
        advice: Whether to give advice as well.
        load: Reads a template. Default: as JSON.

    Raises:
        UnreadableTemplate: It cannot be read. A nested one that cannot be read is a finding.
    """
    checked: list[Checked] = []
    for one in with_nested(path, load):
        if isinstance(one, Missing):
            if one.is_asset or advice:
                checked.append(Checked(one.path, (_missing(one),)))
            continue
        looked_at = tuple(found.logical_id for found in resources(one.template).values() if is_checked(found.type))
        findings = check_template(one.template, policy, advice=advice)
        checked.append(Checked(one.path, tuple(findings), looked_at))
    return checked


def _missing(missing: Missing) -> Finding:
    return Finding(
        rule=UNREADABLE,
        severity=Severity.FATAL if missing.is_asset else Severity.WARNING,
        problem=f"the template of the nested stack, {missing.name}, cannot be read, so that it is not checked",
        fix=fix_of(UNREADABLE) if missing.is_asset else "Check it by itself",
        logical_id=missing.logical_id,
    )
