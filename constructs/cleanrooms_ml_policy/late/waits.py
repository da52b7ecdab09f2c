"""Waits that end before the run has to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.problem import ID_PREFIX, Problem
from cleanrooms_ml_handlers.rules import DEFAULT_MAX_RUNTIME_SECONDS, LONGEST_WAIT_SECONDS
from cleanrooms_ml_handlers.rules.durations import (
    HOUR_SECONDS,
    LONGEST_QUERIED_GENERATION_SECONDS,
    LONGEST_RUN_SECONDS,
    SYNTHETIC_CHANNEL_SECONDS,
)
from cleanrooms_ml_handlers.rules.rule import CrossRequestRule, Source
from cleanrooms_ml_handlers.timing import DEFAULT_TIMEOUT_SECONDS

from ..organization_checks import ANALYSIS_TEMPLATE, SYNTHETIC_DATA
from .gates import _SQL, _number
from .stack import Stack, dig

_MINUTE = 60
SHORT_WAIT = CrossRequestRule(
    f"{ID_PREFIX}short-wait",
    "wait",
    "usually as long as the run may take: `max_runtime` of a training, else what AWS documents",
    "The deployment gives up first and rolls back, and the run is paid for.",
    "Wait longer, shorten max_runtime, or use Wait.none() and on_state_change.",
    Source.guide("clean-rooms-ml-quotas", "Quotas for Clean Rooms ML"),
    is_advice=True,
)
RULES = (SHORT_WAIT,)


def check(stack: Stack) -> Iterator[tuple[str, Problem]]:
    """Yields each run that may take longer than the deployment waits for it."""
    for name, ready in stack.ends.items():
        request = stack.requests.get(name)
        if not isinstance(request, Mapping):
            continue
        settings = dig(ready.properties, "Settings")
        own, links = dig(settings, "TimeoutSeconds"), dig(settings, "WaitedSeconds")
        waited = (_number(own) if own is not None else DEFAULT_TIMEOUT_SECONDS, _number(links) if links else 0)
        longest = _longest(stack, stack.kind(name), request)
        if None in waited or longest is None:
            continue
        seconds = sum(each or 0 for each in waited)
        if seconds < longest[0]:
            more = "" if longest[0] < LONGEST_WAIT_SECONDS else "; use Wait.none() and on_state_change"
            message = f"is {_span(seconds)}, but {longest[1]} takes up to {_span(longest[0])}{more}"
            yield ready.logical_id, Problem("Settings.TimeoutSeconds", message, SHORT_WAIT.id)


def _longest(stack: Stack, kind: str, request: Mapping[str, Any]) -> tuple[float, str] | None:
    """How long a run may take, and what does; None if that is not known."""
    if kind == "TrainedModel":
        stated = dig(request, "stoppingCondition", "maxRuntimeInSeconds")
        seconds = _number(stated) if stated is not None else DEFAULT_MAX_RUNTIME_SECONDS
        return None if seconds is None else (seconds, "max_runtime: the training")
    if kind == "AudienceGenerationJob" and dig(request, "seedAudience", "sqlParameters") is not None:
        return LONGEST_QUERIED_GENERATION_SECONDS, "a generation job with a query"
    if kind == "MLInputChannel":
        template = stack.referred(dig(request, *_SQL, "analysisTemplateArn"), ANALYSIS_TEMPLATE)
        is_synthetic = template is not None and dig(template.properties, SYNTHETIC_DATA) is not None
        return (SYNTHETIC_CHANNEL_SECONDS, "synthetic data, a few hours,") if is_synthetic else None
    return (LONGEST_RUN_SECONDS[kind], "such a run") if kind in LONGEST_RUN_SECONDS else None


def _span(seconds: float) -> str:
    if seconds < HOUR_SECONDS:
        return f"{seconds / _MINUTE:g} minutes"
    return f"{round(seconds / HOUR_SECONDS, 2):g} hours"
