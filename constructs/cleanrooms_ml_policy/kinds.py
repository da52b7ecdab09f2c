"""From the properties of a custom resource to the API request that it asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_handlers.model import ServiceModel, service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import ResourceSpec

from .template import has_unknown, is_unknown

POLICY_PROPERTY = "configuredAudienceModelPolicy"

# What the library adds to the request in a template.
OUR_PROPERTIES = ("ServiceToken", "ServiceTimeout", "Settings", "RunId")

# The library chooses a name where there is none.
_GENERATED_NAME = "generated"


@dataclass(frozen=True)
class Kind:
    """A kind of resource that a template may hold.

    Attributes:
        name: The API's name of the resource.
        create: The operation that makes it.
        service: The service's name in boto3.
        name_field: The member with its name.
        spec: What the engine knows of it; None where this version has no construct for it.
    """

    name: str
    create: str
    service: str = "cleanroomsml"
    name_field: str = "name"
    spec: ResourceSpec | None = None

    @property
    def model(self) -> ServiceModel:
        """The service's model."""
        return service_model(self.service)


# Kinds whose limits the service model knows too, be there a construct for them or not.
_OTHERS = (
    Kind("AudienceModel", "CreateAudienceModel"),
    Kind("AudienceExportJob", "StartAudienceExportJob"),
    Kind("ConfiguredAudienceModelPolicy", "PutConfiguredAudienceModelPolicy"),
    Kind(
        "ConfiguredAudienceModelAssociation",
        "CreateConfiguredAudienceModelAssociation",
        service="cleanrooms",
        name_field="configuredAudienceModelAssociationName",
    ),
    Kind("MLConfiguration", "PutMLConfiguration"),
    Kind("TrainedModel", "CreateTrainedModel"),
    Kind("TrainedModelInferenceJob", "StartTrainedModelInferenceJob"),
    Kind("TrainedModelExportJob", "StartTrainedModelExportJob"),
)

KINDS: Mapping[str, Kind] = {
    **{kind.name: kind for kind in _OTHERS},
    **{spec.kind: Kind(spec.kind, spec.create, spec.service, spec.name_field, spec) for spec in SPECS},
}


def request_of(kind: Kind, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The create request, with the types that the API asks for and a name."""
    given = {key: value for key, value in properties.items() if key not in OUR_PROPERTIES}
    request = kind.model.cast(kind.create, given)
    if kind.name_field in kind.model.input_members(kind.create):
        request.setdefault(kind.name_field, _GENERATED_NAME)
    policy = request.get(POLICY_PROPERTY)
    if isinstance(policy, Mapping) and not is_unknown(policy):
        # A policy may be written as an object; the API takes its text.
        request[POLICY_PROPERTY] = {"Fn::ToJsonString": policy} if has_unknown(policy) else json.dumps(policy)
    return request
