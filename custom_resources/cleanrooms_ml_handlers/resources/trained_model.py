"""TrainedModel: a custom model, trained on the data of channels by a configured model algorithm."""

from __future__ import annotations

from ..permissions import PASS_MEMBERSHIP, authorized, tag_on_create, tagging
from ..spec import ID, MEMBERSHIP, STATUSES_OF_A_CANCELABLE_RUN, STATUSES_OF_A_JOB, UUID, ResourceSpec, arn_pattern

_MODEL = "cleanrooms-ml:own:membership/*/trained-model/*"
_ASSOCIATION = "cleanrooms-ml:any:membership/*/configured-model-algorithm-association/*"
_ARN = arn_pattern(f"{MEMBERSHIP}/trained-model/{ID}")

TRAINED_MODEL = ResourceSpec(
    kind="TrainedModel",
    create="CreateTrainedModel",
    get="GetTrainedModel",
    list="ListTrainedModels",
    delete="DeleteTrainedModelOutput",
    cancel="CancelTrainedModel",
    arn_field="trainedModelArn",
    # The first version of a model has no identifier.
    id_parts=("trainedModelArn", "versionIdentifier"),
    id_pattern=f"(?P<trainedModelArn>{_ARN})(#(?P<versionIdentifier>{UUID}))?",
    # User guide, creating a trained model: unique in the collaboration.
    names_are_unique=True,
    list_field="trainedModels",
    list_parameters=("membershipIdentifier",),
    # Without a version Get means the latest one; Delete and Cancel mean the first one, which has none.
    versions="ListTrainedModelVersions",
    statuses={**STATUSES_OF_A_JOB, **STATUSES_OF_A_CANCELABLE_RUN},
    long_running=True,
    retry_hint="change run_id",
    attributes={
        "Status": "status",
        "VersionIdentifier": "versionIdentifier",
        "MetricsStatus": "metricsStatus",
        "LogsStatus": "logsStatus",
        "TrainingContainerImageDigest": "trainingContainerImageDigest",
    },
    in_flight_quotas=("in progress custom model training job",),
    key_field="kmsKeyArn",
    key_actions=("kms:DescribeKey", "kms:GenerateDataKey", "kms:CreateGrant", "kms:Decrypt"),
    permissions={
        **authorized({"CreateTrainedModel": _ASSOCIATION}, tag_on_create(_MODEL), PASS_MEMBERSHIP),
        **authorized({"GetTrainedModel": _MODEL, "ListTrainedModels": "*"}, PASS_MEMBERSHIP),
        **authorized({"ListTrainedModelVersions": "*"}, PASS_MEMBERSHIP),
        **authorized({"DeleteTrainedModelOutput": _MODEL, "CancelTrainedModel": _MODEL}, PASS_MEMBERSHIP),
        # The list of the versions has no tags.
        **tagging(_MODEL, reads=True),
    },
)
