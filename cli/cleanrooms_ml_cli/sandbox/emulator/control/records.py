"""The records of the emulator as a test or a user sees them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from ..behaviors.views import view
from ..kinds import KINDS
from ..rules.resource_policy import POLICY_KIND, policy_key
from ..state.journal import redacted_record
from ..state.lifecycle import Record
from ..state.world import World


class NoSuchRecordError(LookupError):
    """The service holds no such record, or not in a state in which this can be done to it."""


def listed(worlds: Sequence[World], *, seeded: bool, raw: bool) -> list[dict[str, Any]]:
    """Every record in the order of creation; a resource policy is one of its own.

    Args:
        worlds: Those of all Regions.
        seeded: Whether to list what was seeded too.
        raw: Whether to show what AWS marks as sensitive.
    """
    found: list[dict[str, Any]] = []
    held = [(world, record) for world in worlds for record in world.records.values()]
    if len(worlds) > 1:
        held.sort(key=lambda it: it[1].created)
    for world, record in held:
        if seeded or not record.seeded:
            found.append(_described(world, record, raw=raw))
        if record.policy is not None and (seeded or not record.seeded_policy):
            found.append(_described_policy(world, record, raw=raw))
    return found


def runs(world: World) -> list[dict[str, Any]]:
    """The statuses over time, those to come included, of every record that has more than one."""
    return [
        {
            "arn": record.key,
            "timeline": [
                {"time": begins, "status": KINDS[record.kind].statuses.get(status, status)}
                for begins, status in record.timeline
            ],
        }
        for record in world.records.values()
        if len(record.timeline) > 1
    ]


def one(world: World, key: str) -> dict[str, Any]:
    """One record, sensitive members included.

    Raises:
        NoSuchRecordError: There is no such record.
    """
    if model := model_of_policy(world, key):
        return _described_policy(world, model, raw=True)
    return _described(world, existing(world, key), raw=True)


def existing(world: World, key: str) -> Record:
    """The record of a key.

    Raises:
        NoSuchRecordError: There is no such record.
    """
    try:
        return world.records[key]
    except KeyError:
        raise NoSuchRecordError(f"there is no record {key}") from None


def model_of_policy(world: World, key: str) -> Record | None:
    """The model with the policy of a key; None if this is no key of a policy."""
    models = world.of_kind("ConfiguredAudienceModel")
    return next((it for it in models if it.policy is not None and policy_key(it.arn) == key), None)


def _described(world: World, record: Record, *, raw: bool) -> dict[str, Any]:
    members = copy.deepcopy(view(world, record))
    if not raw:
        members = redacted_record(KINDS[record.kind], members)
    return {
        "kind": record.kind,
        "arn": record.key,
        "account": record.account,
        "region": world.region,
        "name": record.name,
        "status": members.pop("status"),
        "holds": world.holds(record),
        "seeded": record.seeded,
        "tags": members.pop("tags"),
        "data": members,
    }


def _described_policy(world: World, record: Record, *, raw: bool) -> dict[str, Any]:
    return {
        "kind": POLICY_KIND,
        "arn": policy_key(record.arn),
        "account": record.account,
        "region": world.region,
        "name": "",
        "status": "",
        "holds": True,
        "seeded": record.seeded_policy,
        "tags": {},
        "data": {"configuredAudienceModelPolicy": record.policy} if raw else {},
    }
