"""AudienceModel: a lookalike model, trained for hours on a training dataset."""

from __future__ import annotations

from ..permissions import authorized, tag_on_create, tagging
from ..spec import ID, STATUSES_OF_A_JOB, ResourceSpec, arn_pattern

_MODEL = "cleanrooms-ml:own:audience-model/*"

AUDIENCE_MODEL = ResourceSpec(
    kind="AudienceModel",
    create="CreateAudienceModel",
    get="GetAudienceModel",
    list="ListAudienceModels",
    delete="DeleteAudienceModel",
    arn_field="audienceModelArn",
    id_parts=("audienceModelArn",),
    id_pattern=f"(?P<audienceModelArn>{arn_pattern(f'audience-model/{ID}')})",
    list_field="audienceModels",
    statuses=STATUSES_OF_A_JOB,
    long_running=True,
    retry_hint="change run_id",
    attributes={"Status": "status"},
    in_flight_quotas=("in progress audience model",),
    key_field="kmsKeyArn",
    key_actions=("kms:DescribeKey", "kms:GenerateDataKey", "kms:CreateGrant", "kms:Decrypt"),
    permissions={
        **authorized({"CreateAudienceModel": "cleanrooms-ml:own:training-dataset/*"}, tag_on_create(_MODEL)),
        **authorized({"GetAudienceModel": _MODEL, "ListAudienceModels": "*", "DeleteAudienceModel": _MODEL}),
        **tagging(_MODEL),
    },
)
