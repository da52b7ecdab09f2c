"""What represents an unknown value fits the service model, and differs from what represents another."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.account.handlers import SPECS, ResourceSpec, service_model
from cleanrooms_ml_cli.account.intrinsics import Unknown
from cleanrooms_ml_cli.account.placeholders import fitted, sample
from cleanrooms_ml_handlers.dialect import pattern as model_pattern

_PATTERNS = sorted(
    {
        (definition["pattern"], definition.get("min", 0), definition.get("max", 64))
        for service in ("cleanroomsml", "cleanrooms")
        for definition in service_model(service).shapes.values()
        if "pattern" in definition
    }
)


@pytest.mark.parametrize(("pattern", "shortest", "longest"), _PATTERNS)
def test_a_sample_fits_its_pattern(pattern: str, shortest: int, longest: int) -> None:
    text = sample(pattern, "${Role.Arn}", shortest, longest)
    assert model_pattern(pattern).fullmatch(text)
    assert shortest <= len(text) <= longest


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_a_request_of_unknown_values_passes_the_model(spec: ResourceSpec) -> None:
    model = service_model(spec.service)
    shape = model.operations[spec.create].input or ""
    request = _unknown(model.shapes, shape, "")
    if spec.document_field:
        request[spec.document_field] = "{}"
    problems = model.check(spec.create, model.cast(spec.create, fitted(spec, request)))
    assert problems == []


def _unknown(shapes: Any, name: str, path: str) -> Any:
    """A request that has every required member, each unknown."""
    shape = shapes[name]
    if shape["type"] == "structure":
        members = shape["members"]
        required = shape.get("required", ()) or (list(members)[:1] if shape.get("union") else ())
        return {key: _unknown(shapes, members[key]["shape"], f"{path}.{key}") for key in required}
    if shape["type"] == "list":
        return [_unknown(shapes, shape["member"]["shape"], f"{path}[]")]
    return Unknown(f"${{{path}}}")


def test_two_references_have_two_placeholders() -> None:
    pattern = "arn:aws[-a-z]*:iam::[0-9]{12}:role/.+"
    assert sample(pattern, "${A.Arn}", 20, 2048) != sample(pattern, "${B.Arn}", 20, 2048)
    assert sample(pattern, "${A.Arn}", 20, 2048) == sample(pattern, "${A.Arn}", 20, 2048)


def test_a_placeholder_is_still_known_as_unknown_and_by_its_reference() -> None:
    spec = next(spec for spec in SPECS if spec.kind == "MLInputChannel")
    (value,) = fitted(spec, {"membershipIdentifier": Unknown("${Member}", "(Member)")}).values()
    assert isinstance(value, Unknown)
    assert value.reference == "(Member)"
