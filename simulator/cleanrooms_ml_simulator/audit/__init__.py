"""The audit: counts what must never happen, from the service's journal and records and from what CloudFormation got."""

from .auditor import Auditor
from .findings import COUNTED, Audit
from .records import is_over, phase_of, physical_id

__all__ = ["COUNTED", "Audit", "Auditor", "is_over", "phase_of", "physical_id"]
