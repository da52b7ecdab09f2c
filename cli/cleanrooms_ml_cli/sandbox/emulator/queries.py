"""The SQL of a run: where it is in a record, and a rough reading of why it cannot succeed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .lifecycle import Record
from .world import AnalysisTemplate, World

QUERY_SYNTAX_ERROR = "QUERY_SYNTAX_ERROR"
TABLE_NOT_FOUND = "TABLE_NOT_FOUND"
EMPTY_RESULT = "EMPTY_RESULT"

_TEXT_OR_COMMENT = re.compile(r"'[^']*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_TABLE = re.compile(r"\b(?:from|join)\s+([\w.`\"$]+)", re.IGNORECASE)
_NOTHING = re.compile(r"\blimit\s+0\b|\bwhere\s+(?:1\s*=\s*0|0\s*=\s*1|false)\b", re.IGNORECASE)


def sql_parameters(record: Record) -> Mapping[str, Any]:
    """The query of a channel or of a seed; empty if there is none."""
    if record.kind == "MLInputChannel":
        source = record.data["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    else:
        source = record.data["seedAudience"]
    parameters: Mapping[str, Any] = source.get("sqlParameters", {})
    return parameters


def template_of(world: World, record: Record) -> AnalysisTemplate | None:
    """The seeded analysis template that a channel or a seed uses."""
    return world.templates.get(sql_parameters(record).get("analysisTemplateArn", ""))


def is_synthetic(record: Record) -> bool:
    """Whether a channel gets synthetic data."""
    return "syntheticDataConfiguration" in record.data


def sql_failure(query: str, missing_tables: set[str]) -> dict[str, str] | None:
    """The statusDetails of a query that cannot succeed; None for one that can."""
    code = _TEXT_OR_COMMENT.sub(lambda match: "TEXT" if match[0].startswith("'") else " ", query)
    words = code.replace("(", " ").split(None, 1)
    if not words or words[0].lower() not in {"select", "with"}:
        return _details(QUERY_SYNTAX_ERROR, "The protected query failed: a query starts with SELECT or WITH")
    if code.count("(") != code.count(")") or "'" in code:
        return _details(QUERY_SYNTAX_ERROR, "The protected query failed: brackets or quotes do not match")
    for name in _TABLE.findall(code):
        table = name.replace("`", "").replace('"', "").lower()
        if table in missing_tables or table.rsplit(".", 1)[-1] in missing_tables:
            return _details(TABLE_NOT_FOUND, f"The protected query failed: table {table} does not exist")
    if _NOTHING.search(code):
        return _details(EMPTY_RESULT, "The protected query produced zero rows")
    return None


def _details(code: str, message: str) -> dict[str, str]:
    return {"statusCode": code, "message": message}
