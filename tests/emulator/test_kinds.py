"""The emulator's kinds against the specs that they are created from, and against the service models."""

from __future__ import annotations

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Seed
from cleanrooms_ml_cli.sandbox.emulator.kinds import KIND_OF_OPERATION, KINDS
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import ResourceSpec

from .conftest import MEMBERSHIP, Bench

WITH_A_KIND = [spec for spec in SPECS if spec.kind in KINDS]


def test_labels_are_the_words_of_the_documentation() -> None:
    labels = {KINDS[name].label for name in ("MLInputChannel", "MLConfiguration", "TrainedModelInferenceJob")}
    assert labels == {"ML input channel", "ML configuration", "trained model inference job"}


@pytest.mark.parametrize("spec", WITH_A_KIND, ids=lambda spec: spec.kind)
def test_records_have_ids_of_the_form_that_the_spec_expects(bench: Bench, spec: ResourceSpec) -> None:
    key = bench.emulator.seed(Seed(spec.kind, "seeded", membership_id=MEMBERSHIP))
    members = {**bench.emulator.record(key)["data"], "arn": key}
    assert spec.identifiers(spec.physical_id(members)), key


@pytest.mark.parametrize("spec", WITH_A_KIND, ids=lambda spec: spec.kind)
def test_every_member_of_a_collaboration_reads_with_operations_of_its_own(spec: ResourceSpec) -> None:
    own, shared = spec.get or "", (spec.get or "").replace("Get", "GetCollaboration", 1)
    if shared in KIND_OF_OPERATION:
        assert KIND_OF_OPERATION[shared] is KIND_OF_OPERATION[own]
    shared_kinds = {"MLInputChannel", "TrainedModel", "ConfiguredAudienceModelAssociation"}
    assert (shared in KIND_OF_OPERATION) == (spec.kind in shared_kinds)
