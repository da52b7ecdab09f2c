from __future__ import annotations

import pytest

from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import Phase, ResourceSpec

each_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)


@each_spec
def test_w1_every_status_of_the_service_model_is_classified(spec: ResourceSpec) -> None:
    model = service_model(spec.service)
    output = model.operations[spec.get].output
    assert output is not None
    status_shape = model.members(output).get("status")
    assert set(spec.statuses) == set(model.enum(status_shape) if status_shape else ())


@each_spec
def test_a_kind_that_takes_time_has_a_pending_and_a_failed_status(spec: ResourceSpec) -> None:
    phases = set(spec.statuses.values())
    assert ({Phase.PENDING, Phase.FAILED} <= phases) is spec.long_running


@each_spec
def test_every_operation_and_every_member_that_a_spec_names_exists(spec: ResourceSpec) -> None:
    model = service_model(spec.service)
    assert spec.name_field in model.input_members(spec.create)
    assert spec.arn_field in model.input_members(spec.get)
    assert spec.arn_field in model.input_members(spec.delete)
    assert set(spec.list_parameters) <= set(model.input_members(spec.list))
    listed = model.operations[spec.list].output
    assert listed is not None
    assert {spec.list_field, "nextToken"} <= set(model.members(listed))
    created = model.operations[spec.create].output
    assert created is not None
    assert spec.arn_field in model.members(created)
    if spec.update:
        updated = set(model.input_members(spec.update))
        assert set(spec.cleared) | set(spec.presence_is_identity) <= updated


@each_spec
def test_every_path_of_a_result_exists_in_the_answer(spec: ResourceSpec) -> None:
    model = service_model(spec.service)
    for path in [*spec.attributes.values(), *(bar.figure for bar in spec.gates.values())]:
        shape = model.operations[spec.get].output
        for part in path.split("."):
            assert shape is not None
            shape = model.members(shape)[part.removesuffix("[]")]
            if part.endswith("[]"):
                shape = model.shapes[shape]["member"]["shape"]


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.update], ids=lambda spec: spec.kind)
def test_what_an_update_cannot_take_away_is_covered(spec: ResourceSpec) -> None:
    """Every optional member that Update changes can be cleared, or makes another resource."""
    assert spec.update
    model = service_model(spec.service)
    create = model.operations[spec.create].input
    assert create is not None
    optional = set(model.input_members(spec.update)) - set(model.shapes[create]["required"]) - {spec.arn_field}
    assert optional == set(spec.cleared) | set(spec.presence_is_identity)


@each_spec
def test_permissions_cover_each_operation_that_the_engine_calls(spec: ResourceSpec) -> None:
    called = {spec.create, spec.get, spec.list, spec.delete, "TagResource", "UntagResource"}
    if spec.update:
        called.add(spec.update)
    assert set(spec.permissions) == called


def test_an_arn_of_another_kind_identifies_nothing() -> None:
    job = "arn:aws:cleanrooms-ml:us-east-1:123456789012:audience-generation-job/x"
    assert [spec.kind for spec in SPECS if spec.identifiers(job)] == ["AudienceGenerationJob"]
    assert [spec.kind for spec in SPECS if spec.identifiers("2026/11/21/[$LATEST]abc")] == []
