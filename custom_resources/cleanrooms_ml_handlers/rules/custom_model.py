"""Rules for custom models: algorithms, their containers and logs, and the training on channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..problem import ID_PREFIX, shown
from .rule import Finding, Occurrence, Rule, Source, items, repeated

# StoppingCondition, Smithy model: the default of maxRuntimeInSeconds, which botocore leaves out.
DEFAULT_MAX_RUNTIME_SECONDS = 86_400
# dataChannels and incrementalTrainingDataChannels together.
CHANNELS_PER_TRAINING = 20
# Quotas: 3 of each of these; of any other type none until AWS grants some.
INSTANCE_TYPES_WITH_QUOTA = ("ml.m5.2xlarge", "ml.m5.4xlarge", "ml.m5.12xlarge")


def _no_container(at: Occurrence) -> Iterator[Finding]:
    if not at.may_have("trainingContainerConfig") and not at.may_have("inferenceContainerConfig"):
        yield (
            at.path,
            "has neither trainingContainerConfig nor inferenceContainerConfig; at least one of them is needed. Give "
            "the image that trains, or the one that applies models",
        )


def _half_a_redaction(at: Occurrence) -> Iterator[Finding]:
    entities = at.known("entitiesToRedact")
    if not isinstance(entities, list | tuple) or any(at.skip(each) for each in entities):
        return
    if "CUSTOM" in entities and not at.may_have("customEntityConfig"):
        yield at.path, "has CUSTOM among entitiesToRedact, but no customEntityConfig. Say what to redact"
    if "CUSTOM" not in entities and at.has("customEntityConfig"):
        yield at.path, "has customEntityConfig, but not CUSTOM among entitiesToRedact. Add CUSTOM"


def _channels(at: Occurrence) -> list[dict[str, Any]] | None:
    data, earlier = items(at, "dataChannels"), items(at, "incrementalTrainingDataChannels")
    return None if data is None or earlier is None else [*data, *earlier]


def _many_channels(at: Occurrence) -> Iterator[Finding]:
    count = len(_channels(at) or ())
    if count > CHANNELS_PER_TRAINING:
        yield (
            at.path,
            f"has {count} channels in dataChannels and incrementalTrainingDataChannels together; allowed are "
            f"{CHANNELS_PER_TRAINING}. Join data in one query",
        )


def _repeated_channel_names(at: Occurrence) -> Iterator[Finding]:
    names = [item.get("channelName") for item in _channels(at) or ()]
    for name in repeated([name for name in names if isinstance(name, str) and not at.skip(name)]):
        yield at.path, f"has the channelName {shown(name)} more than once; each channel needs its own. Rename one"


def _instance_without_quota(at: Occurrence) -> Iterator[Finding]:
    kind = at.known("instanceType")
    if isinstance(kind, str) and kind not in INSTANCE_TYPES_WITH_QUOTA:
        yield (
            (at.path, "instanceType"),
            f"is {kind}, of which an account may have none unless AWS raised its quota; by default there are "
            f"{', '.join(INSTANCE_TYPES_WITH_QUOTA)}. Ask for a higher quota before you deploy",
        )


HARD_RULES = (
    Rule(
        id=f"{ID_PREFIX}one-container",
        shapes=("CreateConfiguredModelAlgorithmRequest",),
        field="",
        limit="at least one of trainingContainerConfig and inferenceContainerConfig",
        reason="An algorithm without an image can do nothing.",
        fix="Give an image.",
        source=Source.api("CreateConfiguredModelAlgorithm", inferred=True),
        check=_no_container,
    ),
    Rule(
        id=f"{ID_PREFIX}custom-redaction",
        shapes=("LogRedactionConfiguration",),
        field="",
        limit="customEntityConfig with CUSTOM among entitiesToRedact, and only then",
        reason="One says that, the other says what.",
        fix="Give both or neither.",
        source=Source.api("LogRedactionConfiguration", inferred=True),
        check=_half_a_redaction,
    ),
    Rule(
        id=f"{ID_PREFIX}training-channels",
        shapes=("CreateTrainedModelRequest",),
        field="",
        limit=f"at most {CHANNELS_PER_TRAINING} channels, dataChannels and incrementalTrainingDataChannels together",
        reason="The service counts both.",
        fix="Join data in one query.",
        source=Source.guide("use-incremental-training", "Incremental training"),
        check=_many_channels,
    ),
    Rule(
        id=f"{ID_PREFIX}channel-names",
        shapes=("CreateTrainedModelRequest",),
        field="",
        limit="each channelName once",
        reason="The container finds a channel by its name.",
        fix="Rename one.",
        source=Source.api("ModelTrainingDataChannel", inferred=True),
        check=_repeated_channel_names,
    ),
)

SOFT_RULES = (
    Rule(
        id=f"{ID_PREFIX}training-quota",
        shapes=("ResourceConfig",),
        field="instanceType",
        limit=f"usually {', '.join(INSTANCE_TYPES_WITH_QUOTA)}",
        reason="The default quota of every other type is 0; the training then fails at once.",
        fix="Ask AWS for a higher quota.",
        source=Source.guide("clean-rooms-ml-quotas", "Quotas for Clean Rooms ML"),
        check=_instance_without_quota,
    ),
)
