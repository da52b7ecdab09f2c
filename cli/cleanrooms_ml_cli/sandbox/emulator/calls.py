"""The emulated services, and a call of one of their operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cleanrooms_ml_handlers.model import Operation, ServiceModel
from cleanrooms_ml_handlers.model import service_model as stored_model

from .models import CLEAN_ROOMS, CLEAN_ROOMS_ML, service_model

__all__ = ["CLEAN_ROOMS", "CLEAN_ROOMS_ML", "SERVICES", "SIGNING_NAMES", "Call", "operations"]

# By signing name, which IAM and ARNs use as well. Source: the metadata of the service models.
SERVICES: Mapping[str, str] = {
    str(stored_model(service).metadata["signingName"]): service for service in (CLEAN_ROOMS_ML, CLEAN_ROOMS)
}
SIGNING_NAMES: Mapping[str, str] = {service: name for name, service in SERVICES.items()}


@cache
def operations() -> frozenset[str]:
    """The names of the operations of both services."""
    return frozenset[str]().union(*(service_model(service).operations for service in SERVICES.values()))


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
