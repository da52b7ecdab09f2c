"""Settings are checked themselves."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from cleanrooms_ml_policy import Policy, PolicyError


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_retention_days": 0}, "max_retention_days is 0; allowed 1 to 30"),
        ({"max_retention_days": 31}, "max_retention_days is 31; allowed 1 to 30"),
        ({"max_retention_days": 1.5}, "max_retention_days is 1.5; a whole number is required"),
        ({"max_retention_days": True}, "max_retention_days is True; a whole number is required"),
        ({"max_workers": "16"}, 'max_workers is "16"; a whole number is required'),
        ({"max_workers": 1}, "max_workers is 1; allowed 2 to 1024"),
        ({"max_epsilon": float("nan")}, "max_epsilon is nan; a number is required"),
        ({"max_epsilon": 11}, "max_epsilon is 11; allowed 0.0001 to 10"),
        ({"max_membership_inference_attack_score": 0.4}, "is 0.4; allowed 0.5 to 1"),
        ({"require_encryption_key": "yes"}, 'require_encryption_key is "yes"; allowed are true and false'),
        ({"required_tags": "owner"}, 'required_tags is "owner"; a list of strings is required'),
        ({"required_tags": [3]}, "required_tags has 3; only strings are allowed"),
        ({"required_tags": [""]}, 'required_tags has ""; only strings are allowed'),
        ({"required_tags": ["a", "a"]}, 'required_tags has "a" more than once'),
        ({"required_tags": ["aws:x"]}, "tag keys that begin with aws: are reserved"),
        ({"required_tags": ["x" * 129]}, "required_tags has a key of 129 characters; allowed 1 to 128"),
        ({"shared_audience_metrics": ["SOME"]}, 'shared_audience_metrics has "SOME"; allowed are ALL, NONE'),
        ({"shared_audience_metrics": []}, "shared_audience_metrics is empty, which allows nothing"),
        ({"allowed_worker_types": ["CR1X"]}, 'allowed_worker_types has "CR1X"; allowed are CR.1X, CR.4X, CR.8X'),
        ({"allowed_principals": ["*"]}, 'allowed_principals has "*"; allowed are 12-digit account ids'),
        ({"allowed_principals": ["arn:aws:iam::111122223333:role/*"]}, "IAM ARNs without wildcards"),
        ({"allowed_principals": ["11112222333"]}, "12-digit account ids"),
        ({"max_retention": 14}, "max_retention is not a setting; did you mean max_retention_days?"),
        ({"zzz": 14}, "zzz is not a setting; allowed are max_retention_days, required_tags"),
    ],
    ids=str,
)
def test_an_invalid_setting_is_an_error_with_a_reason(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        Policy.of(settings)
    assert message in str(caught.value)


def test_valid_settings_are_kept() -> None:
    policy = Policy(
        max_retention_days=30,
        required_tags=["owner"],  # type: ignore[arg-type]  # a list is what files have
        allowed_worker_types=("CR.1X", "CR.16X"),
        allowed_principals=(),
        max_epsilon=3,
    )
    assert policy.required_tags == ("owner",)
    assert policy.allowed_principals == ()
    assert policy.max_workers is None


def test_no_settings_are_the_default() -> None:
    assert Policy.of({}) == Policy()
    assert Policy.of({"required_tags": None, "require_encryption_key": None, "max_workers": None}) == Policy()


def test_a_policy_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Policy().max_workers = 3  # type: ignore[misc]
