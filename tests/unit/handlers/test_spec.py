from __future__ import annotations

from collections.abc import Mapping

import pytest

from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.spec import Cardinality, Phase, ResourceSpec

each_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)


def shown(spec: ResourceSpec) -> Mapping[str, str]:
    """The members that the service shows of a resource, each with its shape."""
    model = service_model(spec.service)
    output = model.operations[spec.get or spec.list or spec.create].output
    assert output is not None
    members = model.members(output)
    if spec.get is None and spec.list:
        return model.members(model.shapes[members[spec.list_field]]["member"]["shape"])
    return model.members(members[spec.answer_field]) if spec.answer_field else members


@each_spec
def test_w1_every_status_of_the_service_model_is_classified(spec: ResourceSpec) -> None:
    model = service_model(spec.service)
    status_shape = shown(spec).get("status")
    assert set(spec.statuses) == set(model.enum(status_shape) if status_shape else ())


@each_spec
def test_a_kind_that_takes_time_has_a_pending_and_a_failed_status(spec: ResourceSpec) -> None:
    phases = set(spec.statuses.values())
    assert ({Phase.PENDING, Phase.FAILED} <= phases) is spec.long_running


@each_spec
def test_every_operation_and_every_member_that_a_spec_names_exists(spec: ResourceSpec) -> None:
    model = service_model(spec.service)
    for operation in (spec.get, spec.delete, spec.cancel):
        if operation:
            assert spec.identifier_members <= set(model.input_members(operation))
    if spec.cardinality is Cardinality.NAMED:
        assert spec.name_field in model.input_members(spec.create)
        assert spec.shown_name_field in shown(spec)
        assert spec.list
    if spec.arn_field:
        assert spec.arn_field in shown(spec)
    if spec.list:
        assert set(spec.list_parameters) <= set(model.input_members(spec.list))
        listed = model.operations[spec.list].output
        assert listed is not None
        assert {spec.list_field, "nextToken"} <= set(model.members(listed))
    if spec.update:
        updated = set(model.input_members(spec.update))
        assert {spec.update_names.get(key, key) for key in (*spec.cleared, *spec.presence_is_identity)} <= updated


@each_spec
def test_the_id_of_a_resource_names_it_in_requests(spec: ResourceSpec) -> None:
    """A create with its answer, or a summary of the list with the list's parameters, contains the whole id."""
    model = service_model(spec.service)
    output = model.operations[spec.create].output
    made = dict(model.members(output)) if output else {}
    answered = set(model.members(made[spec.answer_field]) if spec.answer_field else made)
    assert set(spec.id_parts) <= answered | set(model.input_members(spec.create))


@each_spec
def test_every_path_of_a_result_exists_in_the_answer(spec: ResourceSpec) -> None:
    model = service_model(spec.service)
    keyed = [f"{each.items}.{name}" for each in spec.keyed_attributes.values() for name in (each.key, each.figure)]
    for path in [*spec.attributes.values(), *keyed, *(threshold.figure for threshold in spec.gates.values())]:
        members = shown(spec)
        for part in path.split("."):
            shape = members[part.partition("[")[0]]
            if part.endswith("]"):
                shape = model.shapes[shape]["member"]["shape"]
            members = model.members(shape)


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.update], ids=lambda spec: spec.kind)
def test_what_an_update_cannot_take_away_is_covered(spec: ResourceSpec) -> None:
    """Every optional member that Update changes can be cleared, or makes another resource."""
    assert spec.update
    model = service_model(spec.service)
    create = model.operations[spec.create].input
    assert create is not None
    required = {spec.update_names.get(key, key) for key in model.shapes[create]["required"]}
    optional = set(model.input_members(spec.update)) - required - spec.identifier_members
    assert optional == set(spec.cleared) | set(spec.presence_is_identity)


@each_spec
def test_permissions_cover_each_operation_that_the_engine_calls(spec: ResourceSpec) -> None:
    called = {spec.create, spec.get, spec.list, spec.versions, spec.delete, spec.update, spec.cancel}
    called |= {lookup.operation for lookup in spec.list_lookups.values()}
    if spec.is_taggable:
        # The list of the versions of a resource does not show their tags.
        reads_tags = "tags" not in shown(spec) or spec.versions
        called |= {"TagResource", "UntagResource"} | ({"ListTagsForResource"} if reads_tags else set())
    assert set(spec.permissions) == called - {None}


@each_spec
def test_a_kind_with_a_key_says_what_its_caller_needs_on_it(spec: ResourceSpec) -> None:
    assert bool(spec.key_field) is bool(spec.key_actions), (
        f'{spec.kind}: key_field={spec.key_field!r}, key_actions={spec.key_actions}. The page "Data protection in AWS '
        'Clean Rooms" of the user guide says what the caller needs on the key'
    )


def test_an_arn_of_another_kind_identifies_nothing() -> None:
    job = "arn:aws:cleanrooms-ml:us-east-1:123456789012:audience-generation-job/x"
    assert [spec.kind for spec in SPECS if spec.identifiers(job)] == ["AudienceGenerationJob"]
    assert [spec.kind for spec in SPECS if spec.identifiers("2026/11/21/[$LATEST]abc")] == []
