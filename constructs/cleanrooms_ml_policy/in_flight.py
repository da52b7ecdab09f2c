"""Dependencies between the resources of a template, and its runs that may be in flight at the same time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.rules.in_flight import Crowd, Run, crowds
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX, WAIT_RESOURCE_TYPE

from .kinds import KINDS
from .organization_checks import ANALYSIS_TEMPLATE, SYNTHETIC_DATA
from .template import Resource, target

# ${Name} and ${Name.Attribute}; ${!Name} is literal text.
_IN_TEXT = re.compile(r"\$\{([^!.}][^.}]*)")


def needs(entries: Mapping[str, Any]) -> dict[str, set[str]]:
    """For each resource, those that CloudFormation creates before it.

    Args:
        entries: The `Resources` of a template.
    """
    found = {}
    for name, entry in entries.items():
        if isinstance(entry, Mapping):
            stated = entry.get("DependsOn")
            names = stated if isinstance(stated, list) else [stated]
            found[name] = {*map(str, names), *_referred(entry.get("Properties"))} & entries.keys()
    return found


def _referred(value: Any) -> Iterator[str]:
    """The names that a value refers to, and the variables of its own in Fn::Sub."""
    one = target(value)
    if one is not None:
        yield one
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key == "Fn::Sub":
                text = item[0] if isinstance(item, list) and item else item
                yield from _IN_TEXT.findall(text) if isinstance(text, str) else ()
            yield from _referred(item)
    elif isinstance(value, list):
        for item in value:
            yield from _referred(item)


def of_template(
    template: Mapping[str, Any], resources: Mapping[str, Resource], requests: Mapping[str, Any]
) -> list[Crowd]:
    """The runs of a template that may be in flight at the same time, where AWS's quotas allow fewer.

    Args:
        template: The template.
        resources: Its resources.
        requests: The create requests of this library's resources.
    """
    entries = template["Resources"]
    ends = {
        target(one.properties.get("Arn")): name
        for name, one in resources.items()
        if one.type == WAIT_RESOURCE_TYPE and isinstance(one.properties, Mapping) and not _is_link(one.properties)
    }
    runs = [
        Run(name, kind, ends.get(name, ""), request, _is_synthetic(request, resources))
        for name, request in requests.items()
        if (kind := resources[name].type.removeprefix(RESOURCE_TYPE_PREFIX)) in KINDS
        and isinstance(request, Mapping)
        # Runs with conditions may be alternatives of each other.
        and "Condition" not in entries[name]
    ]
    return crowds(runs, needs(entries))


def _is_link(properties: Mapping[str, Any]) -> bool:
    settings = properties.get("Settings")
    return isinstance(settings, Mapping) and bool(settings.get("Link"))


def _is_synthetic(request: Mapping[str, Any], resources: Mapping[str, Resource]) -> bool:
    """Whether a channel uses an analysis template of the same stack that generates synthetic data."""
    value: Any = request
    for step in ("inputChannel", "dataSource", "protectedQueryInputParameters", "sqlParameters", "analysisTemplateArn"):
        value = value.get(step) if isinstance(value, Mapping) else None
    template = resources.get(target(value) or "")
    if template is None or template.type != ANALYSIS_TEMPLATE or not isinstance(template.properties, Mapping):
        return False
    return SYNTHETIC_DATA in template.properties
