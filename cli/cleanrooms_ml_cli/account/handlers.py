"""All that the commands take from the custom resources' own code: the kinds as data, and the engine itself.

Everything else of the command line imports it from here.
"""

from __future__ import annotations

from typing import Any

from cleanrooms_ml_handlers.dialect import pattern as model_pattern
from cleanrooms_ml_handlers.engine import advance
from cleanrooms_ml_handlers.errors import Fault, ServiceError
from cleanrooms_ml_handlers.executions import Execution, Page, Started
from cleanrooms_ml_handlers.figures import first, keyed, values
from cleanrooms_ml_handlers.identity import OWNERSHIP_TAG_KEY, Desired, Owner, Record, is_asset
from cleanrooms_ml_handlers.model import ServiceModel, service_model, shown
from cleanrooms_ml_handlers.no_result import why_not_ready
from cleanrooms_ml_handlers.outcomes import Outcome
from cleanrooms_ml_handlers.ownership import owns
from cleanrooms_ml_handlers.records import get_record
from cleanrooms_ml_handlers.request import Request, execution_name
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.rules.in_flight import IN_FLIGHT_QUOTAS, InFlightQuota
from cleanrooms_ml_handlers.rules.spark import documented
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX, WAIT_RESOURCE_TYPE
from cleanrooms_ml_handlers.spec import Cardinality, Phase, ResourceSpec
from cleanrooms_ml_handlers.steps import Step
from cleanrooms_ml_handlers.texts import redacted
from cleanrooms_ml_handlers.timing import DEFAULT_TIMEOUT_SECONDS, SETTLING_SECONDS

__all__ = [
    "DEFAULT_TIMEOUT_SECONDS",
    "IN_FLIGHT_QUOTAS",
    "OWNERSHIP_TAG_KEY",
    "RESOURCE_TYPE_PREFIX",
    "SETTLING_SECONDS",
    "SPECS",
    "WAIT_RESOURCE_TYPE",
    "Desired",
    "Execution",
    "Fault",
    "InFlightQuota",
    "Outcome",
    "Owner",
    "Page",
    "Phase",
    "Record",
    "Request",
    "ResourceSpec",
    "ServiceError",
    "ServiceModel",
    "Started",
    "Step",
    "advance",
    "client",
    "documented",
    "execution_name",
    "first",
    "get_record",
    "is_asset",
    "is_document",
    "is_singleton",
    "keyed",
    "kind_of_type",
    "model_pattern",
    "owns",
    "redacted",
    "service_model",
    "shown",
    "values",
    "why_not_ready",
]

_BY_TYPE = {spec.resource_type: spec for spec in SPECS}


def is_document(spec: ResourceSpec) -> bool:
    """Whether a kind is one document that several owners write their statements into."""
    return spec.cardinality is Cardinality.DOCUMENT


def is_singleton(spec: ResourceSpec) -> bool:
    """Whether there is one of a kind for each membership."""
    return spec.cardinality is Cardinality.SINGLETON


def kind_of_type(resource_type: str) -> ResourceSpec | None:
    """The kind that a CloudFormation type represents; None for a type that is not ours."""
    return _BY_TYPE.get(resource_type)


def client(session: Any) -> Any:
    """The functions' own client of the services, for a botocore session; importing it imports botocore."""
    from cleanrooms_ml_handlers.client import Service

    return Service(session)
