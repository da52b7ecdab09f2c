"""The emulator's kinds against the specs that they are created from, and against the service models."""

from __future__ import annotations

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Seed
from cleanrooms_ml_cli.sandbox.emulator.kinds import KIND_OF_OPERATION, KINDS
from cleanrooms_ml_cli.sandbox.emulator.models import service_model
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
    assert (shared in KIND_OF_OPERATION) == (shared in service_model(spec.service).operations)


def test_some_kinds_are_read_by_every_member_of_a_collaboration() -> None:
    assert {"GetCollaborationMLInputChannel", "GetCollaborationTrainedModel"} <= KIND_OF_OPERATION.keys()


@pytest.mark.parametrize("spec", WITH_A_KIND, ids=lambda spec: spec.kind)
def test_the_spec_says_whether_the_service_refuses_a_name_in_use(spec: ResourceSpec) -> None:
    is_unique = KINDS[spec.kind].unique is not None
    assert spec.names_are_unique is is_unique, f"set names_are_unique={is_unique} in the spec of {spec.kind}"
