"""TrainedModelInferenceJob: a run that applies a trained model to the data of a channel."""

from __future__ import annotations

from ..permissions import PASS_MEMBERSHIP, Permission, authorized, tag_on_create, tagging
from ..spec import ID, MEMBERSHIP, STATUSES_OF_A_CANCELABLE_RUN, ResourceSpec, arn_pattern

_JOB = "cleanrooms-ml:own:membership/*/trained-model-inference-job/*"
_START = ("cleanrooms-ml:StartTrainedModelInferenceJob",)
_ARN = arn_pattern(f"{MEMBERSHIP}/trained-model-inference-job/{ID}")

TRAINED_MODEL_INFERENCE_JOB = ResourceSpec(
    kind="TrainedModelInferenceJob",
    create="StartTrainedModelInferenceJob",
    get="GetTrainedModelInferenceJob",
    list="ListTrainedModelInferenceJobs",
    # The record of a run that has ended remains: the API can only cancel runs.
    cancel="CancelTrainedModelInferenceJob",
    arn_field="trainedModelInferenceJobArn",
    id_parts=("trainedModelInferenceJobArn",),
    id_pattern=f"(?P<trainedModelInferenceJobArn>{_ARN})",
    list_field="trainedModelInferenceJobs",
    list_parameters=("membershipIdentifier",),
    statuses=STATUSES_OF_A_CANCELABLE_RUN,
    long_running=True,
    retry_hint="change run_id",
    attributes={
        "Status": "status",
        "MetricsStatus": "metricsStatus",
        "LogsStatus": "logsStatus",
        "InferenceContainerImageDigest": "inferenceContainerImageDigest",
    },
    in_flight_quotas=("in progress custom model inference job",),
    key_field="kmsKeyArn",
    key_actions=("kms:DescribeKey", "kms:GenerateDataKey", "kms:CreateGrant", "kms:Decrypt"),
    permissions={
        "StartTrainedModelInferenceJob": (
            Permission(_START, "cleanrooms-ml:any:membership/*/configured-model-algorithm-association/*"),
            Permission(_START, "cleanrooms-ml:own:membership/*/ml-input-channel/*"),
            Permission(_START, "cleanrooms-ml:own:membership/*/trained-model/*"),
            tag_on_create(_JOB),
            PASS_MEMBERSHIP,
        ),
        **authorized({"GetTrainedModelInferenceJob": _JOB, "ListTrainedModelInferenceJobs": "*"}, PASS_MEMBERSHIP),
        **authorized({"CancelTrainedModelInferenceJob": _JOB}, PASS_MEMBERSHIP),
        **tagging(_JOB),
    },
)
