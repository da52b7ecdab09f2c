"""Metrics of a job that its configured audience model may not share."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from cleanrooms_ml_handlers.problem import ID_PREFIX
from cleanrooms_ml_handlers.resources.audience_generation_job import AUDIENCE_GENERATION_JOB

from ._warnings import warn

HIDDEN_METRICS = f"{ID_PREFIX}hidden-metrics"
_HIDDEN = (
    "is a metric of the job, which its configured audience model does not share: shared_audience_metrics is NONE. Pass "
    "shared_audience_metrics=SharedAudienceMetrics.ALL to ConfiguredAudienceModel"
)
_MAY_BE_HIDDEN = (
    "needs metrics of the job. The configured audience model is imported: if its sharedAudienceMetrics is NONE, the "
    "deployment fails after the job has run. Make sure that it is ALL"
)


def hides_metrics(configured_audience_model: object) -> bool | None:
    """Whether a configured audience model does not share the metrics of its jobs; None if it is imported."""
    found: bool | None = getattr(configured_audience_model, "_hides_metrics", None)
    return found


def hidden_gates(construct: Construct, line: str, hides: bool | None, gates: Mapping[str, float | None]) -> list[str]:
    """The gates on figures that are not shared; warns where that is not known.

    Args:
        construct: The job.
        line: The user's file and line.
        hides: Whether the metrics are hidden; None if it is not known.
        gates: Thresholds by the spec's names.
    """
    spec = AUDIENCE_GENERATION_JOB.gates
    given = [spec[name].keyword for name, threshold in gates.items() if threshold is not None]
    if given and hides is None:
        warn(construct, HIDDEN_METRICS, f"{' and '.join(given)} {_MAY_BE_HIDDEN}  [{line}]")
    return [f"{keyword} {_HIDDEN}" for keyword in given] if hides else []


def reject_hidden(construct: Construct, hides: bool | None, attribute: str) -> None:
    """Stops at an attribute that the service does not give.

    Raises:
        ValueError: The configured model does not share metrics.
    """
    if hides:
        raise ValueError(f"{construct.node.path}: {attribute} {_HIDDEN}")
