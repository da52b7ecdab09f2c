"""ConfiguredAudienceModelAssociation: makes a configured audience model available in a collaboration."""

from __future__ import annotations

from ..permissions import Permission, authorized, tag_on_create, tagging
from ..spec import MEMBERSHIP, UUID, ResourceSpec, arn_pattern

_SERVICE = "cleanrooms"
_CLEAN_ROOMS = "Service Authorization Reference, AWS Clean Rooms"
_ASSOCIATION = "cleanrooms:own:membership/*/configuredaudiencemodelassociation/*"
# AWS authorizes on the membership and on the association in it: this pattern matches both.
_IN_MEMBERSHIP = "cleanrooms:own:membership/*"
_MODEL = "cleanrooms-ml:own:configured-audience-model/*"
# With managed policies Clean Rooms writes the model's policy on behalf of the caller.
_READ = ("cleanrooms-ml:GetConfiguredAudienceModel", "cleanrooms-ml:GetConfiguredAudienceModelPolicy")
_WRITE = ("cleanrooms-ml:PutConfiguredAudienceModelPolicy", "cleanrooms-ml:DeleteConfiguredAudienceModelPolicy")
_LAST_PART = f"configuredaudiencemodelassociation/(?P<configuredAudienceModelAssociationIdentifier>{UUID})"

CONFIGURED_AUDIENCE_MODEL_ASSOCIATION = ResourceSpec(
    kind="ConfiguredAudienceModelAssociation",
    service="cleanrooms",
    create="CreateConfiguredAudienceModelAssociation",
    get="GetConfiguredAudienceModelAssociation",
    list="ListConfiguredAudienceModelAssociations",
    update="UpdateConfiguredAudienceModelAssociation",
    delete="DeleteConfiguredAudienceModelAssociation",
    arn_field="arn",
    id_parts=("arn",),
    id_pattern=arn_pattern(f"{MEMBERSHIP}/{_LAST_PART}", "cleanrooms"),
    answer_field="configuredAudienceModelAssociation",
    name_field="configuredAudienceModelAssociationName",
    update_names={"configuredAudienceModelAssociationName": "name"},
    list_field="configuredAudienceModelAssociationSummaries",
    list_parameters=("membershipIdentifier",),
    cleared={"description": ""},
    attributes={"Id": "id", "CollaborationId": "collaborationId"},
    permissions={
        **authorized(
            {"CreateConfiguredAudienceModelAssociation": _IN_MEMBERSHIP},
            tag_on_create(_ASSOCIATION, _SERVICE),
            Permission((*_READ, _WRITE[0]), _MODEL, _CLEAN_ROOMS),
            service=_SERVICE,
        ),
        **authorized({"GetConfiguredAudienceModelAssociation": _ASSOCIATION}, service=_SERVICE),
        **authorized({"ListConfiguredAudienceModelAssociations": _IN_MEMBERSHIP}, service=_SERVICE),
        **authorized({"UpdateConfiguredAudienceModelAssociation": _ASSOCIATION}, service=_SERVICE),
        **authorized(
            {"DeleteConfiguredAudienceModelAssociation": _ASSOCIATION},
            Permission((_READ[1], *_WRITE), _MODEL, _CLEAN_ROOMS),
            service=_SERVICE,
        ),
        **tagging(_ASSOCIATION, _SERVICE, reads=True),
    },
)
