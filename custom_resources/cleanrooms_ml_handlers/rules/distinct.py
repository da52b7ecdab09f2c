"""The rule that the items of some lists are distinct: Smithy's `uniqueItems`, which botocore leaves out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from ..problem import ID_PREFIX, shown
from .rule import Finding, Occurrence, Rule, Source


def _repeated_items(at: Occurrence) -> Iterator[Finding]:
    texts = [json.dumps(item, sort_keys=True, default=str) for item in at.value if _is_known(at, item)]
    for text, count in Counter(texts).items():
        if count > 1:
            yield at.path, f"has {shown(json.loads(text))} more than once; each item is allowed once"


def _is_known(at: Occurrence, item: object) -> bool:
    """Whether nothing in an item depends on the deployment."""
    if at.skip(item):
        return False
    if isinstance(item, dict):
        return all(_is_known(at, each) for each in item.values())
    return not isinstance(item, list | tuple) or all(_is_known(at, each) for each in item)


# Two more lists have rules of their own: size bins, and training channels, each with another name.
HARD_RULES = (
    Rule(
        id=f"{ID_PREFIX}distinct-items",
        shapes=(
            "CustomDataIdentifierList",
            "EntityTypeList",
            "LogsConfigurationPolicyList",
            "TrainedModelExportFileTypeList",
        ),
        field="",
        limit="distinct",
        reason="AWS's Smithy model marks the list as a set.",
        fix="Name each item once.",
        source=Source("Smithy model of Clean Rooms ML, uniqueItems", "https://github.com/aws/api-models-aws"),
        check=_repeated_items,
        kind=(list, tuple),
    ),
)
