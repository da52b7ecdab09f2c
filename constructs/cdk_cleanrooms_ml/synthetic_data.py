"""Requirements on synthetic data before members may train with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ._validation import reject_no_number
from ._values import OneOf, expect


class SyntheticDataColumnType(OneOf):
    """What kind of values a column has."""

    CATEGORICAL: ClassVar[SyntheticDataColumnType]
    NUMERICAL: ClassVar[SyntheticDataColumnType]


SyntheticDataColumnType.CATEGORICAL = SyntheticDataColumnType("CATEGORICAL")
SyntheticDataColumnType.NUMERICAL = SyntheticDataColumnType("NUMERICAL")


@dataclass(frozen=True)
class SyntheticDataColumn:
    """A column of the query's result. Create one with ``categorical`` or ``numerical``.

    Attributes:
        column_name: Its name: lower-case letters, digits, underscores and single hyphens within.
        column_type: What kind of values it has.
        is_predictive_value: Whether it is what models shall predict.
    """

    column_name: str
    column_type: SyntheticDataColumnType
    is_predictive_value: bool = False

    def __post_init__(self) -> None:
        kind = "SyntheticDataColumnType"
        expect("SyntheticDataColumn: column_type", self.column_type, SyntheticDataColumnType, kind)

    @classmethod
    def categorical(cls, column_name: str, *, is_predictive_value: bool = False) -> SyntheticDataColumn:
        """A column whose values are one of a few.

        Args:
            column_name: Its name.
            is_predictive_value: Whether it is what models shall predict; it then has at most 100 values.
        """
        return cls(column_name, SyntheticDataColumnType.CATEGORICAL, is_predictive_value)

    @classmethod
    def numerical(cls, column_name: str, *, is_predictive_value: bool = False) -> SyntheticDataColumn:
        """A column whose values are numbers.

        Args:
            column_name: Its name.
            is_predictive_value: Whether it is what models shall predict.
        """
        return cls(column_name, SyntheticDataColumnType.NUMERICAL, is_predictive_value)

    def _render(self) -> dict[str, Any]:
        return {
            "columnName": self.column_name,
            "columnType": self.column_type.value,
            "isPredictiveValue": self.is_predictive_value,
        }


@dataclass(frozen=True, kw_only=True)
class SyntheticData:
    """Requirements on synthetic data before members may train with it.

    A channel whose data does not meet them fails.

    Attributes:
        epsilon: How much noise protects the original records, 0.0001 to 10; less is more protection.
        maximum_membership_inference_attack_score: How well an attacker may identify who was in the original data, 0.5
            (no better than by tossing a coin) to 1.
        columns: Every column of the result, 5 to 1,000, exactly one of them the predictive one.
    """

    epsilon: float
    maximum_membership_inference_attack_score: float
    columns: Sequence[SyntheticDataColumn]

    def __post_init__(self) -> None:
        reject_no_number("SyntheticData: epsilon", self.epsilon)
        score = self.maximum_membership_inference_attack_score
        reject_no_number("SyntheticData: maximum_membership_inference_attack_score", score)
        for column in self.columns:
            expect("SyntheticData: columns", column, SyntheticDataColumn, "SyntheticDataColumn")

    def _render(self) -> dict[str, Any]:
        return {
            "mlSyntheticDataParameters": {
                "epsilon": self.epsilon,
                "maxMembershipInferenceAttackScore": self.maximum_membership_inference_attack_score,
                "columnClassification": {"columnMapping": [column._render() for column in self.columns]},
            }
        }
