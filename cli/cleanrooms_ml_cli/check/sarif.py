"""A report as SARIF 2.1.0, which code scanning tools read."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cleanrooms_ml_policy import Finding, Severity
from cleanrooms_ml_policy.catalog import Entry, entries
from cleanrooms_ml_policy.reading import UnreadableTemplate, read_text

from .report import Report, relative

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.FATAL: "error", Severity.ERROR: "error", Severity.WARNING: "warning"}


def as_sarif(report: Report) -> str:
    """The report as a SARIF log with one run."""
    rules = list(entries())
    run = {
        "tool": {"driver": _driver(rules)},
        "columnKind": "utf16CodeUnits",
        "results": [_result(path, finding, rules) for path, finding in report.findings()],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _driver(rules: list[str]) -> dict[str, Any]:
    driver = {
        "name": "cleanrooms-ml",
        "rules": [_rule(entries()[rule]) for rule in rules],
    }
    with suppress(importlib.metadata.PackageNotFoundError):
        driver["version"] = importlib.metadata.version("cdk-cleanrooms-ml")
    return driver


def _rule(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "shortDescription": {"text": entry.limit},
        "fullDescription": {"text": entry.reason},
        "help": {"text": entry.fix},
        "defaultConfiguration": {"level": _LEVELS[entry.severity]},
    }


def _result(path: Path, finding: Finding, rules: list[str]) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    line = _line(path, finding.logical_id)
    if line:
        physical["region"] = {"startLine": line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.logical_id:
        name = f"{finding.logical_id}.{finding.property_path}" if finding.property_path else finding.logical_id
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    # It identifies the finding in the next run, when lines or values may have changed.
    identity = "\n".join((finding.rule, path.name, finding.logical_id, finding.property_path))
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
        "partialFingerprints": {"finding/v1": sha256(identity.encode(errors="replace")).hexdigest()},
    }
    if finding.rule in rules:
        result["ruleIndex"] = rules.index(finding.rule)
    if finding.acknowledged is not None:
        result["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": finding.acknowledged}]
    return result


def _uri(path: Path) -> str:
    path = relative(path)
    # A file name is bytes, which need not be UTF-8.
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))


def _line(path: Path, logical_id: str) -> int | None:
    """The line of a template where a resource begins; None if it is not known."""
    return _lines(path).get(logical_id) if logical_id else None


@cache
def _lines(path: Path) -> dict[str, int]:
    """The first line of each key below Resources."""
    try:
        text = read_text(path)
    except UnreadableTemplate:
        return {}
    found: dict[str, int] = {}
    inside = False
    for number, line in enumerate(re.split(r"\r\n?|\n", text), start=1):
        key = re.match(r"""\s*["']?([\w:]+)["']?\s*:""", line)
        if key and inside:
            found.setdefault(key[1], number)
        inside = inside or bool(key and key[1] == "Resources")
    return found
