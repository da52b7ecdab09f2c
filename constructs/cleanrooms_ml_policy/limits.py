"""AWS's limits: the constraints of the service model, the documented rules, and cross-request rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.model import real_number
from cleanrooms_ml_handlers.problem import Problem, shown
from cleanrooms_ml_handlers.rules.cross_request import GATE, WAIT
from cleanrooms_ml_handlers.shared_names import OUR_PROPERTIES, RESOURCE_TYPE_PREFIX, WAIT_RESOURCE_TYPE
from cleanrooms_ml_handlers.spec import ResourceSpec

from .catalog import TAKEN_TAG, UNKNOWN_KIND
from .kinds import KINDS, model_of
from .template import Resource, as_far_as_known, as_text, is_unknown, target

_CONFIGURED_MODEL = f"{RESOURCE_TYPE_PREFIX}ConfiguredAudienceModel"
_JOB = f"{RESOURCE_TYPE_PREFIX}AudienceGenerationJob"


def of_request(kind: ResourceSpec, request: Any) -> Iterator[Problem]:
    """The problems of the create request of one resource."""
    yield from model_of(kind).check(kind.create, as_far_as_known(request), is_unknown)
    if is_unknown(request) or not isinstance(request, Mapping):
        return
    yield from rules.problems(kind.service, kind.create, request, is_unknown)


def of_properties(kind: ResourceSpec, properties: Any) -> Iterator[Problem]:
    """The problems of the properties that the library adds, and of all properties together."""
    if not isinstance(properties, Mapping):
        return
    request = {key: value for key, value in properties.items() if key not in OUR_PROPERTIES}
    yield from rules.inline_problems(request)
    if kind.is_taggable:
        yield from _ownership_tag(properties.get("tags"))
    yield from _timeout(properties.get("Settings"))


def narrowest(kind: ResourceSpec, properties: Any, problems: list[Problem]) -> list[Problem]:
    """Problems of a resource with one about the number of its tags, if there are several."""
    tags = properties.get("tags") if kind.is_taggable and isinstance(properties, Mapping) else None
    return rules.without_counts_of_tags(problems, tags) if isinstance(tags, Mapping) else problems


def of_wait(properties: Any) -> Iterator[Problem]:
    """The problems of a `Ready` or of a link before it."""
    if not isinstance(properties, Mapping):
        return
    name = properties.get("Kind")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None or not kind.long_running:
        if not is_unknown(name):
            waited_for = ", ".join(kind.kind for kind in KINDS.values() if kind.long_running)
            yield Problem("Kind", f"is {shown(name)}; allowed are {waited_for}", UNKNOWN_KIND)
        return
    settings = properties.get("Settings")
    yield from _timeout(settings)
    gates = settings.get("Gates") if isinstance(settings, Mapping) and not is_unknown(settings) else None
    for gate, threshold in gates.items() if isinstance(gates, Mapping) and not is_unknown(gates) else ():
        value = _number(threshold)
        for problem in rules.gate_problems(kind, {gate: value}, is_unknown):
            yield Problem(f"Settings.Gates.{gate}", problem.message, problem.rule)


def _timeout(settings: Any) -> Iterator[Problem]:
    if not isinstance(settings, Mapping) or is_unknown(settings):
        return
    seconds = _number(settings.get("TimeoutSeconds"))
    path = "Settings.TimeoutSeconds"
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        yield from rules.wait_problems(seconds, path)
    elif seconds is not None and not is_unknown(seconds):
        yield Problem(path, f"is {shown(seconds)}; a number is required", WAIT.id)


def _number(value: Any) -> Any:
    """A number, which may be text in a template."""
    number = real_number(value) if isinstance(value, str) and not is_unknown(value) else value
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _ownership_tag(tags: Any) -> Iterator[Problem]:
    """Whether the tags leave room for the ownership tag."""
    if isinstance(tags, Mapping) and not is_unknown(tags):
        for message in rules.ownership_tag_problems(tags):
            yield Problem("tags", message, TAKEN_TAG)


def of_template(resources: Mapping[str, Resource], requests: Mapping[str, Any]) -> Iterator[tuple[str, Problem]]:
    """The problems between resources of one template: the logical id and the problem.

    Args:
        resources: All resources.
        requests: The create requests of this library's resources.
    """
    yield from _hidden_gates(resources, requests)
    for logical_id, request in requests.items():
        if not isinstance(request, Mapping):
            continue
        kind = resources[logical_id].type
        if kind == _JOB:
            model = _request(resources, requests, request.get("configuredAudienceModelArn"), _CONFIGURED_MODEL)
            output = as_text(_dig(model, "outputConfig", "destination", "s3Destination", "s3Uri"))
            seed = as_text(_dig(request, "seedAudience", "dataSource", "s3Uri"))
            found = rules.bucket_problems(output, seed)
        elif kind == f"{RESOURCE_TYPE_PREFIX}AudienceExportJob":
            job = _request(resources, requests, request.get("audienceGenerationJobArn"), _JOB)
            model = _request(resources, requests, _dig(job, "configuredAudienceModelArn"), _CONFIGURED_MODEL)
            size, config = _dig(request, "audienceSize"), _dig(model, "audienceSizeConfig")
            both = isinstance(size, Mapping) and isinstance(config, Mapping)
            found = rules.export_size_problems(size, config, is_unknown) if both else []
        else:
            continue
        yield from ((logical_id, problem) for problem in found)


def _hidden_gates(resources: Mapping[str, Resource], requests: Mapping[str, Any]) -> Iterator[tuple[str, Problem]]:
    """Gates on metrics that the configured audience model of the job does not share."""
    for logical_id, resource in resources.items():
        gates = _dig(resource.properties, "Settings", "Gates") if resource.type == WAIT_RESOURCE_TYPE else None
        if not isinstance(gates, Mapping) or is_unknown(gates):
            continue
        job = _request(resources, requests, _dig(resource.properties, "Arn"), _JOB)
        model = _request(resources, requests, _dig(job, "configuredAudienceModelArn"), _CONFIGURED_MODEL)
        if _dig(model, "sharedAudienceMetrics") == ["NONE"]:
            for name in gates.keys() & {"minimumRecall", "minimumRelevance"}:
                message = "needs metrics of the job, but sharedAudienceMetrics of its configured audience model is NONE"
                yield logical_id, Problem(f"Settings.Gates.{name}", message, GATE.id)


def _request(resources: Mapping[str, Resource], requests: Mapping[str, Any], value: Any, kind: str) -> Any:
    """The request of the resource that a value refers to, if the resource is of the kind."""
    logical_id = target(value) or ""
    is_of_kind = logical_id in resources and resources[logical_id].type == kind
    return requests.get(logical_id) if is_of_kind else None


def _dig(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
