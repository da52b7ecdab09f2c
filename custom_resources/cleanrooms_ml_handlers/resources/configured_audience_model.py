"""ConfiguredAudienceModel: how audiences are generated from an audience model, and their output location."""

from __future__ import annotations

from ..permissions import Permission, authorized, tag_on_create, tagging
from ..spec import ID, Phase, ResourceSpec, arn_pattern

_MODEL = "cleanrooms-ml:own:configured-audience-model/*"
_AUDIENCE_MODEL = "cleanrooms-ml:own:audience-model/*"
_UPDATE = ("cleanrooms-ml:UpdateConfiguredAudienceModel",)

CONFIGURED_AUDIENCE_MODEL = ResourceSpec(
    kind="ConfiguredAudienceModel",
    create="CreateConfiguredAudienceModel",
    get="GetConfiguredAudienceModel",
    list="ListConfiguredAudienceModels",
    update="UpdateConfiguredAudienceModel",
    delete="DeleteConfiguredAudienceModel",
    arn_field="configuredAudienceModelArn",
    id_parts=("configuredAudienceModelArn",),
    id_pattern=f"(?P<configuredAudienceModelArn>{arn_pattern(f'configured-audience-model/{ID}')})",
    list_field="configuredAudienceModels",
    statuses={"ACTIVE": Phase.READY},
    # The default is documented with CreateConfiguredAudienceModel, minMatchingSeedSize; the model has no defaults.
    cleared={"description": "", "minMatchingSeedSize": 500},
    # An update without sizes keeps the old ones, and the sizes of a model without any are not documented.
    presence_is_identity=("audienceSizeConfig",),
    role_fields=("outputConfig.roleArn",),
    permissions={
        **authorized({"CreateConfiguredAudienceModel": _AUDIENCE_MODEL}, tag_on_create(_MODEL)),
        **authorized({"GetConfiguredAudienceModel": _MODEL, "ListConfiguredAudienceModels": "*"}),
        **authorized({"UpdateConfiguredAudienceModel": _MODEL}, Permission(_UPDATE, _AUDIENCE_MODEL)),
        **authorized({"DeleteConfiguredAudienceModel": _MODEL}),
        **tagging(_MODEL),
    },
)
