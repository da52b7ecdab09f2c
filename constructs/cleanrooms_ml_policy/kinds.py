"""Turns the properties of a custom resource into the API request that they represent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cleanrooms_ml_handlers.model import ServiceModel, service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.resources.configured_audience_model_policy import CONFIGURED_AUDIENCE_MODEL_POLICY
from cleanrooms_ml_handlers.shared_names import OUR_PROPERTIES, RESOURCE_TYPE_PREFIX
from cleanrooms_ml_handlers.spec import Cardinality, ResourceSpec

from .template import Resource, has_unknown, is_unknown

POLICY_PROPERTY = CONFIGURED_AUDIENCE_MODEL_POLICY.document_field

# The library generates a name if omitted.
_GENERATED_NAME = "generated"

KINDS: Mapping[str, ResourceSpec] = {spec.kind: spec for spec in SPECS}


def kind_of(resource: Resource) -> ResourceSpec | None:
    """The kind of a resource; None if its type is not one of this library."""
    is_ours = resource.type.startswith(RESOURCE_TYPE_PREFIX)
    return KINDS.get(resource.type.removeprefix(RESOURCE_TYPE_PREFIX)) if is_ours else None


def model_of(kind: ResourceSpec) -> ServiceModel:
    """The service model of a kind."""
    return service_model(kind.service)


def request_of(kind: ResourceSpec, properties: Any) -> Any:
    """The create request, with the types of the API and a name.

    Args:
        kind: The kind.
        properties: The properties; a broken template may have anything here, which is returned unchanged.
    """
    if not isinstance(properties, Mapping):
        return properties
    values = {key: value for key, value in properties.items() if key not in OUR_PROPERTIES}
    request = model_of(kind).cast(kind.create, values)
    if kind.cardinality is Cardinality.NAMED:
        request.setdefault(kind.name_field, _GENERATED_NAME)
    policy = request.get(POLICY_PROPERTY)
    if isinstance(policy, Mapping) and not is_unknown(policy):
        # A policy may be an object; the API takes its text.
        request[POLICY_PROPERTY] = {"Fn::ToJsonString": policy} if has_unknown(policy) else json.dumps(policy)
    return request
