"""The order in which examples/custom-model is taken down: in its template, and as the service saw it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from cleanrooms_ml_handlers.shared_names import NATIVE_PREFIX, RESOURCE_TYPE_PREFIX

_ROOMS = "AWS::CleanRooms::"
# The parts of a physical id: CloudFormation's own are joined with "|", ours with "#".
_JOINTS = re.compile(r"[|#]")
_SUBSTITUTED = re.compile(r"\$\{([^!}.]+)[.}]")


@dataclass(frozen=True)
class Stage:
    """What is taken down together.

    Args:
        name: What a user calls it.
        types: The resources in a template.
        calls: The calls that take them down. Of what the API cannot delete, those that look whether it has ended.
        deletes: Whether they delete anything.
    """

    name: str
    types: tuple[str, ...]
    calls: tuple[str, ...]
    deletes: bool = True


STAGES = (
    Stage(
        "jobs",
        (f"{RESOURCE_TYPE_PREFIX}TrainedModelInferenceJob", f"{RESOURCE_TYPE_PREFIX}TrainedModelExportJob"),
        ("GetTrainedModelInferenceJob", "CancelTrainedModelInferenceJob", "ListCollaborationTrainedModelExportJobs"),
        deletes=False,
    ),
    Stage("models", (f"{RESOURCE_TYPE_PREFIX}TrainedModel",), ("CancelTrainedModel", "DeleteTrainedModelOutput")),
    Stage("channel data", (f"{RESOURCE_TYPE_PREFIX}MLInputChannel",), ("DeleteMLInputChannelData",)),
    Stage(
        "associations",
        (f"{NATIVE_PREFIX}ConfiguredModelAlgorithmAssociation",),
        ("DeleteConfiguredModelAlgorithmAssociation",),
    ),
    Stage("algorithms", (f"{NATIVE_PREFIX}ConfiguredModelAlgorithm",), ("DeleteConfiguredModelAlgorithm",)),
    Stage("configuration", (f"{RESOURCE_TYPE_PREFIX}MLConfiguration",), ("DeleteMLConfiguration",)),
    Stage(
        "tables",
        (f"{_ROOMS}ConfiguredTableAssociation", f"{_ROOMS}ConfiguredTable"),
        ("DeleteConfiguredTableAssociation", "DeleteConfiguredTable"),
    ),
    Stage("membership", (f"{_ROOMS}Membership",), ("DeleteMembership",)),
    Stage("collaboration", (f"{_ROOMS}Collaboration",), ("DeleteCollaboration",)),
)


def calls_of(journal: Iterable[Mapping[str, Any]], physical_ids: Iterable[str]) -> list[tuple[Stage, str]]:
    """The calls that took a stack's resources down, in order: stage and operation.

    Args:
        journal: What the service received.
        physical_ids: Those of the stack's resources, which distinguish its calls from others'.
    """
    own = {part for physical_id in physical_ids for part in _JOINTS.split(physical_id)}
    stages = {call: stage for stage in STAGES for call in stage.calls}
    return [
        (stages[entry["operation"]], entry["operation"])
        for entry in journal
        if entry["operation"] in stages and entry["tookEffect"] and not own.isdisjoint(_texts(entry["params"]))
    ]


def disorder(calls: Iterable[tuple[Stage, str]]) -> list[str]:
    """What is wrong with the order of calls: a stage that is missing, or comes after a later one."""
    seen = list(calls)
    found = {stage for stage, _ in seen}
    problems = [f"no call for {stage.name}" for stage in STAGES if stage not in found]
    latest = 0
    for stage, operation in seen:
        position = STAGES.index(stage)
        if position < latest:
            problems.append(f"{operation} came after {STAGES[latest].name}")
        latest = max(latest, position)
    return problems


def unordered(template: Mapping[str, Any]) -> list[str]:
    """Pairs of resources of different stages whose order the template's dependencies leave open."""
    resources = template["Resources"]
    needs = {name: _needs(resources, resource) for name, resource in resources.items()}
    members = [[name for name in resources if resources[name]["Type"] in stage.types] for stage in STAGES]
    return [
        f"{first} and {second}"
        for earlier, later in combinations(members, 2)
        for first in earlier
        for second in later
        if second not in _all_needs(needs, first)
    ]


def _all_needs(needs: Mapping[str, set[str]], name: str) -> set[str]:
    """What a resource depends on, by whatever it depends on, too."""
    found: set[str] = set()
    open_ends = [name]
    while open_ends:
        new = needs[open_ends.pop()] - found
        found |= new
        open_ends += new
    return found


def _needs(resources: Mapping[str, Any], resource: Mapping[str, Any]) -> set[str]:
    written = resource.get("DependsOn", [])
    named = {*([written] if isinstance(written, str) else written), *_references(resource.get("Properties", {}))}
    return named & resources.keys()


def _references(value: Any) -> Iterator[str]:
    """Logical ids, and names of parameters, that a value refers to."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key == "Ref":
                yield item
            elif key == "Fn::GetAtt":
                yield item.split(".")[0] if isinstance(item, str) else item[0]
            elif key == "Fn::Sub":
                yield from _SUBSTITUTED.findall(item if isinstance(item, str) else item[0])
                yield from _references(item)
            else:
                yield from _references(item)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
