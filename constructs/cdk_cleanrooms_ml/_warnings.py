"""Warnings at synth, which the user may acknowledge."""

from __future__ import annotations

from functools import cache

from aws_cdk import Validations
from constructs import Construct

# The first version of the CDK that was seen to ask a construct itself whether it acknowledges a warning.
_ASKS_THE_CONSTRUCT = (2, 275)


def warn(construct: Construct, id: str, text: str) -> None:
    """Warns at synth, unless the user has acknowledged the warning."""
    if _asks_the_construct() or not _is_acknowledged_here(construct, id):
        Validations.of(construct).add_warning(id, text)


@cache
def _asks_the_construct() -> bool:
    """Whether the CDK asks the construct itself for acknowledgments: an older one, as 2.262, only those around it."""
    from importlib.metadata import version  # here: expensive to import, and only for a warning

    major, minor, *_ = version("aws-cdk-lib").split(".")
    return (int(major), int(minor)) >= _ASKS_THE_CONSTRUCT


def _is_acknowledged_here(construct: Construct, id: str) -> bool:
    """Whether the construct itself acknowledges the warning."""
    key = Validations.ACKNOWLEDGED_RULES_METADATA_KEY
    acknowledged = (entry.data for entry in construct.node.metadata if entry.type == key)
    return any(f"Annotation::{id}" in rules for rules in acknowledged)
