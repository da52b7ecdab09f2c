"""The emulated services, and a call of one of their operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleanrooms_ml_handlers.model import Operation, ServiceModel, service_model

CLEAN_ROOMS_ML = "cleanroomsml"
CLEAN_ROOMS = "cleanrooms"

# By signing name, which IAM and ARNs use as well. Source: the metadata of the service models.
SERVICES: Mapping[str, str] = {
    str(service_model(service).metadata["signingName"]): service for service in (CLEAN_ROOMS_ML, CLEAN_ROOMS)
}
SIGNING_NAMES: Mapping[str, str] = {service: name for name, service in SERVICES.items()}


@dataclass(frozen=True)
class Call:
    """One operation of a service with its parameters, by their member names and with their types."""

    service: str
    operation: Operation
    params: dict[str, Any]

    @property
    def model(self) -> ServiceModel:
        """The model of the service."""
        return service_model(self.service)
