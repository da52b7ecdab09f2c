"""Checks Clean Rooms ML resources in CloudFormation templates against AWS's limits and an organization's policy.

Requires neither the CDK nor AWS. The CDK plugin and the ``cleanrooms-ml check`` command both use it.
"""

from __future__ import annotations

from .check import check_template
from .files import check_file
from .finding import Finding, Severity
from .policy import NO_POLICY, Policy, PolicyError

__all__ = ["NO_POLICY", "Finding", "Policy", "PolicyError", "Severity", "check_file", "check_template"]
