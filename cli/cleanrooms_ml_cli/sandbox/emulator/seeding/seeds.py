"""Resources that are put there rather than created: what other services or accounts would have created.

Every kind can be seeded. What a seed does not say has a default, with which the record is complete.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..behaviors import BEHAVIORS
from ..kinds import KINDS
from ..rules.members import memberships
from ..state.lifecycle import Record
from ..state.world import World
from .defaults import DEFAULTS, nothing
from .setting import Setting, stable_id

_FAILED_SEED = {"statusCode": "INTERNAL_ERROR", "message": "Seeded as failed"}

_REQUIRED_SYNTHETIC = {"epsilon", "maxMembershipInferenceAttackScore"}

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ID = re.compile(r"[-a-zA-Z0-9_.]+")

_DEFAULT_NAMES = {
    "TrainingDataset": "training",
    "AudienceModel": "lookalike",
    "ConfiguredAudienceModel": "provided",
    "ConfiguredModelAlgorithmAssociation": "algorithm",
}


@dataclass(frozen=True)
class Seed:
    """What a seed says of a record.

    Args:
        kind: Name of its kind.
        name: Its name. Default: one for the kind.
        identifier: Its identifier. Default: one that is always the same for the same seed.
        account: Whose it is. Default: the emulator's.
        status: The status that it has and keeps.
        tags: Its tags.
        membership_id: Its membership, which is seeded too. Default: one that is always the same.
        collaboration_id: The collaboration of that membership.
        data: Members of the API that are not as by default.
        region: Where it is. Default: the emulator's Region.
    """

    kind: str
    name: str = ""
    identifier: str = ""
    account: str = ""
    status: str = "ACTIVE"
    tags: Mapping[str, str] = field(default_factory=dict)
    membership_id: str = ""
    collaboration_id: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    region: str = ""

    @property
    def known_as(self) -> str:
        """Its name."""
        return self.name or _DEFAULT_NAMES.get(self.kind, f"seeded-{self.kind}")


def plant(world: World, seed: Seed, *, keep: bool = False) -> Record:
    """A record of any kind.

    Args:
        world: The world.
        seed: What it is.
        keep: Whether one with the same identifier stays as it is, rather than being replaced.

    Raises:
        ValueError: An identifier has a form that the service's have not.
    """
    kind = KINDS[seed.kind]
    with world.as_account(seed.account):
        if kind.name == "Membership":
            joined = plant_membership(world, seed.identifier or seed.membership_id, seed.collaboration_id)
            joined.data |= seed.data
            joined.tags.update(seed.tags)
            return joined
        data: dict[str, Any] = {kind.name_field: seed.known_as}
        if kind.in_membership or kind.with_membership:
            joined = plant_membership(world, seed.membership_id, seed.collaboration_id)
            data |= {
                "membershipIdentifier": joined.data["membershipIdentifier"],
                "collaborationIdentifier": joined.data["collaborationIdentifier"],
                "creatorAccountId": world.account,
            }
        data |= seed.data
        setting = Setting(world, seed.known_as, lambda kind, name: _beside(world, seed, kind, name))
        for member, value in DEFAULTS.get(kind.name, nothing)(setting).items():
            if member not in data:
                data[member] = value() if callable(value) else value
        stable = stable_id(kind.name, str(data.get("membershipIdentifier", "")), str(data[kind.name_field]))
        identifier = _checked(_ID, seed.identifier or str(data.get(kind.id_field) or stable))
        record = world.new_record(kind, data, dict(seed.tags), identifier)
        if keep and record.key in world.records:
            return world.records[record.key]
        BEHAVIORS[kind.name].complete(world, record)
    record.timeline = [(record.created, kind.own_status(seed.status))]
    record.seeded = True
    record.failure = _FAILED_SEED
    world.add(record)
    return record


def _beside(world: World, seed: Seed, kind: str, name: str) -> str:
    return plant(world, Seed(kind, name, membership_id=seed.membership_id), keep=True).arn


def plant_membership(world: World, membership_id: str = "", collaboration_id: str = "") -> Record:
    """A membership of the account; one that is there already stays as it is.

    Another account than the emulator's is by default in the collaboration of the emulator's default membership.
    """
    is_foreign = world.account != world.home
    if is_foreign and not collaboration_id:
        with world.as_account(world.home):
            collaboration_id = str(plant_membership(world).data["collaborationIdentifier"])
    if is_foreign and not membership_id and world.account in (joined := memberships(world, collaboration_id)):
        return joined[world.account]
    default = stable_id("membership", world.account, collaboration_id) if is_foreign else stable_id("membership")
    identifier = _checked(_UUID, membership_id or default)
    for record in world.of_kind("Membership"):
        if record.data["membershipIdentifier"] == identifier:
            return record
    kind = KINDS["Membership"]
    collaboration = _checked(_UUID, collaboration_id or stable_id("collaboration", identifier))
    data: dict[str, Any] = {
        kind.id_field: identifier,
        "collaborationIdentifier": collaboration,
        "collaborationArn": world.arn(KINDS["Collaboration"], {}, collaboration, world.home),
        "collaborationCreatorAccountId": world.home,
    }
    record = world.new_record(kind, data, {}, identifier)
    BEHAVIORS[kind.name].complete(world, record)
    record.seeded = True
    world.add(record)
    return record


def plant_template(
    world: World,
    membership_id: str = "",
    *,
    identifier: str = "",
    synthetic: Mapping[str, Any] | None = None,
    score: float | None = None,
) -> Record:
    """An analysis template; with synthetic data parameters, its channels get synthetic data.

    Raises:
        ValueError: The parameters lack one that is required.
    """
    data: dict[str, Any] = {}
    if synthetic is not None:
        if missing := _REQUIRED_SYNTHETIC - synthetic.keys():
            raise ValueError(f"synthetic lacks {', '.join(sorted(missing))}")
        data = {"syntheticDataParameters": {"mlSyntheticDataParameters": dict(synthetic)}, "seededScore": score}
    membership = plant_membership(world, membership_id).data["membershipIdentifier"]
    chosen = identifier or stable_id("template", membership)
    return plant(world, Seed("AnalysisTemplate", identifier=chosen, membership_id=membership_id, data=data))


def _checked(pattern: re.Pattern[str], text: str) -> str:
    """An identifier as the service's ARNs can carry it.

    Raises:
        ValueError: It has another form.
    """
    if not pattern.fullmatch(text):
        raise ValueError(f"the identifier {text!r} does not match {pattern.pattern}")
    return text
