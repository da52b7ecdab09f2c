"""CloudFormation's functions, as far as they can be carried out before a deployment."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.account.intrinsics import NO_VALUE, Intrinsics, Unknown, has_unknown, stringified

_TEMPLATE = {
    "Mappings": {"Sizes": {"us-east-1": {"small": "1", "all": ["a", "b"]}}},
    "Conditions": {
        "Yes": {"Fn::Equals": [{"Ref": "Stage"}, "test"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Either": {"Fn::Or": [{"Condition": "No"}, {"Condition": "Yes"}]},
        "Both": {"Fn::And": [{"Condition": "No"}, {"Condition": "Yes"}]},
    },
}
_KNOWN: dict[tuple[str, str | None], Any] = {
    ("Stage", None): "test",
    ("AWS::Region", None): "us-east-1",
    ("AWS::NoValue", None): NO_VALUE,
    ("Bucket", None): "data",
    ("Bucket", "Arn"): "arn:aws:s3:::data",
}


def _lookup(name: str, attribute: str | None) -> Any:
    return _KNOWN.get((name, attribute), Unknown(f"${{{name}.{attribute}}}"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Stage"}, "test"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:aws:s3:::data"),
        ({"Fn::GetAtt": "Bucket.Arn"}, "arn:aws:s3:::data"),
        ({"Fn::Join": ["/", ["s3:/", {"Ref": "Bucket"}, 1, True]]}, "s3://data/1/true"),
        ({"Fn::Sub": "${Bucket}/${Bucket.Arn}/${!Bucket}"}, "data/arn:aws:s3:::data/${Bucket}"),
        ({"Fn::Sub": ["${x}-${Stage}", {"x": {"Ref": "Bucket"}}]}, "data-test"),
        ({"Fn::Select": [1, {"Fn::Split": [":", "a:b:c"]}]}, "b"),
        ({"Fn::Select": ["0", [{"Ref": "Stage"}, "x"]]}, "test"),
        ({"Fn::If": ["Yes", 1, 2]}, 1),
        ({"Fn::If": ["No", 1, 2]}, 2),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ({"Fn::If": ["Both", 1, 2]}, 2),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "small"]}, "1"),
        ({"Fn::ToJsonString": {"a": {"Ref": "Stage"}}}, '{"a": "test"}'),
        ({"keep": 1, "drop": {"Ref": "AWS::NoValue"}}, {"keep": 1}),
        ([1, {"Fn::If": ["No", 2, {"Ref": "AWS::NoValue"}]}], [1]),
    ],
)
def test_what_is_known_is_resolved(value: Any, expected: Any) -> None:
    assert Intrinsics(_TEMPLATE, _lookup).resolve(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Role"},
        {"Fn::Join": ["", ["arn:", {"Fn::GetAtt": ["Role", "Arn"]}]]},
        {"Fn::Sub": "x${Role}"},
        {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
        {"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "Role"}]}]},
        {"Fn::ImportValue": "elsewhere"},
        {"Fn::Base64": "text"},
        {"Fn::FindInMap": ["Sizes", "eu-west-1", "small"]},
        "{{resolve:ssm:name}}",
    ],
)
def test_what_only_the_deployment_knows_stays_unknown_and_equal_to_itself(value: Any) -> None:
    intrinsics = Intrinsics(_TEMPLATE, _lookup)
    assert has_unknown(intrinsics.resolve(value))
    assert intrinsics.resolve(value) == intrinsics.resolve(value)


def test_a_text_with_an_unknown_part_is_read_with_its_reference() -> None:
    intrinsics = Intrinsics({}, lambda name, attribute: Unknown(f"new ${{{name}}}", f"({name}, known after deploy)"))
    for value in ({"Fn::Join": ["", ["records ", {"Ref": "X"}]]}, {"Fn::Sub": "records ${X}"}):
        resolved = intrinsics.resolve(value)
        assert resolved == "records new ${X}"
        assert resolved.reference == "records (X, known after deploy)"


def test_scalars_are_strings_and_unknown_values_stay_so() -> None:
    assert stringified({"a": 1, "b": [True, 0.5]}) == {"a": "1", "b": ["true", "0.5"]}
    assert isinstance(stringified(Unknown("x")), Unknown)
