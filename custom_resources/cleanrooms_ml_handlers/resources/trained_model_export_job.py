"""TrainedModelExportJob: writes the artifacts of a trained model to a member's output location."""

from __future__ import annotations

from ..permissions import PASS_COLLABORATION, PASS_MEMBERSHIP, authorized
from ..spec import ID, MEMBERSHIP, STATUSES_OF_AN_EXPORT, Lookup, ResourceSpec, arn_pattern

_MODEL = "cleanrooms-ml:own:membership/*/trained-model/*"
_MODEL_ARN = arn_pattern(f"{MEMBERSHIP}/trained-model/{ID}")

TRAINED_MODEL_EXPORT_JOB = ResourceSpec(
    kind="TrainedModelExportJob",
    create="StartTrainedModelExportJob",
    list="ListCollaborationTrainedModelExportJobs",
    id_parts=("trainedModelArn", "name"),
    id_pattern=f"(?P<trainedModelArn>{_MODEL_ARN})#(?P<name>.+)",
    list_field="collaborationTrainedModelExportJobs",
    list_parameters=("collaborationIdentifier", "trainedModelArn"),
    # Exports are listed by the model's collaboration, which the create request does not have.
    list_lookups={
        "collaborationIdentifier": Lookup(
            "GetTrainedModel", ("membershipIdentifier", "trainedModelArn"), "collaborationIdentifier"
        )
    },
    statuses=STATUSES_OF_AN_EXPORT,
    long_running=True,
    retry_hint="change run_id",
    attributes={"Status": "status"},
    permissions={
        **authorized({"StartTrainedModelExportJob": _MODEL}, PASS_MEMBERSHIP),
        **authorized({"ListCollaborationTrainedModelExportJobs": _MODEL}, PASS_COLLABORATION),
        **authorized({"GetTrainedModel": _MODEL}, PASS_MEMBERSHIP),
    },
)
