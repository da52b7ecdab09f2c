"""Rules for analysis rules of tables, which the API creates with requests of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ..problem import ID_PREFIX, Path, Problem, nothing_is_unknown, rendered, shown
from .rule import CrossRequestRule, Source

_OURS = Source("this library")
COLUMNS = CrossRequestRule(
    f"{ID_PREFIX}rule-columns",
    "columns of an analysis rule",
    "usually among the allowed columns of the table",
    "A query can use no other column of the table.",
    "Allow the column, or leave it out of the rule.",
    _OURS,
    is_advice=True,
)
OUTSIDE_OF_S3 = CrossRequestRule(
    f"{ID_PREFIX}rule-type",
    "analysis rule of a table of Athena or Snowflake",
    "a custom rule",
    "AWS supports no other rule for data outside of S3.",
    "Pass AnalysisRule.custom(...).",
    Source.guide("add-analysis-rule", "Adding an analysis rule to a configured table"),
)
ASSOCIATION = CrossRequestRule(
    f"{ID_PREFIX}association-rule-type",
    "analysis rule of an association",
    "usually of the type of the table's rule",
    "The rule of an association adds to that of the table. AWS documents no such limit.",
    "Leave out type=, or pass that of the table's rule.",
    _OURS,
    is_advice=True,
)
RULES = (COLUMNS, OUTSIDE_OF_S3, ASSOCIATION)

_CUSTOM = "CUSTOM"
# The members of a policy that are columns of the table; `outputColumnName` is one of the result.
_COLUMNS = frozenset(
    {
        "allowedColumnComparisonColumns",
        "allowedLiteralComparisonColumns",
        "columnName",
        "columnNames",
        "dimensionColumns",
        "disallowedOutputColumns",
        "identityColumns",
        "joinColumns",
        "listColumns",
    }
)


def analysis_rule_problems(
    rule: Mapping[str, object],
    columns: Sequence[object],
    source: str,
    skip: Callable[[object], bool] = nothing_is_unknown,
) -> list[Problem]:
    """What does not fit between an analysis rule and its table.

    Args:
        rule: The request that creates the rule.
        columns: The columns that the table allows.
        source: The member of the table's reference: glue, athena or snowflake.
        skip: Returns whether a value is not known yet.
    """
    problems = []
    kind = rule["analysisRuleType"]
    if source != "glue" and kind != _CUSTOM and not skip(kind):
        message = f"is {shown(kind)}; allowed is {_CUSTOM} for a table of {source.capitalize()}"
        problems.append(Problem("analysisRuleType", message, OUTSIDE_OF_S3.id))
    if skip(columns) or any(map(skip, columns)):
        return problems
    for path, column in _columns(rule["analysisRulePolicy"], (None, "analysisRulePolicy"), skip):
        if column not in columns:
            message = f"is {shown(column)}, which is not among the columns that the table allows"
            problems.append(Problem(rendered(path), message, COLUMNS.id))
    return problems


def association_rule_problems(own: object, of_table: object) -> list[Problem]:
    """Whether the rule of an association is of another type than that of its table.

    Args:
        own: The type of the association's rule.
        of_table: The type of the table's rule.
    """
    if own == of_table:
        return []
    message = f"is {shown(own)}; the rule of the table is {shown(of_table)}"
    return [Problem("analysisRuleType", message, ASSOCIATION.id)]


def _columns(
    value: object, path: Path, skip: Callable[[object], bool], *, is_column: bool = False
) -> Iterator[tuple[Path, str]]:
    if skip(value):
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _columns(item, (path, name), skip, is_column=name in _COLUMNS)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _columns(item, (path, index), skip, is_column=is_column)
    elif is_column and isinstance(value, str):
        yield path, value
