"""The operations whose requests are checked at synth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cleanrooms_ml_handlers.resources import SPECS


class Operation(NamedTuple):
    """An operation that creates or updates a kind of resource."""

    kind: str
    service: str
    name: str


# Kinds that CloudFormation itself creates; their constructs are checked all the same.
NATIVE = (
    Operation("TrainingDataset", "cleanroomsml", "CreateTrainingDataset"),
    Operation("ConfiguredModelAlgorithm", "cleanroomsml", "CreateConfiguredModelAlgorithm"),
    Operation("ConfiguredModelAlgorithmAssociation", "cleanroomsml", "CreateConfiguredModelAlgorithmAssociation"),
    Operation("AnalysisTemplate", "cleanrooms", "CreateAnalysisTemplate"),
    Operation("Collaboration", "cleanrooms", "CreateCollaboration"),
    Operation("Membership", "cleanrooms", "CreateMembership"),
    Operation("ConfiguredTable", "cleanrooms", "CreateConfiguredTable"),
    Operation("ConfiguredTable", "cleanrooms", "CreateConfiguredTableAnalysisRule"),
    Operation("ConfiguredTableAssociation", "cleanrooms", "CreateConfiguredTableAssociation"),
    Operation("ConfiguredTableAssociation", "cleanrooms", "CreateConfiguredTableAssociationAnalysisRule"),
    Operation("PrivacyBudgetTemplate", "cleanrooms", "CreatePrivacyBudgetTemplate"),
)


def operations() -> Iterator[Operation]:
    """Every create and update operation of every kind."""
    yield from NATIVE
    for spec in SPECS:
        for name in filter(None, (spec.create, spec.update)):
            yield Operation(spec.kind, spec.service, name)
