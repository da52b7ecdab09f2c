"""Every constraint of AWS's service models is refused when broken, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cleanrooms_ml_handlers.model import ServiceModel, service_model
from cleanrooms_ml_handlers.resources import SPECS

from .. import check_limits
from ..service_constraints import Constraints
from ..service_operations import operations
from ..service_values import Values, botocore_model

SERVICES = ("cleanroomsml", "cleanrooms")
# All of them, whether there is a kind for it or not yet.
OPERATIONS = [
    (service, name)
    for service in SERVICES
    for name, operation in service_model(service).operations.items()
    if operation.input
]
# Those of the pattern of SnowflakeTableName.
CATEGORIES = ["L", "M", "N", "Pc", "Pd", "Zs"]


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_each_broken_constraint_is_refused_and_each_boundary_accepted(service: str, operation: str) -> None:
    outcome = check_limits.outcome("any", service, operation)
    assert outcome.failures == []
    assert outcome.counts["constraints"] == outcome.counts["refused"] > 0
    assert outcome.counts["boundaries"] == outcome.counts["accepted"] > 0


def stated(shapes: dict[str, Any], name: str) -> Iterator[str]:
    """The constraints that a shape and all below it state, read off its own keys."""
    shape = shapes[name]
    yield from (key for key in ("union", "enum", "pattern") if shape.get(key))
    if "enum" not in shape:
        lengths = shape["type"] in ("string", "list", "map")
        yield from (
            key for key in ("min", "max") if key in shape and not (lengths and key == "min" and shape[key] == 0)
        )
    if shape["type"] == "structure":
        yield "unknown"
        yield from shape.get("required", ())
    for reference in shape.get("members", {}).values():
        yield "type"
        yield from stated(shapes, reference["shape"])
    for key in ("member", "key", "value"):
        if key in shape:
            if key != "key":
                yield "type"
            yield from stated(shapes, shape[key]["shape"])


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_no_constraint_of_the_model_is_left_out(service: str, operation: str) -> None:
    model = botocore_model(service)
    name = model["operations"][operation]["input"]["shape"]
    # What fits everything forbids nothing.
    free = r"[\S\s]*"
    expected = len([*stated(model["shapes"], name)]) - sum(
        constraint.name == "pattern" and not constraint.broken
        for constraint in Constraints(Values(model["shapes"])).of(name)
    )
    assert check_limits.outcome("any", service, operation).counts["constraints"] == expected
    for constraint in Constraints(Values(model["shapes"])).of(name):
        if not constraint.broken:
            shape = shape_at(model["shapes"], name, constraint.path)
            assert shape.get("min") == 0 or shape.get("pattern") == free


def shape_at(shapes: dict[str, Any], name: str, path: tuple[str, ...]) -> dict[str, Any]:
    shape: dict[str, Any] = shapes[name]
    for step in path:
        key = {"[]": "member", "{key}": "key", "{}": "value"}.get(step)
        shape = shapes[(shape[key] if key else shape["members"][step])["shape"]]
    return shape


def weaker(operation: str, shape: str, service: str = "cleanroomsml", **changes: Any) -> check_limits.Outcome:
    """What comes out if the checker knows other limits than AWS."""
    stored = service_model(service)
    shapes: dict[str, dict[str, Any]] = {name: dict(facts) for name, facts in stored.shapes.items()}
    for key, value in changes.items():
        if value is None:
            del shapes[shape][key]
        else:
            shapes[shape][key] = value
    input_shape = stored.operations[operation].input
    raw = {
        "metadata": {},
        "shapes": shapes,
        "operations": {operation: {"http": {"method": "", "requestUri": ""}, "input": {"shape": input_shape}}},
    }
    return check_limits.outcome("any", service, operation, ServiceModel(raw))


@pytest.mark.parametrize(
    ("shape", "changes"),
    [
        ("WorkerComputeConfigurationNumberInteger", {"max": None}),
        ("WorkerComputeConfigurationNumberInteger", {"max": 1025}),
        ("WorkerComputeConfigurationNumberInteger", {"max": 1023}),
        ("WorkerComputeConfigurationNumberInteger", {"min": 1}),
        ("SparkProperties", {"max": 51}),
        ("SparkPropertyKey", {"max": 199}),
        ("NameString", {"pattern": None}),
        ("WorkerComputeType", {"enum": ["CR.1X", "CR.4X"]}),
        ("InputChannel", {"required": ["dataSource"]}),
        ("ComputeConfiguration", {"union": None}),
        ("ParameterName", {"pattern": "[0-9a-zA-Z_ ]+"}),
    ],
)
def test_a_limit_that_differs_from_that_of_aws_is_found(shape: str, changes: dict[str, Any]) -> None:
    outcome = weaker("CreateMLInputChannel", shape, **changes)
    assert outcome.failures
    assert outcome.counts["refused"] < outcome.counts["constraints"] or (
        outcome.counts["accepted"] < outcome.counts["boundaries"]
    )


@pytest.mark.parametrize("change", [*(("-", name) for name in CATEGORIES), *(("+", name) for name in "CPSZ")])
def test_other_categories_of_unicode_than_those_of_aws_are_found(change: tuple[str, str]) -> None:
    sign, name = change
    known = [*CATEGORIES, name] if sign == "+" else [category for category in CATEGORIES if category != name]
    for names in (CATEGORIES, known):
        pattern = "".join(f"\\p{{{category}}}" for category in names)
        outcome = weaker("CreateConfiguredTable", "SnowflakeTableName", "cleanrooms", pattern=f"[{pattern}]+")
        assert (outcome.failures == []) == (names == CATEGORIES)


def test_the_table_has_a_line_per_kind_and_operation(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_limits.main(()) == 0
    lines = capsys.readouterr().out.splitlines()
    for operation in operations():
        (line,) = [line for line in lines if line.split()[:2] == [operation.kind, operation.name]]
        constraints, refused = line.split()[2:4]
        assert constraints == refused


def test_the_operations_are_those_of_all_kinds() -> None:
    for spec in SPECS:
        names = {operation.name for operation in operations() if operation.kind == spec.kind}
        assert names == {spec.create, spec.update} - {None}


def test_a_value_with_the_wrong_verdict_gives_exit_code_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = weaker("CreateMLInputChannel", "WorkerComputeConfigurationNumberInteger", max=1025)
    monkeypatch.setattr(check_limits, "outcomes", lambda: iter([wrong]))
    assert check_limits.main(()) == 1
    assert "worker.number, range>: 1025 is not refused: no problem" in capsys.readouterr().out
