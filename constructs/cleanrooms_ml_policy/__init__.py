"""Checks CloudFormation templates with Clean Rooms ML resources: AWS's limits, and an organisation's policy.

It needs neither the CDK nor AWS. The CDK plugin and the ``cleanrooms-ml check`` command are its two front ends.
"""

from __future__ import annotations

from .check import check_template
from .files import check_file
from .finding import Finding, Severity
from .policy import NO_POLICY, Policy, PolicyError

__all__ = ["NO_POLICY", "Finding", "Policy", "PolicyError", "Severity", "check_file", "check_template"]
