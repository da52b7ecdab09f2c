"""Waits that end before the run has to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cleanrooms_ml_handlers.problem import ID_PREFIX, Problem
from cleanrooms_ml_handlers.rules import DEFAULT_MAX_RUNTIME_SECONDS, LONGEST_WAIT_SECONDS
from cleanrooms_ml_handlers.rules.durations import (
    HOUR_SECONDS,
    SHORTEST_RUN_SECONDS,
    SHORTEST_SYNTHETIC_SECONDS,
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
    "usually as long as a training may take, `max_runtime`, and as the shortest other run does",
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
        needed = _needed(stack, stack.kind(name), request)
        if None in waited or needed is None:
            continue
        seconds = sum(each or 0 for each in waited)
        if seconds < needed[0]:
            message = f"is {_span(seconds)}, but {needed[1]} {_span(needed[0])}"
            if needed[0] > LONGEST_WAIT_SECONDS:
                message += f"; the longest wait is {_span(LONGEST_WAIT_SECONDS)}"
            yield ready.logical_id, Problem("Settings.TimeoutSeconds", message, SHORT_WAIT.id)


def _needed(stack: Stack, kind: str, request: Mapping[str, Any]) -> tuple[float, str] | None:
    """How long to wait at least, and what for; None if that is not known."""
    if kind == "TrainedModel":
        stated = dig(request, "stoppingCondition", "maxRuntimeInSeconds")
        seconds = _number(stated) if stated is not None else DEFAULT_MAX_RUNTIME_SECONDS
        return None if seconds is None else (seconds, "the training may take")
    if kind == "MLInputChannel":
        template = stack.referred(dig(request, *_SQL, "analysisTemplateArn"), ANALYSIS_TEMPLATE)
        is_synthetic = template is not None and dig(template.properties, SYNTHETIC_DATA) is not None
        return (SHORTEST_SYNTHETIC_SECONDS, "synthetic data takes a few hours, at least") if is_synthetic else None
    return (SHORTEST_RUN_SECONDS[kind], "such a run takes at least") if kind in SHORTEST_RUN_SECONDS else None


def _span(seconds: float) -> str:
    if seconds < HOUR_SECONDS:
        return f"{seconds / _MINUTE:g} minutes"
    hours = round(seconds / HOUR_SECONDS, 2)
    return "an hour" if hours == 1 else f"{hours:g} hours"
