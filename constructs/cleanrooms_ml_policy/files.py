"""Checks templates on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .assembly import Missing, with_nested
from .catalog import UNREADABLE, fix_of
from .check import check_template, is_checked
from .finding import Finding, Severity
from .policy import NO_POLICY, Policy
from .reading import Template, load_json
from .template import resources


@dataclass(frozen=True)
class Checked:
    """A checked template.

    Attributes:
        path: The file.
        findings: The findings.
        resources: The logical ids of the checked resources.
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
    """Checks a template and those of its nested stacks.

    Args:
        path: The template.
        policy: The organization's policy. Default: none.
        advice: Whether to report advice too.
        load: Reads a template. Default: from JSON.

    Raises:
        UnreadableTemplate: It cannot be read. A nested one that cannot be read is a finding.
    """
    checked: list[Checked] = []
    for one in with_nested(path, load):
        if isinstance(one, Missing):
            if one.is_asset or advice:
                checked.append(Checked(one.path, (_missing(one),)))
            continue
        ids = tuple(found.logical_id for found in resources(one.template).values() if is_checked(found.type))
        findings = check_template(one.template, policy, advice=advice)
        checked.append(Checked(one.path, tuple(findings), ids))
    return checked


def _missing(missing: Missing) -> Finding:
    return Finding(
        rule=UNREADABLE,
        severity=Severity.FATAL if missing.is_asset else Severity.WARNING,
        problem=f"the template of the nested stack, {missing.name}, is not checked: {missing.reason}",
        fix=fix_of(UNREADABLE) if missing.is_asset else "Check it separately",
        logical_id=missing.logical_id,
    )
