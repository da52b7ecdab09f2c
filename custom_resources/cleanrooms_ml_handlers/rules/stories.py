"""Rules for what lookalike models and custom models are made from: training data, algorithms, synthetic data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..problem import ID_PREFIX, shown
from .rule import Finding, Place, Rule, Source

# Both lists of a training's channels together.
CHANNELS_PER_TRAINING = 20
FEATURES_PER_DATASET = 10
# Quotas: 3 of each of these; of any other type none until AWS grants some.
INSTANCE_TYPES_WITH_QUOTA = ("ml.m5.2xlarge", "ml.m5.4xlarge", "ml.m5.12xlarge")
_NEEDED_COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP")
_FEATURES = ("CATEGORICAL_FEATURE", "NUMERICAL_FEATURE")


def _items(place: Place, name: str) -> list[dict[str, Any]] | None:
    """The items of a list of structures; None if they are not all known."""
    items = place.known(name)
    if items is None:
        return []
    if not isinstance(items, list | tuple) or not all(isinstance(item, dict) for item in items):
        return None
    return list(items)


def _known(place: Place, items: list[dict[str, Any]], name: str) -> list[Any] | None:
    values = [item.get(name) for item in items]
    return None if any(value is None or place.skip(value) for value in values) else values


def _column_types(place: Place) -> list[str] | None:
    columns = _items(place, "schema")
    types = _known(place, columns, "columnTypes") if columns else None
    if types is None or not all(isinstance(each, list | tuple) for each in types):
        return None
    flat = [each for several in types for each in several]
    return None if any(not isinstance(each, str) or place.skip(each) for each in flat) else flat


def _missing_columns(place: Place) -> Iterator[Finding]:
    types = _column_types(place)
    missing = [each for each in _NEEDED_COLUMNS if types is not None and each not in types]
    if missing:
        yield (place.path, "schema"), f"has no column of type {', '.join(missing)}; each of these is needed. Add it"


def _many_features(place: Place) -> Iterator[Finding]:
    count = sum(1 for each in _column_types(place) or () if each in _FEATURES)
    if count > FEATURES_PER_DATASET:
        yield (
            (place.path, "schema"),
            f"has {count} feature columns; the quotas end at {FEATURES_PER_DATASET}. Drop some",
        )


def _empty_period(place: Place) -> Iterator[Finding]:
    start, end = place.known("trainingDataStartTime"), place.known("trainingDataEndTime")
    # Of the same form, as the constructs write them, texts have the order of the times.
    comparable = isinstance(start, str) and isinstance(end, str) and len(start) == len(end)
    if comparable and start.endswith("Z") and end.endswith("Z") and start >= end:
        yield (
            (place.path, "trainingDataEndTime"),
            f"is {shown(end)}, which is not after trainingDataStartTime, {shown(start)}. Choose a later end",
        )


def _no_container(place: Place) -> Iterator[Finding]:
    if not place.may_have("trainingContainerConfig") and not place.may_have("inferenceContainerConfig"):
        yield (
            place.path,
            "has neither trainingContainerConfig nor inferenceContainerConfig; at least one of them is needed. Give "
            "the image that trains, or the one that applies models",
        )


def _half_a_redaction(place: Place) -> Iterator[Finding]:
    entities = place.known("entitiesToRedact")
    if not isinstance(entities, list | tuple) or any(place.skip(each) for each in entities):
        return
    if "CUSTOM" in entities and not place.may_have("customEntityConfig"):
        yield place.path, "has CUSTOM among entitiesToRedact, but no customEntityConfig. Say what to redact"
    if "CUSTOM" not in entities and place.has("customEntityConfig"):
        yield place.path, "has customEntityConfig, but not CUSTOM among entitiesToRedact. Add CUSTOM"


def _channels(place: Place) -> list[dict[str, Any]] | None:
    data, earlier = _items(place, "dataChannels"), _items(place, "incrementalTrainingDataChannels")
    return None if data is None or earlier is None else [*data, *earlier]


def _many_channels(place: Place) -> Iterator[Finding]:
    count = len(_channels(place) or ())
    if count > CHANNELS_PER_TRAINING:
        yield (
            place.path,
            f"has {count} channels in dataChannels and incrementalTrainingDataChannels together; allowed are "
            f"{CHANNELS_PER_TRAINING}. Join data in one query",
        )


def _repeated_channel_names(place: Place) -> Iterator[Finding]:
    names = [item.get("channelName") for item in _channels(place) or ()]
    for name in _repeated([name for name in names if isinstance(name, str) and not place.skip(name)]):
        yield place.path, f"has the channelName {shown(name)} more than once; each channel needs its own. Rename one"


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _predictive_columns(place: Place) -> Iterator[Finding]:
    columns = _items(place, "columnMapping")
    flags = _known(place, columns, "isPredictiveValue") if columns else None
    if flags is not None and sum(flag is True for flag in flags) != 1:
        count = sum(flag is True for flag in flags)
        yield (
            (place.path, "columnMapping"),
            f"has {count} predictive columns; exactly one is allowed. Mark the column that models shall predict",
        )


def _repeated_columns(place: Place) -> Iterator[Finding]:
    names = [item.get("columnName") for item in _items(place, "columnMapping") or ()]
    repeated = _repeated([name for name in names if isinstance(name, str) and not place.skip(name)])
    if repeated:
        yield (place.path, "columnMapping"), f"has {', '.join(repeated)} more than once; each column once is allowed"


def _instance_without_quota(place: Place) -> Iterator[Finding]:
    kind = place.known("instanceType")
    if isinstance(kind, str) and kind not in INSTANCE_TYPES_WITH_QUOTA:
        yield (
            (place.path, "instanceType"),
            f"is {kind}, of which an account may have none unless AWS raised its quota; by default there are "
            f"{', '.join(INSTANCE_TYPES_WITH_QUOTA)}. Ask for a higher quota before you deploy",
        )


_TRAINING_DATA = Source.guide("create-ml-model-training-data", "Training data for a lookalike model")
_QUOTAS = Source.guide("clean-rooms-ml-quotas", "Quotas for Clean Rooms ML")
_INCREMENTAL = Source.guide("use-incremental-training", "Incremental training")
_SYNTHETIC = Source.guide("considerations-for-data-generation", "Considerations for synthetic data generation")

HARD_OF_STORIES = (
    Rule(
        id=f"{ID_PREFIX}training-columns",
        shapes=("DatasetInputConfig",),
        field="schema",
        limit=f"a column each of type {', '.join(_NEEDED_COLUMNS)}",
        reason="A lookalike model learns from who did what and when.",
        fix="Add the missing columns.",
        source=_TRAINING_DATA,
        judge=_missing_columns,
    ),
    Rule(
        id=f"{ID_PREFIX}training-period",
        shapes=("CreateAudienceModelRequest",),
        field="trainingDataEndTime",
        limit="after trainingDataStartTime",
        reason="A period that ends before it starts has no data.",
        fix="Choose a later end.",
        source=Source.api("CreateAudienceModel", inferred=True),
        judge=_empty_period,
    ),
    Rule(
        id=f"{ID_PREFIX}one-container",
        shapes=("CreateConfiguredModelAlgorithmRequest",),
        field="",
        limit="at least one of trainingContainerConfig and inferenceContainerConfig",
        reason="An algorithm without an image can do nothing.",
        fix="Give an image.",
        source=Source.api("CreateConfiguredModelAlgorithm", inferred=True),
        judge=_no_container,
    ),
    Rule(
        id=f"{ID_PREFIX}custom-redaction",
        shapes=("LogRedactionConfiguration",),
        field="",
        limit="customEntityConfig with CUSTOM among entitiesToRedact, and only then",
        reason="One says that, the other says what.",
        fix="Give both or neither.",
        source=Source.api("LogRedactionConfiguration", inferred=True),
        judge=_half_a_redaction,
    ),
    Rule(
        id=f"{ID_PREFIX}training-channels",
        shapes=("CreateTrainedModelRequest",),
        field="",
        limit=f"at most {CHANNELS_PER_TRAINING} channels, dataChannels and incrementalTrainingDataChannels together",
        reason="The service counts both.",
        fix="Join data in one query.",
        source=_INCREMENTAL,
        judge=_many_channels,
    ),
    Rule(
        id=f"{ID_PREFIX}channel-names",
        shapes=("CreateTrainedModelRequest",),
        field="",
        limit="each channelName once",
        reason="The container finds a channel by its name.",
        fix="Rename one.",
        source=Source.api("ModelTrainingDataChannel", inferred=True),
        judge=_repeated_channel_names,
    ),
    Rule(
        id=f"{ID_PREFIX}predictive-column",
        shapes=("ColumnClassificationDetails",),
        field="columnMapping",
        limit="exactly one predictive column",
        reason="Synthetic values of that column come from a model, those of the others from the data.",
        fix="Mark the column that models shall predict.",
        source=_SYNTHETIC,
        judge=_predictive_columns,
    ),
    Rule(
        id=f"{ID_PREFIX}column-names",
        shapes=("ColumnClassificationDetails",),
        field="columnMapping",
        limit="each column once",
        reason="A column has one classification.",
        fix="Drop the repeated one.",
        source=_SYNTHETIC,
        judge=_repeated_columns,
    ),
)

SOFT_OF_STORIES = (
    Rule(
        id=f"{ID_PREFIX}feature-count",
        shapes=("DatasetInputConfig",),
        field="schema",
        limit=f"usually at most {FEATURES_PER_DATASET} feature columns",
        reason="The quota ends there.",
        fix="Drop features, or ask AWS.",
        source=_QUOTAS,
        judge=_many_features,
    ),
    Rule(
        id=f"{ID_PREFIX}training-quota",
        shapes=("ResourceConfig",),
        field="instanceType",
        limit=f"usually {', '.join(INSTANCE_TYPES_WITH_QUOTA)}",
        reason="The default quota of every other type is 0; the training then fails at once.",
        fix="Ask AWS for a higher quota.",
        source=_QUOTAS,
        judge=_instance_without_quota,
    ),
)
