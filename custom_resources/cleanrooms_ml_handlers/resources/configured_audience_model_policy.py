"""ConfiguredAudienceModelPolicy: the principals that may use a configured audience model; one document per model."""

from __future__ import annotations

from ..permissions import authorized
from ..spec import ID, Cardinality, ResourceSpec, arn_pattern

_MODEL = "cleanrooms-ml:own:configured-audience-model/*"

CONFIGURED_AUDIENCE_MODEL_POLICY = ResourceSpec(
    kind="ConfiguredAudienceModelPolicy",
    cardinality=Cardinality.DOCUMENT,
    create="PutConfiguredAudienceModelPolicy",
    get="GetConfiguredAudienceModelPolicy",
    delete="DeleteConfiguredAudienceModelPolicy",
    id_parts=("configuredAudienceModelArn",),
    id_suffix="#policy",
    id_pattern=f"(?P<configuredAudienceModelArn>{arn_pattern(f'configured-audience-model/{ID}')})#policy",
    document_field="configuredAudienceModelPolicy",
    permissions={
        **authorized({"PutConfiguredAudienceModelPolicy": _MODEL, "GetConfiguredAudienceModelPolicy": _MODEL}),
        **authorized({"DeleteConfiguredAudienceModelPolicy": _MODEL}),
    },
)
