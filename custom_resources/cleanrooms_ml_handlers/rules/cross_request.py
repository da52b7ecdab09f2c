"""Cross-request rules: about two requests, or about arguments of this library that the API does not have."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeGuard

from ..constraints import Bounds
from ..model import service_model
from ..problem import ID_PREFIX, Problem, nothing_is_unknown, rendered, shown
from ..spec import ResourceSpec
from . import analysis_rule
from .rule import CrossRequestRule, Finder, Source

SECONDS_PER_DAY = 24 * 60 * 60
# An event of CloudFormation and a template have at most 1 MB, and an update contains old and new properties.
INLINE_BYTES = 60 * 1024
# A chain of custom resources of at most an hour each; a shorter wait has hardly a second poll.
SHORTEST_WAIT_SECONDS = 60
LONGEST_WAIT_SECONDS = 36 * 60 * 60
# The user guide says -1 to 1, the model 0 to 10: only what neither allows is refused.
RELEVANCE_BOUNDS = (-1, 10)
_RELEVANCE = "RelevanceMetricScoreDouble"

# Values with which the construct computes, or by which it chooses: it cannot with a token.
KNOWN_AT_SYNTH = (
    "AudienceSizeBins",
    "AudienceSizeValue",
    "WorkerComputeConfigurationNumberInteger",
    "CreateMLInputChannelRequestRetentionInDaysInteger",
)


_OURS = Source("this library")
EXPORT_SIZE = CrossRequestRule(
    f"{ID_PREFIX}export-size",
    "audienceSize of an export",
    "one of the bins of the configured audience model, where both are known at synth",
    "The service exports only the sizes that it has computed.",
    "Export one of the bins, or add the bin to the model.",
    Source.api("AudienceSize"),
)
OUTPUT_BUCKET = CrossRequestRule(
    f"{ID_PREFIX}output-bucket",
    "bucket of the seed",
    "usually another bucket than that of the configured audience model's output",
    "The owner of the model reads the output and should not see the seed. AWS documents no such limit.",
    "Keep the seed in a bucket of its own.",
    _OURS,
    is_advice=True,
)
INLINE_SIZE = CrossRequestRule(
    f"{ID_PREFIX}inline-size",
    "all properties of a resource",
    f"at most {INLINE_BYTES // 1024} KB of JSON",
    "A template and an event have at most 1 MB, and an update contains the properties twice.",
    "Keep the SQL in a file and pass ProtectedQuery.from_asset(path).",
    _OURS,
)
GATE = CrossRequestRule(
    f"{ID_PREFIX}gate",
    "quality gates",
    f"a relevance {RELEVANCE_BOUNDS[0]} to {RELEVANCE_BOUNDS[1]}, other scores 0 to 1, counts whole and within what "
    "the service counts",
    "A threshold outside the figure's range is always or never met.",
    "Choose a threshold within the range.",
    Source.guide("ml-metrics", "Model evaluation metrics"),
)
WAIT = CrossRequestRule(
    f"{ID_PREFIX}wait",
    "wait",
    f"{SHORTEST_WAIT_SECONDS // 60} minute to {LONGEST_WAIT_SECONDS // 3600} hours",
    "A longer wait needs too many custom resources; no run of the service except training takes longer.",
    "Use Wait.none() and subscribe to the event of the end.",
    _OURS,
)
WHOLE_DAYS = CrossRequestRule(
    f"{ID_PREFIX}retention",
    "retention",
    "whole days",
    "The service counts days.",
    "Give Duration.days(n).",
    Source.api("CreateMLInputChannel"),
)
NOT_KNOWN = CrossRequestRule(
    f"{ID_PREFIX}known-at-synth",
    "size bins, numbers of workers, retention",
    "known at synth",
    "Limits cannot be checked, and arithmetic on a token corrupts it silently.",
    "Pass a plain value.",
    _OURS,
)
CROSS_REQUEST_RULES = (
    EXPORT_SIZE,
    OUTPUT_BUCKET,
    INLINE_SIZE,
    GATE,
    WAIT,
    WHOLE_DAYS,
    NOT_KNOWN,
    *analysis_rule.RULES,
)
_ADVICE = frozenset(rule.id for rule in CROSS_REQUEST_RULES if rule.is_advice)


def is_advice(problem: object) -> TypeGuard[Problem]:
    """Whether a problem of a cross-request rule is a warning."""
    return isinstance(problem, Problem) and problem.rule in _ADVICE


def export_size_problems(
    size: Mapping[str, Any],
    config: Mapping[str, Any] | None,
    skip: Callable[[object], bool] = nothing_is_unknown,
    path: str = "audienceSize",
) -> list[Problem]:
    """Whether the size of an exported audience is one that its model was configured with.

    Args:
        size: `audienceSize` of the export.
        config: `audienceSizeConfig` of the configured audience model; None if it is not known, or if the model has
            none: which sizes the service then accepts is not documented.
        skip: Returns whether a value is not known yet.
        path: The path of the problem.
    """
    if config is None or skip(config) or skip(size):
        return []
    kind, wanted = size.get("type"), size.get("value")
    offered, bins = config.get("audienceSizeType"), config.get("audienceSizeBins")
    if not isinstance(bins, list | tuple) or any(skip(item) for item in (kind, wanted, offered, bins, *bins)):
        return []
    if kind == offered and wanted in bins:
        return []
    allowed = ", ".join(str(item) for item in bins)
    return [Problem(path, f"is {kind} {wanted}; the model's sizes are {offered} {allowed}", EXPORT_SIZE.id)]


def bucket_problems(
    output_uri: object,
    seed_uri: object,
    skip: Callable[[object], bool] = nothing_is_unknown,
    path: str = "seedAudience.dataSource.s3Uri",
) -> list[Problem]:
    """Whether the seed is in the bucket of the output. Two unknown buckets can be equal too.

    Args:
        output_uri: The output of the configured audience model.
        seed_uri: The seed.
        skip: Returns whether a value is not known yet: messages do not show it.
        path: The path of the problem.
    """
    output, seed = _bucket(output_uri), _bucket(seed_uri)
    if not output or output != seed:
        return []
    bucket = "same bucket as" if skip(seed) else f"bucket {shown(seed)} of"
    return [
        Problem(
            path,
            f"is in the {bucket} the configured audience model's output; use another one, because the owner of the "
            "model should not see the seed",
            OUTPUT_BUCKET.id,
        )
    ]


def _bucket(uri: object) -> str:
    return uri.removeprefix("s3://").split("/")[0] if isinstance(uri, str) else ""


def inline_problems(properties: Mapping[str, Any]) -> list[Problem]:
    """Whether the properties of a custom resource are too large for a template."""
    text = json.dumps(properties, default=str, ensure_ascii=False, separators=(",", ":"))
    size = len(text.encode("utf-8", "surrogatepass"))
    if size <= INLINE_BYTES:
        return []
    message = f"request has {size} bytes; allowed {INLINE_BYTES}. {INLINE_SIZE.fix.removesuffix('.')}"
    return [Problem("", message, INLINE_SIZE.id)]


def gate_problems(
    spec: ResourceSpec, gates: Mapping[str, object], skip: Callable[[object], bool] = nothing_is_unknown
) -> list[Problem]:
    """Which thresholds of quality gates are outside the range of their figure.

    Args:
        spec: The kind of resource.
        gates: Thresholds by the names of the spec's gates.
        skip: Returns whether a value is not known yet.
    """
    problems = []
    for name, value in gates.items():
        if value is None or skip(value):
            continue
        threshold = spec.gates.get(name)
        if threshold is None:
            allowed = ", ".join(spec.gates) or "none"
            problems.append(Problem(name, f"is not a quality gate of {spec.kind}; allowed are {allowed}", GATE.id))
            continue
        low, high, is_whole = _range(spec, threshold.figure)
        is_number = isinstance(value, int if is_whole else int | float) and not isinstance(value, bool)
        if not (isinstance(value, int | float) and is_number and low <= value <= high):
            whole = " and whole" if is_whole else ""
            allowed = f"{Bounds(low, high)}{whole}"
            problems.append(Problem(threshold.keyword, f"is {shown(value)}; allowed {allowed}", GATE.id))
    return problems


def _range(spec: ResourceSpec, figure: str) -> tuple[float, float, bool]:
    """The range of a figure of the answer: the model's bounds, and for a relevance the documented ones too."""
    model = service_model(spec.service)
    assert spec.get is not None, "only what can be got has figures"
    name = model.operations[spec.get].output or ""
    for step in figure.replace("[]", ".[]").split("."):
        shape = model.shapes[name]
        name = (shape["member"] if step == "[]" else shape["members"][step])["shape"]
    shape = model.shapes[name]
    low, high = RELEVANCE_BOUNDS if name == _RELEVANCE else (shape.get("min", -math.inf), shape.get("max", math.inf))
    return low, high, shape["type"] in ("integer", "long")


def wait_problems(seconds: float, path: str = "wait") -> list[Problem]:
    """Whether a wait is too short or too long."""
    if SHORTEST_WAIT_SECONDS <= seconds <= LONGEST_WAIT_SECONDS:
        return []
    return [Problem(path, f"is {_plain(seconds)} seconds; allowed {WAIT.limit}", WAIT.id)]


def _plain(seconds: float) -> str:
    # A template may contain integers beyond every float.
    return str(int(seconds)) if isinstance(seconds, float) and seconds.is_integer() else shown(seconds)


def retention_problems(seconds: float, path: str = "retention") -> list[Problem]:
    """Whether a retention is not a number of whole days; the model limits the number."""
    if seconds % SECONDS_PER_DAY == 0:
        return []
    return [Problem(path, f"is {_plain(seconds)} seconds; {WHOLE_DAYS.limit} are needed", WHOLE_DAYS.id)]


def known_problems(
    service: str, operation: str, request: Mapping[str, Any], skip: Callable[[object], bool]
) -> list[Problem]:
    """Which values are not known at synth although they must be."""
    return [
        Problem(rendered(at.path), "is a token; it has to be known at synth. Pass a plain value", NOT_KNOWN.id)
        for at in _finder(service).occurrences(operation, request, skip)
        if skip(at.value)
    ]


@cache
def _finder(service: str) -> Finder:
    return Finder(service_model(service), KNOWN_AT_SYNTH)
