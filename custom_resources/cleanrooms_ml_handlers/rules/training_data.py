"""Rules for the training data of lookalike models."""

from __future__ import annotations

from collections.abc import Iterator

from ..problem import ID_PREFIX, shown
from .rule import Finding, Occurrence, Rule, Source, items, known_members

FEATURES_PER_DATASET = 10
_NEEDED_COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP")
_FEATURES = ("CATEGORICAL_FEATURE", "NUMERICAL_FEATURE")


def _column_types(at: Occurrence) -> list[str] | None:
    columns = items(at, "schema")
    types = known_members(at, columns, "columnTypes") if columns else None
    if types is None or not all(isinstance(each, list | tuple) for each in types):
        return None
    flat = [each for several in types for each in several]
    return None if any(not isinstance(each, str) or at.skip(each) for each in flat) else flat


def _missing_columns(at: Occurrence) -> Iterator[Finding]:
    types = _column_types(at)
    missing = [each for each in _NEEDED_COLUMNS if types is not None and each not in types]
    if missing:
        yield (at.path, "schema"), f"has no column of type {', '.join(missing)}; each of these is needed. Add it"


def _many_features(at: Occurrence) -> Iterator[Finding]:
    count = sum(1 for each in _column_types(at) or () if each in _FEATURES)
    if count > FEATURES_PER_DATASET:
        yield (
            (at.path, "schema"),
            f"has {count} feature columns; the quotas end at {FEATURES_PER_DATASET}. Drop some",
        )


def _empty_period(at: Occurrence) -> Iterator[Finding]:
    start, end = at.known("trainingDataStartTime"), at.known("trainingDataEndTime")
    # Of the same form, as the constructs write them, texts have the order of the times.
    comparable = isinstance(start, str) and isinstance(end, str) and len(start) == len(end)
    if comparable and start.endswith("Z") and end.endswith("Z") and start >= end:
        yield (
            (at.path, "trainingDataEndTime"),
            f"is {shown(end)}, which is not after trainingDataStartTime, {shown(start)}. Choose a later end",
        )


HARD_RULES = (
    Rule(
        id=f"{ID_PREFIX}training-columns",
        shapes=("DatasetInputConfig",),
        field="schema",
        limit=f"a column each of type {', '.join(_NEEDED_COLUMNS)}",
        reason="A lookalike model learns from who did what and when.",
        fix="Add the missing columns.",
        source=Source.guide("create-ml-model-training-data", "Training data for a lookalike model"),
        check=_missing_columns,
    ),
    Rule(
        id=f"{ID_PREFIX}training-period",
        shapes=("CreateAudienceModelRequest",),
        field="trainingDataEndTime",
        limit="after trainingDataStartTime",
        reason="A period that ends before it starts has no data.",
        fix="Choose a later end.",
        source=Source.api("CreateAudienceModel", inferred=True),
        check=_empty_period,
    ),
)

SOFT_RULES = (
    Rule(
        id=f"{ID_PREFIX}feature-count",
        shapes=("DatasetInputConfig",),
        field="schema",
        limit=f"usually at most {FEATURES_PER_DATASET} feature columns",
        reason="The quota ends there.",
        fix="Drop features, or ask AWS.",
        source=Source.guide("clean-rooms-ml-quotas", "Quotas for Clean Rooms ML"),
        check=_many_features,
    ),
)
