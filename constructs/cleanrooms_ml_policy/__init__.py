"""Checks Clean Rooms ML resources in CloudFormation templates against AWS's limits and an organization's policy.

Requires neither the CDK nor AWS. The CDK plugin and the ``cleanrooms-ml check`` command both use it. A name loads its
module when it is first used: constructs need only some of the modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .check import check_template
    from .files import check_file
    from .finding import Finding, Severity
    from .policy import NO_POLICY, Policy, PolicyError

    __all__ = ["NO_POLICY", "Finding", "Policy", "PolicyError", "Severity", "check_file", "check_template"]
else:
    _MODULES = {
        "NO_POLICY": "policy",
        "Finding": "finding",
        "Policy": "policy",
        "PolicyError": "policy",
        "Severity": "finding",
        "check_file": "files",
        "check_template": "check",
    }
    __all__ = list(_MODULES)

    def __getattr__(name):  # typed above
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        globals()[name] = value
        return value
