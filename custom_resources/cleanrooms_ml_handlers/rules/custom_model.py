"""Rules for custom models: algorithms, their containers and logs, and the training on channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..problem import ID_PREFIX, shown
from .rule import Finding, Occurrence, Rule, Source, items, repeated

# StoppingCondition, Smithy model: the default of maxRuntimeInSeconds, which botocore leaves out.
DEFAULT_MAX_RUNTIME_SECONDS = 86_400
# The schema of AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation is older than the API, which allows more.
_CLOUDFORMATION_GIGABYTES = {
    "TrainedModelArtifactMaxSize": 10,
    "TrainedModelExportsMaxSize": 10,
    "TrainedModelInferenceMaxOutputSize": 50,
}
CLOUDFORMATION_SIZE = f"{ID_PREFIX}cloudformation-size"
# Of several instances; of one, any type can be.
DISTRIBUTED_INSTANCE_TYPES = (
    *("ml.m5.2xlarge", "ml.m5.4xlarge", "ml.m5.12xlarge"),
    *("ml.g5.12xlarge", "ml.g5.24xlarge"),
)
# dataChannels and incrementalTrainingDataChannels together.
CHANNELS_PER_TRAINING = 20
# Quotas: 3 of each of these; of any other type none until AWS grants some.
INSTANCE_TYPES_WITH_QUOTA = ("ml.m5.2xlarge", "ml.m5.4xlarge", "ml.m5.12xlarge")


_ASSOCIATION_SCHEMA = Source(
    "CloudFormation, AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-resource-cleanroomsml-configuredmodelalgorithmassociation.html",
)


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


def _digest(at: Occurrence) -> Iterator[Finding]:
    if "@" in at.value:
        yield at.path, f"is {shown(at.value)}; allowed is registry/repository[:tag], without a digest. Name a tag"


def _above_cloudformation(at: Occurrence) -> Iterator[Finding]:
    size, most = at.known("value"), _CLOUDFORMATION_GIGABYTES[at.shape]
    if isinstance(size, int | float) and not isinstance(size, bool) and size > most:
        yield (at.path, "value"), f"is {size:g}; CloudFormation allows up to {most} GB, though the API allows more"


def _undistributed_instance(at: Occurrence) -> Iterator[Finding]:
    kind, count = at.known("instanceType"), at.known("instanceCount")
    if isinstance(kind, str) and isinstance(count, int) and count > 1 and kind not in DISTRIBUTED_INSTANCE_TYPES:
        yield (
            (at.path, "instanceType"),
            f"is {kind} with an instanceCount of {count}; documented for distributed training are "
            f"{', '.join(DISTRIBUTED_INSTANCE_TYPES)}. Use one of these, or one instance",
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
    Rule(
        id=f"{ID_PREFIX}image-digest",
        shapes=("AlgorithmImage",),
        field="",
        limit="`registry/repository[:tag]`, without a digest",
        reason="The service takes no image digests.",
        fix="Name a tag that does not move.",
        source=Source.api("ContainerConfig"),
        check=_digest,
        kind=str,
    ),
    *(
        Rule(
            id=CLOUDFORMATION_SIZE,
            shapes=(shape,),
            field="",
            limit=f"at most {most} GB, the limit of CloudFormation",
            reason="CloudFormation creates the association, and its schema allows less than the API: 10 instead of 100 "
            "GB of artifacts, 10 instead of 50 GB of exports, 50 instead of 100 GB of results.",
            fix="Use a smaller size, or create the association through the API and import it by its ARN.",
            source=_ASSOCIATION_SCHEMA,
            check=_above_cloudformation,
        )
        for shape, most in _CLOUDFORMATION_GIGABYTES.items()
    ),
)

SOFT_RULES = (
    Rule(
        id=f"{ID_PREFIX}distributed-training",
        shapes=("ResourceConfig",),
        field="instanceType",
        limit=f"with an instanceCount above 1 usually {', '.join(DISTRIBUTED_INSTANCE_TYPES)}",
        reason="The user guide lists these types for distributed training.",
        fix="Use one of them, or one instance.",
        source=Source.guide("use-distributed-training", "Distributed training"),
        check=_undistributed_instance,
    ),
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
