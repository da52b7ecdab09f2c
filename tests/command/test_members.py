"""What two requests differ in, and what of it is never shown."""

from __future__ import annotations

import pytest

from cleanrooms_ml_cli.account.handlers import SPECS, ResourceSpec
from cleanrooms_ml_cli.account.intrinsics import Unknown
from cleanrooms_ml_cli.account.members import HIDDEN, differences


def _spec(kind: str) -> ResourceSpec:
    return next(spec for spec in SPECS if spec.kind == kind)


def test_members_are_compared_at_any_depth() -> None:
    before = {"resourceConfig": {"instanceType": "a", "volumeSizeInGB": 1}, "dataChannels": [{"channelName": "x"}]}
    after = {"resourceConfig": {"instanceType": "a", "volumeSizeInGB": 2}, "dataChannels": [{"channelName": "y"}]}
    assert [str(one) for one in differences(_spec("TrainedModel"), before, after)] == [
        "resourceConfig.volumeSizeInGB: 1 -> 2",
        'dataChannels[0].channelName: "x" -> "y"',
    ]


def test_what_comes_and_goes_is_reported_and_only_what_was_asked_for_if_so_wanted() -> None:
    spec = _spec("AudienceModel")
    found = differences(spec, {"description": "a"}, {"kmsKeyArn": "b"})
    assert [str(one) for one in found] == ['description: "a" -> (none)', 'kmsKeyArn: (none) -> "b"']
    assert [one.path for one in differences(spec, {"description": "a"}, {"kmsKeyArn": "b"}, asked_only=True)] == [
        "description"
    ]


@pytest.mark.parametrize("before", [{}, {"inputChannel": {}}], ids=["all of it", "a part of it"])
def test_what_is_sensitive_is_hidden_wherever_it_is_in_a_value(before: dict[str, object]) -> None:
    query = {"sqlParameters": {"queryString": "SELECT a_secret", "parameters": {"x": "another_secret"}}}
    after = {"inputChannel": {"dataSource": {"protectedQueryInputParameters": query}}}
    (found,) = differences(_spec("MLInputChannel"), before, after)
    assert found.after == HIDDEN
    assert "secret" not in str(found)


def test_a_policy_is_hidden_too() -> None:
    spec = _spec("ConfiguredAudienceModelPolicy")
    (found,) = differences(spec, {spec.document_field: {"a": 1}}, {spec.document_field: {"a": 2}})
    assert str(found) == f"{spec.document_field}: changed, {HIDDEN}"


def test_an_unknown_value_is_shown_by_its_reference_and_long_ones_are_cut() -> None:
    spec = _spec("AudienceModel")
    (found,) = differences(spec, {"description": "x" * 500}, {"description": Unknown("arn:fits", "(Role.Arn)")})
    assert found.after == "(Role.Arn)"
    assert len(found.before) < 200
