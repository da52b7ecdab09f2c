"""What analysis rules of tables allow and require, in typed form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ._validation import without_none
from ._values import OneOf, each_of, expect


class AdditionalAnalyses(OneOf):
    """Whether analyses may run on the results of a query, such as custom models of Clean Rooms ML."""

    ALLOWED: ClassVar[AdditionalAnalyses]
    REQUIRED: ClassVar[AdditionalAnalyses]
    NOT_ALLOWED: ClassVar[AdditionalAnalyses]


class JoinOperator(OneOf):
    """How the conditions of a join may be combined."""

    AND: ClassVar[JoinOperator]
    OR: ClassVar[JoinOperator]


class AggregateFunction(OneOf):
    """A function that computes one value of many rows."""

    SUM: ClassVar[AggregateFunction]
    SUM_DISTINCT: ClassVar[AggregateFunction]
    COUNT: ClassVar[AggregateFunction]
    COUNT_DISTINCT: ClassVar[AggregateFunction]
    AVG: ClassVar[AggregateFunction]


class ScalarFunction(OneOf):
    """A function of dimension columns and of the results of aggregate functions."""

    ABS: ClassVar[ScalarFunction]
    CAST: ClassVar[ScalarFunction]
    CEILING: ClassVar[ScalarFunction]
    COALESCE: ClassVar[ScalarFunction]
    CONVERT: ClassVar[ScalarFunction]
    CURRENT_DATE: ClassVar[ScalarFunction]
    DATEADD: ClassVar[ScalarFunction]
    EXTRACT: ClassVar[ScalarFunction]
    FLOOR: ClassVar[ScalarFunction]
    GETDATE: ClassVar[ScalarFunction]
    LN: ClassVar[ScalarFunction]
    LOG: ClassVar[ScalarFunction]
    LOWER: ClassVar[ScalarFunction]
    ROUND: ClassVar[ScalarFunction]
    RTRIM: ClassVar[ScalarFunction]
    SQRT: ClassVar[ScalarFunction]
    SUBSTRING: ClassVar[ScalarFunction]
    TO_CHAR: ClassVar[ScalarFunction]
    TO_DATE: ClassVar[ScalarFunction]
    TO_NUMBER: ClassVar[ScalarFunction]
    TO_TIMESTAMP: ClassVar[ScalarFunction]
    TRIM: ClassVar[ScalarFunction]
    TRUNC: ClassVar[ScalarFunction]
    UPPER: ClassVar[ScalarFunction]


class AggregateExpressionType(OneOf):
    """What may be in an aggregate function of a query."""

    COLUMNS_ONLY: ClassVar[AggregateExpressionType]
    ANY_EXPRESSION: ClassVar[AggregateExpressionType]


for _kind in (AdditionalAnalyses, JoinOperator, AggregateFunction, ScalarFunction, AggregateExpressionType):
    for _name in _kind.__annotations__:
        setattr(_kind, _name, _kind(_name))


@dataclass(frozen=True, kw_only=True)
class AggregateColumn:
    """Columns that queries may aggregate with one function.

    Attributes:
        columns: The columns' names.
        function: The function.
    """

    columns: Sequence[str]
    function: AggregateFunction

    def _render(self) -> dict[str, Any]:
        expect("function", self.function, AggregateFunction, "AggregateFunction")
        return {"columnNames": each_of("columns", self.columns, object), "function": self.function.value}


@dataclass(frozen=True, kw_only=True)
class AggregationConstraint:
    """How many distinct values of a column each row of a result must aggregate. Other rows are left out.

    Attributes:
        column: The column, usually one that identifies people.
        minimum: The least number of distinct values, 2 to 100,000.
    """

    column: str
    minimum: int

    def _render(self) -> dict[str, Any]:
        return {"columnName": self.column, "minimum": self.minimum, "type": "COUNT_DISTINCT"}


@dataclass(frozen=True, kw_only=True)
class AggregationThreshold:
    """How many distinct identities each row of the result of a custom query must aggregate.

    Attributes:
        identity_columns: The column that identifies people; the service takes one.
        minimum_identity_count: The least number of distinct identities, 2 to 100,000.
        allowed_aggregate_expression_type: What may be in an aggregate function.
        output_column_thresholds: Other numbers for single columns of the result, each 0 to 100,000, by the column's
            name. Default: none.
    """

    identity_columns: Sequence[str]
    minimum_identity_count: int
    allowed_aggregate_expression_type: AggregateExpressionType
    output_column_thresholds: Mapping[str, int] | None = None

    def _render(self) -> dict[str, Any]:
        kind = self.allowed_aggregate_expression_type
        expect("allowed_aggregate_expression_type", kind, AggregateExpressionType, "AggregateExpressionType")
        expect("output_column_thresholds", self.output_column_thresholds, Mapping, "a dict of numbers by column")
        others = self.output_column_thresholds
        rendered = {
            "identityColumns": each_of("identity_columns", self.identity_columns, object),
            "minimumIdentityCount": self.minimum_identity_count,
            "type": "COUNT_DISTINCT",
            "allowedAggregateExpressionType": kind.value,
            "outputColumnThresholds": [
                {"outputColumnName": column, "minimumIdentityCount": count} for column, count in others.items()
            ]
            if others
            else None,
        }
        members: dict[str, Any] = without_none(rendered)
        return members


@dataclass(frozen=True, kw_only=True)
class ComparisonControls:
    """Which columns the conditions of custom queries may compare.

    Attributes:
        allowed_literal_comparison_columns: Columns that may be compared with literals, ``age > 18``. Default: none.
        allowed_column_comparison_columns: Columns that may be compared with columns. Default: none.
    """

    allowed_literal_comparison_columns: Sequence[str] = ()
    allowed_column_comparison_columns: Sequence[str] = ()

    def _render(self) -> dict[str, Any]:
        literals, columns = self.allowed_literal_comparison_columns, self.allowed_column_comparison_columns
        return {
            "allowedLiteralComparisonColumns": each_of("allowed_literal_comparison_columns", literals, object),
            "allowedColumnComparisonColumns": each_of("allowed_column_comparison_columns", columns, object),
        }


def values_of(keyword: str, items: Sequence[OneOf] | None, kind: type[OneOf]) -> list[str] | None:
    """The values of a list of constants; None stays None.

    Raises:
        ValueError: One is no such constant.
    """
    return None if items is None else [each.value for each in each_of(keyword, items, kind)]
