"""What a run finds: figures that look real and are always the same for a name."""

from __future__ import annotations

import hashlib
from typing import Any

from .lifecycle import Record
from .queries import template_of
from .world import AnalysisTemplate, World

ATTACK_VERSION = "DISTANCE_TO_CLOSEST_RECORD_V1"

# Without audienceSizeConfig the service chooses the bins; which ones is not documented.
_DEFAULT_BINS = ("PERCENTAGE", (1, 2, 5, 10, 20))


def results(world: World, record: Record) -> dict[str, Any]:
    """The members that a record shows once it is ready."""
    if record.kind == "MLInputChannel":
        return _channel_results(world, record)
    if record.kind == "AudienceGenerationJob":
        return _job_results(world, record)
    return {}


def _channel_results(world: World, record: Record) -> dict[str, Any]:
    name = record.name
    records = share(name, "records", 20_000, 2_000_000)
    found: dict[str, Any] = {
        "numberOfRecords": records,
        "numberOfFiles": float(share(name, "files", 1, 64)),
        "sizeInGb": round(records * share(name, "bytes", 80, 400) / 1e9, 6),
    }
    template = template_of(world, record)
    if template is not None and template.synthetic is not None:
        scores = [{"attackVersion": ATTACK_VERSION, "score": attack_score(record, template)}]
        found["syntheticDataConfiguration"] = {
            **record.data["syntheticDataConfiguration"],
            "syntheticDataEvaluationScores": {"dataPrivacyScores": {"membershipInferenceAttackScores": scores}},
        }
    return found


def _job_results(world: World, record: Record) -> dict[str, Any]:
    model = world.records[record.data["configuredAudienceModelArn"]].data
    if model["sharedAudienceMetrics"] == ["NONE"]:
        return {}
    config = model.get("audienceSizeConfig")
    size_type, bins = (config["audienceSizeType"], config["audienceSizeBins"]) if config else _DEFAULT_BINS
    best = share(record.name, "relevance", 700, 950) / 1000
    relevance = [
        {"audienceSize": {"type": size_type, "value": value}, "score": round(best * 0.96**place, 4)}
        for place, value in enumerate(sorted(bins))
    ]
    recall = share(record.name, "recall", 300, 900) / 1000
    return {"metrics": {"relevanceMetrics": relevance, "recallMetric": recall}}


def attack_score(record: Record, template: AnalysisTemplate) -> float:
    """The score of a synthetic channel: the template's, or one a little above a half."""
    return template.score if template.score is not None else share(record.name, "score", 500, 560) / 1000


def share(name: str, what: str, low: int, high: int) -> int:
    """A number from low to high that is always the same for a name."""
    digest = hashlib.sha256(f"{what}\n{name}".encode()).digest()
    return low + int.from_bytes(digest[:8], "big") % (high - low + 1)
