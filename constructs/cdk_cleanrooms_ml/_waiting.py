"""What is between a run and its result: `Ready`, and the links of a wait that is longer than an hour."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from aws_cdk import CfnResource
from constructs import Construct

from cleanrooms_ml_handlers.shared_names import WAIT_RESOURCE_TYPE
from cleanrooms_ml_handlers.spec import ResourceSpec
from cleanrooms_ml_handlers.timing import DEFAULT_TIMEOUT_SECONDS

from ._narrow import create_unchecked
from .wait import Wait

READY = "Ready"
_LINK = "Wait"


def link_count(seconds: int) -> int:
    """How many links a wait has before `Ready`, each of them as long as a custom resource can be."""
    from cleanrooms_ml_handlers.rules import wait_problems  # here: expensive to import

    if wait_problems(seconds):
        # Refused at synth: a chain of thousands would only delay saying so.
        return 0
    return (seconds - 1) // DEFAULT_TIMEOUT_SECONDS


def wait_for(
    scope: Construct,
    logical_id: str,
    kind: str,
    *,
    common: Mapping[str, Any],
    seconds: int,
    thresholds: Mapping[str, float],
) -> list[CfnResource]:
    """Creates what waits for a run: links, each after the one before, and `Ready` at the end.

    Whatever the wait, they have the same ids: changing it never moves an export.

    Args:
        scope: The construct of the run.
        logical_id: Of the run's `Resource`.
        kind: Of the run.
        common: The properties that every custom resource has.
        seconds: How long to wait.
        thresholds: Quality gates by the spec's names.
    """
    watched = {
        **common,
        "Kind": kind,
        # The physical id: the versions of a model share an ARN, and exports have none.
        "Arn": {"Ref": logical_id},
        "RequestHash": {"Fn::GetAtt": [logical_id, "RequestHash"]},
    }
    from cleanrooms_ml_handlers.rules import SHORTEST_WAIT_SECONDS  # here: expensive to import

    links = link_count(seconds)
    chain = [
        _wait(scope, f"{_LINK}{number}", {**watched, "Settings": {"Link": True}}) for number in range(1, links + 1)
    ]
    settings: dict[str, Any] = {}
    remaining = max(seconds - links * DEFAULT_TIMEOUT_SECONDS, SHORTEST_WAIT_SECONDS)
    if remaining != DEFAULT_TIMEOUT_SECONDS:
        settings["TimeoutSeconds"] = remaining
    if links:
        # For its message: what was waited for is the whole chain.
        settings["WaitedSeconds"] = links * DEFAULT_TIMEOUT_SECONDS
    if thresholds:
        settings["Gates"] = dict(thresholds)
    ready = {**watched, "Settings": settings} if settings else watched
    chain.append(_wait(scope, READY, ready))
    for before, after in pairwise(chain):
        after.add_resource_dependency(before)
    return chain


def _wait(scope: Construct, id: str, properties: Mapping[str, Any]) -> CfnResource:
    return create_unchecked(CfnResource, scope, id, {"type": WAIT_RESOURCE_TYPE, "properties": properties})


def waiting_problems(spec: ResourceSpec, wait: Wait, thresholds: Mapping[str, float]) -> list[object]:
    """What is wrong with a wait, and the quality gates that need one.

    Args:
        spec: The kind of the construct.
        wait: The user's argument.
        thresholds: Its quality gates by the spec's names.
    """
    from cleanrooms_ml_handlers import rules  # here: expensive to import

    if not spec.long_running:
        return []
    if wait.timeout_seconds is not None:
        return list(rules.wait_problems(wait.timeout_seconds))
    return [
        f"{spec.gates[name].keyword} is checked at the end of the run, for which this deployment does not wait: wait "
        "is Wait.none(). Use Wait.until_active(...), or drop the gate"
        for name in thresholds
    ]
