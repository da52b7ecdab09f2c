"""Resources that are put there rather than created: what other services, or other accounts, would have made."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from .kinds import KINDS
from .lifecycle import Record
from .world import AnalysisTemplate, Membership, World

_FAILED_SEED = {"statusCode": "INTERNAL_ERROR", "message": "Seeded as failed"}

_REQUIRED_SYNTHETIC = {"epsilon", "maxMembershipInferenceAttackScore"}

# So that a sandbox that is started again has the same ARNs.
_NAMESPACE = uuid.UUID("6f2cb1b0-8a5e-4d8e-9d5e-5f0d3f6f1b11")


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ID = re.compile(r"[-a-zA-Z0-9_.]+")


def _checked(pattern: re.Pattern[str], text: str) -> str:
    """An identifier as the service's ARNs can carry it.

    Raises:
        ValueError: It has another form.
    """
    if not pattern.fullmatch(text):
        raise ValueError(f"the identifier {text!r} does not match {pattern.pattern}")
    return text


def stable_id(*parts: str) -> str:
    """An identifier that is always the same for the same words."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def seed_membership(world: World, membership_id: str | None = None, collaboration_id: str | None = None) -> Membership:
    """A membership of this account; one that is there already stays as it is."""
    identifier = _checked(_UUID, membership_id or stable_id("membership"))
    if identifier not in world.memberships:
        collaboration = _checked(_UUID, collaboration_id or stable_id("collaboration", identifier))
        world.memberships[identifier] = Membership(identifier, collaboration)
    return world.memberships[identifier]


def seed_record(
    world: World,
    kind_name: str,
    data: Mapping[str, Any],
    *,
    status: str = "ACTIVE",
    identifier: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Record:
    """A record of any kind, in a status that it keeps; it replaces one with the same identifier."""
    kind = KINDS[kind_name]
    chosen = identifier or stable_id(kind_name, str(data.get("membershipIdentifier", "")), data["name"])
    _checked(_ID, chosen)
    record = world.new_record(kind, dict(data), dict(tags or {}), chosen)
    record.timeline = [(record.created, status)]
    record.seeded = True
    record.failure = _FAILED_SEED
    world.records[record.arn] = record
    return record


def seed_training_dataset(world: World, name: str, identifier: str | None = None) -> Record:
    """A training dataset."""
    return seed_record(world, "TrainingDataset", {"name": name}, identifier=identifier)


def seed_audience_model(
    world: World,
    name: str,
    status: str = "ACTIVE",
    *,
    identifier: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Record:
    """An audience model with a training dataset of its own."""
    dataset = seed_training_dataset(world, f"{name[:50]}-dataset")
    data = {"name": name, "trainingDatasetArn": dataset.arn}
    return seed_record(world, "AudienceModel", data, status=status, identifier=identifier, tags=tags)


def seed_association(
    world: World,
    membership_id: str | None = None,
    name: str = "algorithm",
    *,
    collaboration_id: str | None = None,
    identifier: str | None = None,
    account: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Record:
    """A configured model algorithm association with its membership.

    One of another account belongs to another membership of the same collaboration.
    """
    owner = account or world.account
    if owner == world.account:
        membership = seed_membership(world, membership_id, collaboration_id)
        identifier_of_membership, collaboration = membership.identifier, membership.collaboration
    else:
        collaboration = collaboration_id or seed_membership(world).collaboration
        identifier_of_membership = membership_id or stable_id("membership", owner)
    algorithm = f"arn:{world.partition}:cleanrooms-ml:{world.region}:{owner}:configured-model-algorithm"
    data = {
        "name": name,
        "membershipIdentifier": identifier_of_membership,
        "collaborationIdentifier": collaboration,
        "creatorAccountId": owner,
        "configuredModelAlgorithmArn": f"{algorithm}/{stable_id('algorithm', name)}",
        "privacyConfiguration": {"policies": {}},
    }
    kind = "ConfiguredModelAlgorithmAssociation"
    return seed_record(world, kind, data, identifier=identifier, tags=tags)


def seed_configured_audience_model(
    world: World,
    name: str,
    *,
    account: str | None = None,
    identifier: str | None = None,
    policy: str | None = None,
) -> Record:
    """A configured audience model, of another account if wanted, with an audience model of its own."""
    owner = account or world.account
    model = seed_audience_model(world, f"{name[:50]}-model")
    data = {
        "name": name,
        "creatorAccountId": owner,
        "audienceModelArn": model.arn,
        "outputConfig": {
            "destination": {"s3Destination": {"s3Uri": f"s3://audiences-{owner}/output"}},
            "roleArn": f"arn:{world.partition}:iam::{owner}:role/cleanrooms-ml-output",
        },
        "sharedAudienceMetrics": ["ALL"],
    }
    record = seed_record(world, "ConfiguredAudienceModel", data, identifier=identifier)
    record.policy = policy
    return record


def seed_analysis_template(
    world: World,
    membership_id: str | None = None,
    *,
    identifier: str | None = None,
    synthetic: Mapping[str, Any] | None = None,
    score: float | None = None,
) -> AnalysisTemplate:
    """An analysis template; with synthetic data parameters, channels made from it get synthetic data.

    Raises:
        ValueError: The parameters lack one that is required.
    """
    if synthetic is not None and (missing := _REQUIRED_SYNTHETIC - synthetic.keys()):
        raise ValueError(f"synthetic lacks {', '.join(sorted(missing))}")
    membership = seed_membership(world, membership_id).identifier
    chosen = identifier or stable_id("template", membership)
    arn = (
        f"arn:{world.partition}:cleanrooms:{world.region}:{world.account}:"
        f"membership/{membership}/analysistemplate/{chosen}"
    )
    template = AnalysisTemplate(arn, dict(synthetic) if synthetic is not None else None, score)
    world.templates[arn] = template
    return template
