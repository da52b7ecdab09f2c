"""ConfiguredAudienceModel: how audiences are made from an audience model, and where they go."""

from __future__ import annotations

from ..spec import ID, Permission, Phase, ResourceSpec, arn_pattern, tag_on_create, tagging

_MODEL = "cleanrooms-ml:own:configured-audience-model/*"
_AUDIENCE_MODEL = "cleanrooms-ml:own:audience-model/*"

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
    # An update without sizes keeps the old ones, and which sizes a model without any has is not documented.
    presence_is_identity=("audienceSizeConfig",),
    role_fields=("outputConfig.roleArn",),
    permissions={
        "CreateConfiguredAudienceModel": (
            Permission(("cleanrooms-ml:CreateConfiguredAudienceModel",), _AUDIENCE_MODEL),
            tag_on_create(_MODEL),
        ),
        "GetConfiguredAudienceModel": (Permission(("cleanrooms-ml:GetConfiguredAudienceModel",), _MODEL),),
        "ListConfiguredAudienceModels": (Permission(("cleanrooms-ml:ListConfiguredAudienceModels",), "*"),),
        "UpdateConfiguredAudienceModel": (
            Permission(("cleanrooms-ml:UpdateConfiguredAudienceModel",), _MODEL),
            Permission(("cleanrooms-ml:UpdateConfiguredAudienceModel",), _AUDIENCE_MODEL),
        ),
        "DeleteConfiguredAudienceModel": (Permission(("cleanrooms-ml:DeleteConfiguredAudienceModel",), _MODEL),),
        **tagging(_MODEL),
    },
)
