"""Seeding the emulated services from Python: any kind, and shorter ways for what tests and demos need most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..state.state import State
from . import seeds
from .seeds import Seed


class Seeder:
    """Puts resources there rather than creating them. Each is in the status that it has for good.

    Args:
        state: The state of the emulator.
        region: Where. Default: the emulator's Region.
    """

    def __init__(self, state: State, region: str = "") -> None:
        self._state = state
        self._region = region

    def in_region(self, region: str) -> Seeder:
        """The same in a Region; an empty one is this one's."""
        return Seeder(self._state, region or self._region)

    def plant(self, seed: Seed) -> str:
        """A resource of any kind, with what it is built on; returns its ARN, or its key if it has none.

        Raises:
            ValueError: An identifier has a form that the service's have not.
        """
        with self._state.lock:
            return seeds.plant(self._state.in_region(seed.region or self._region), seed).key

    def membership(
        self, membership_id: str | None = None, collaboration_id: str | None = None, *, account: str | None = None
    ) -> str:
        """A membership of an account, by identifier; default: one that is always the same."""
        with self._state.current(account or "", self._region) as world:
            joined = seeds.plant_membership(world, membership_id or "", collaboration_id or "")
            return str(joined.data["membershipIdentifier"])

    def training_dataset(self, name: str = "", id: str | None = None) -> str:
        """A training dataset; returns its ARN."""
        return self.plant(Seed("TrainingDataset", name, id or ""))

    def audience_model(
        self,
        name: str = "",
        status: str = "ACTIVE",
        *,
        id: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """An audience model with a training dataset of its own; returns its ARN."""
        return self.plant(Seed("AudienceModel", name, id or "", status=status, tags=tags or {}))

    def configured_audience_model(
        self,
        name: str = "",
        *,
        account: str | None = None,
        id: str | None = None,
        policy: str | None = None,
    ) -> str:
        """A configured audience model, of another account if wanted, with its policy; returns its ARN."""
        with self._state.lock:
            seed = Seed("ConfiguredAudienceModel", name, id or "", account or "")
            record = seeds.plant(self._state.in_region(self._region), seed)
            record.policy, record.seeded_policy = policy, policy is not None
            return record.arn

    def configured_model_algorithm_association(
        self,
        membership_id: str | None = None,
        name: str = "",
        *,
        collaboration_id: str | None = None,
        id: str | None = None,
        account: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """A configured model algorithm association with its membership; returns its ARN."""
        return self.plant(
            Seed(
                "ConfiguredModelAlgorithmAssociation",
                name,
                id or "",
                account or "",
                tags=tags or {},
                membership_id=membership_id or "",
                collaboration_id=collaboration_id or "",
            )
        )

    def ml_configuration(self, membership_id: str | None = None, *, account: str | None = None) -> str:
        """The ML configuration of a membership, which is seeded too; returns the membership's identifier."""
        return self.plant(Seed("MLConfiguration", account=account or "", membership_id=membership_id or ""))

    def trained_model(self, membership_id: str | None = None, name: str = "", *, id: str | None = None) -> str:
        """A trained model with an ML input channel and an association; returns its ARN."""
        return self.plant(Seed("TrainedModel", name, id or "", membership_id=membership_id or ""))

    def analysis_template(
        self,
        membership_id: str | None = None,
        *,
        id: str | None = None,
        synthetic: Mapping[str, Any] | None = None,
        score: float | None = None,
    ) -> str:
        """An analysis template, with synthetic data parameters if wanted; returns its ARN."""
        with self._state.lock:
            return seeds.plant_template(
                self._state.in_region(self._region),
                membership_id or "",
                identifier=id or "",
                synthetic=synthetic,
                score=score,
            ).arn

    def missing_table(self, name: str) -> None:
        """A table that queries do not find."""
        with self._state.lock:
            self._state.world.missing_tables.add(name.lower())
