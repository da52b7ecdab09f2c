"""The SQL of a run: where it is in a record, and a rough reading of why it cannot succeed.

A run fails by itself for:

- a query that is no SELECT or WITH statement, or whose brackets or quotes do not match,
- a query of a table that is missing: `no_such_table`, or one that was seeded as missing,
- a query that can find nothing: `LIMIT 0`, `WHERE 1 = 0`, `WHERE FALSE`.

The same holds for the text of an analysis template that CloudFormation created.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_handlers.rules.spark import documented

from ..errors import validation_error
from ..state.lifecycle import Record
from ..state.world import World
from .failures import Failure, failed

QUERY_SYNTAX_ERROR = "QUERY_SYNTAX_ERROR"
TABLE_NOT_FOUND = "TABLE_NOT_FOUND"
EMPTY_RESULT = "EMPTY_RESULT"

_TEXT_OR_COMMENT = re.compile(r"'[^']*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_TABLE = re.compile(r"\b(?:from|join)\s+([\w.`\"$]+)", re.IGNORECASE)
_NOTHING = re.compile(r"\blimit\s+0\b|\bwhere\s+(?:1\s*=\s*0|0\s*=\s*1|false)\b", re.IGNORECASE)


def sql_parameters(record: Record) -> Mapping[str, Any]:
    """The query of a channel, of a seed or of itself, or the template of a job; empty if there is none."""
    data = record.data
    if "jobParameters" in data:
        template: Mapping[str, Any] = data["jobParameters"]
        return template
    if "inputChannel" in data:
        source = data["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    else:
        source = data.get("seedAudience", data)
    parameters: Mapping[str, Any] = source.get("sqlParameters", {})
    return parameters


def template_of(world: World, record: Record) -> Record | None:
    """The analysis template that a channel or a seed uses, if the emulator knows it."""
    found = world.records.get(sql_parameters(record).get("analysisTemplateArn", ""))
    return found if found is not None and found.kind == "AnalysisTemplate" else None


def require_listed_spark_keys(world: World, record: Record) -> None:
    """Refuses Spark properties that are not documented, if the options say so.

    Raises:
        ApiError: ValidationException.
    """
    if world.options.unlisted_spark_keys == "accepted":
        return
    unlisted = sorted(set(_spark_properties(record.data)) - documented().keys())
    if unlisted:
        raise validation_error(f"spark has {', '.join(unlisted)}, which Clean Rooms does not support")


def _spark_properties(data: Any) -> Mapping[str, str]:
    """The Spark properties of a channel or of a seed, wherever its compute configuration is."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            found = value if name == "spark" else _spark_properties(value)
            if found:
                return found
    return {}


def require_template(world: World, record: Record, collaboration: str | None) -> None:
    """Refuses an analysis template of another collaboration, and one that CloudFormation does not have (any more).

    What a membership has that was seeded, nobody can say: a template of it is taken as it is.

    Raises:
        ApiError: ValidationException.
    """
    arn = sql_parameters(record).get("analysisTemplateArn")
    if not arn:
        return
    template = template_of(world, record)
    if template is not None:
        if collaboration and template.data["collaborationIdentifier"] != collaboration:
            raise validation_error(f"the analysis template {arn} is of another collaboration")
        return
    membership = arn.split(":", 5)[-1].split("/")[1:2]
    if any(not it.seeded and it.data["membershipIdentifier"] in membership for it in world.of_kind("Membership")):
        raise validation_error(f"the analysis template {arn} does not exist")


def synthetic_parameters(template: Record | None) -> Mapping[str, Any] | None:
    """The parameters of the synthetic data that a template produces; None if it produces none."""
    if template is None:
        return None
    found: Mapping[str, Any] | None = template.data.get("syntheticDataParameters", {}).get("mlSyntheticDataParameters")
    return found


def is_synthetic(record: Record) -> bool:
    """Whether a channel gets synthetic data."""
    return "syntheticDataConfiguration" in record.data


def query_failure(world: World, record: Record) -> Failure | None:
    """Why the query of a channel or of a seed cannot succeed; None if it can."""
    template = template_of(world, record)
    source = template.data.get("source", {}) if template is not None else {}
    query = sql_parameters(record).get("queryString") or source.get("text")
    return _sql_failure(query, world.missing_tables) if query else None


def _sql_failure(query: str, missing_tables: set[str]) -> Failure | None:
    code = _TEXT_OR_COMMENT.sub(lambda match: "TEXT" if match[0].startswith("'") else " ", query)
    words = code.replace("(", " ").split(None, 1)
    if not words or words[0].lower() not in {"select", "with"}:
        return failed(QUERY_SYNTAX_ERROR, "The protected query failed: a query starts with SELECT or WITH")
    if code.count("(") != code.count(")") or "'" in code:
        return failed(QUERY_SYNTAX_ERROR, "The protected query failed: brackets or quotes do not match")
    for name in _TABLE.findall(code):
        table = name.replace("`", "").replace('"', "").lower()
        if is_missing(table, missing_tables):
            return failed(TABLE_NOT_FOUND, f"The protected query failed: table {table} does not exist")
    if _NOTHING.search(code):
        return failed(EMPTY_RESULT, "The protected query produced zero rows")
    return None


def is_missing(table: str, missing_tables: set[str]) -> bool:
    """Whether a table, with or without its database, is one of those missing."""
    return table in missing_tables or table.rsplit(".", 1)[-1] in missing_tables
