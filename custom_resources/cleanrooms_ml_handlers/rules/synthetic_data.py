"""Rules for synthetic data: the classification of its columns."""

from __future__ import annotations

from collections.abc import Iterator

from ..problem import ID_PREFIX
from .rule import Finding, Occurrence, Rule, Source, items, known_members, repeated


def _predictive_columns(at: Occurrence) -> Iterator[Finding]:
    columns = items(at, "columnMapping")
    flags = known_members(at, columns, "isPredictiveValue") if columns else None
    if flags is not None and sum(flag is True for flag in flags) != 1:
        count = sum(flag is True for flag in flags)
        yield (
            (at.path, "columnMapping"),
            f"has {count} predictive columns; exactly one is allowed. Mark the column that models predict",
        )


def _repeated_columns(at: Occurrence) -> Iterator[Finding]:
    names = [item.get("columnName") for item in items(at, "columnMapping") or ()]
    twice = repeated([name for name in names if isinstance(name, str) and not at.skip(name)])
    if twice:
        yield (at.path, "columnMapping"), f"has {', '.join(twice)} more than once; each column is allowed once"


_SYNTHETIC = Source.guide("considerations-for-data-generation", "Considerations for synthetic data generation")

HARD_RULES = (
    Rule(
        id=f"{ID_PREFIX}predictive-column",
        shapes=("ColumnClassificationDetails",),
        field="columnMapping",
        limit="exactly one predictive column",
        reason="Synthetic values of that column come from a model, those of the others from the data.",
        fix="Mark the column that models predict.",
        source=_SYNTHETIC,
        check=_predictive_columns,
    ),
    Rule(
        id=f"{ID_PREFIX}column-names",
        shapes=("ColumnClassificationDetails",),
        field="columnMapping",
        limit="each column once",
        reason="A column has one classification.",
        fix="Drop the repeated one.",
        source=_SYNTHETIC,
        check=_repeated_columns,
    ),
)
