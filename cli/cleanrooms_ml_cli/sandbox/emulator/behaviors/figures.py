"""What a run finds: figures that look real and are always the same for a name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from ..rules.queries import synthetic_parameters, template_of
from ..state.lifecycle import Record
from ..state.world import World

ATTACK_VERSION = "DISTANCE_TO_CLOSEST_RECORD_V1"

# Without audienceSizeConfig the service chooses the bins; which ones is not documented.
DEFAULT_SIZES: Mapping[str, Any] = {"audienceSizeType": "PERCENTAGE", "audienceSizeBins": [1, 2, 5, 10, 20]}


def channel(world: World, record: Record) -> dict[str, Any]:
    """What a channel holds."""
    name = record.name
    records = share(name, "records", 20_000, 2_000_000)
    found: dict[str, Any] = {
        "numberOfRecords": records,
        "numberOfFiles": float(share(name, "files", 1, 64)),
        "sizeInGb": round(records * share(name, "bytes", 80, 400) / 1e9, 6),
    }
    if world.options.access_budget:
        found["privacyBudgets"] = {"accessBudgets": [_access_budget(world, record)]}
    template = template_of(world, record)
    if template is not None and synthetic_parameters(template) is not None:
        scores = [{"attackVersion": ATTACK_VERSION, "score": attack_score(record, template)}]
        found["syntheticDataConfiguration"] = {
            **record.data["syntheticDataConfiguration"],
            "syntheticDataEvaluationScores": {"dataPrivacyScores": {"membershipInferenceAttackScores": scores}},
        }
    return found


def _access_budget(world: World, record: Record) -> dict[str, Any]:
    """The budget of a collaboration's table after the query of a channel."""
    collaboration, budget = record.data["collaborationIdentifier"], world.options.access_budget
    earlier = sum(
        each.kind == record.kind
        and each.number < record.number
        and each.data.get("collaborationIdentifier") == collaboration
        for each in world.records.values()
    )
    remaining = max(0, budget - earlier - 1)
    period = {"startTime": record.created, "remainingBudget": remaining, "budget": budget, "budgetType": "LIFETIME"}
    table = f"arn:aws:cleanrooms:{world.region}:{record.account}:membership/{record.data['membershipIdentifier']}"
    return {
        "resourceArn": f"{table}/configuredtableassociation/{collaboration}",
        "details": [period],
        "aggregateRemainingBudget": remaining,
    }


def audience(name: str, model: Mapping[str, Any]) -> dict[str, Any]:
    """What a generation job says of its audience, as far as the model's owner shares it."""
    if model["sharedAudienceMetrics"] == ["NONE"]:
        return {}
    sizes = model.get("audienceSizeConfig") or DEFAULT_SIZES
    best = share(name, "relevance", 700, 950) / 1000
    relevance = [
        {
            "audienceSize": {"type": sizes["audienceSizeType"], "value": value},
            "score": round(best * 0.96**index, 4),
        }
        for index, value in enumerate(sorted(sizes["audienceSizeBins"]))
    ]
    recall = share(name, "recall", 600, 900) / 1000
    return {"metrics": {"relevanceMetrics": relevance, "recallMetric": recall}}


def attack_score(record: Record, template: Record) -> float:
    """The score of a synthetic channel: the template's, if one was seeded, or one a little above a half."""
    seeded: float | None = template.data.get("seededScore")
    return seeded if seeded is not None else share(record.name, "score", 500, 560) / 1000


def digest(text: str) -> str:
    """The digest of a container image."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def share(name: str, what: str, low: int, high: int) -> int:
    """A number from low to high that is always the same for a name."""
    value = hashlib.sha256(f"{what}\n{name}".encode()).digest()
    return low + int.from_bytes(value[:8], "big") % (high - low + 1)
