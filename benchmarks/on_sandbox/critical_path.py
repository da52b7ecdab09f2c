"""The longest chain of resources that have to be created one after the other before the first custom resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

Template = Mapping[str, Any]

_CUSTOM = "Custom::"


def critical_path(template: Template) -> tuple[str, ...]:
    """The logical ids of the longest chain that ends with a custom resource, without that."""
    resources: Mapping[str, Any] = template["Resources"]

    @cache
    def chain(logical_id: str) -> tuple[str, ...]:
        before = (chain(other) for other in sorted(set(_references(resources[logical_id]))) if other in resources)
        return (*max(before, key=len, default=()), logical_id)

    custom = [key for key, resource in resources.items() if resource["Type"].startswith(_CUSTOM)]
    chains = (chain(logical_id)[:-1] for logical_id in custom)
    # A custom resource may need another one.
    own = [tuple(it for it in each if it not in custom) for each in chains]
    return max(own, key=len)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
        return
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key == "Ref":
            yield item
        elif key == "Fn::GetAtt":
            yield item[0] if isinstance(item, list) else item.partition(".")[0]
        elif key == "DependsOn":
            yield from [item] if isinstance(item, str) else item
        elif key == "Fn::Sub":
            text = item if isinstance(item, str) else item[0]
            yield from (part.partition("}")[0].partition(".")[0] for part in text.split("${")[1:])
        yield from _references(item)
