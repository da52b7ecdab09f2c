"""Values that are known only at deployment: limits skip them, each organization rule treats them as documented."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_policy.template import as_text, is_unknown, possibilities, target, without_absent

from .cases import ORGANIZATION_CASES, SPARK, SQL, TAGS, WORKER
from .samples import ASSOCIATION, KEY, QUERY, analysis_template, channel, configured, job, one, policy, rules_found

PARAMETER = {"Ref": "Parameter"}
NOTHING = {"Ref": "AWS::NoValue"}
FUNCTIONS = (
    PARAMETER,
    {"Fn::GetAtt": ["Other", "Arn"]},
    {"Fn::Sub": "${Stage}"},
    {"Fn::Sub": ["${Text}", {"Text": "x"}]},
    {"Fn::Join": ["", [PARAMETER, PARAMETER]]},
    {"Fn::If": ["Condition", PARAMETER, {"Fn::If": ["Other", {"Ref": "Second"}, PARAMETER]}]},
    {"Fn::FindInMap": ["Map", "a", "b"]},
    {"Fn::ImportValue": "export"},
)
DYNAMIC = "{{resolve:ssm:/parameter}}"


def either(first: Any, second: Any) -> dict[str, Any]:
    """One of two values, by a condition."""
    return {"Fn::If": ["Condition", first, second]}


TEXTS = ("membershipIdentifier", f"{SQL}.queryString", f"{SPARK}.x", "tags.x")
OTHERS = ("retentionInDays", "configuredModelAlgorithmAssociations", "inputChannel", SQL, WORKER, SPARK, "tags")


@pytest.mark.parametrize(
    ("path", "value"),
    [(path, value) for value in FUNCTIONS for path in (*TEXTS, *OTHERS)] + [(path, DYNAMIC) for path in TEXTS],
    ids=str,
)
def test_limits_skip_unknown_values(path: str, value: Any) -> None:
    assert not rules_found(channel({path: value}))


ARN = "arn:aws:cleanrooms-ml:us-east-1:111122223333"


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        ({"Fn::Sub": "arn:${AWS::Partition}:cleanrooms-ml:us-east-1:111122223333:audience-model/m"}, []),
        ({"Fn::Sub": "arn:${AWS::Partition}:cleanrooms-ml:us-east-1:111122223333:training-dataset/m"}, ["pattern"]),
        ({"Fn::Sub": [f"{ARN}:audience-model/${{Name}}", {"Name": "x"}]}, []),
        ({"Fn::Sub": [f"{ARN}:audience-model${{Name}}!", {"Name": "x"}]}, ["pattern"]),
        ({"Fn::Join": [":", [ARN, {"Fn::Join": ["/", ["audience-model", PARAMETER]]}]]}, []),
        ({"Fn::Join": [":", [ARN, "training-dataset/x", PARAMETER]]}, ["pattern"]),
        ({"Fn::Join": ["", [ARN, ":audience-model/${x}", PARAMETER]]}, ["pattern"]),
        ({"Fn::Sub": f"{ARN}:audience-model/${{x}}"}, []),
        (f"{ARN}:audience-model/{DYNAMIC}", []),
        (f"{ARN}:training-dataset/{DYNAMIC}", ["pattern"]),
        ("dummy-value-for-/ml/model", []),
    ],
    ids=str,
)
def test_a_text_is_checked_as_far_as_it_is_known(value: Any, rules: list[str]) -> None:
    assert rules_found(configured({"audienceModelArn": value})) == rules


@pytest.mark.parametrize(
    ("path", "value", "rules"),
    [
        ("retentionInDays", either(31, 7), ["range"]),
        ("retentionInDays", either(PARAMETER, "31"), ["range"]),
        ("retentionInDays", either(7, either(14, 31)), ["range"]),
        ("retentionInDays", either(0, 31), ["range"]),
        ("retentionInDays", either(7, NOTHING), ["required"]),
        ("retentionInDays", either(7, PARAMETER), []),
        ("description", either("x", NOTHING), []),
        # Without Spark properties the properties of the workers are empty.
        (SPARK, either({"x": either(PARAMETER, "v" * 501)}, NOTHING), ["length", "union"]),
        ("configuredModelAlgorithmAssociations", [either(ASSOCIATION, NOTHING)], ["count"]),
        ("configuredModelAlgorithmAssociations", [either(ASSOCIATION, "a")], ["length"]),
        ("tags", either({"aws:x": "y"}, {"a": "b"}), ["tag-prefix"]),
    ],
    ids=str,
)
def test_limits_apply_to_every_branch_of_a_condition(path: str, value: Any, rules: list[str]) -> None:
    assert rules_found(channel({path: value})) == rules


def test_a_problem_outside_conditions_is_reported_once() -> None:
    tags = {"a": either("b", "c"), "d": either("e", PARAMETER)}
    assert rules_found(channel(retentionInDays=31, tags=tags)) == ["range"]


def test_text_in_s3_is_text() -> None:
    text = {"S3Bucket": {"Fn::Sub": "bucket-${AWS::Region}"}, "S3Key": "0.sql"}
    assert not rules_found(channel({f"{SQL}.queryString": text}))


def test_known_values_next_to_unknown_ones_are_checked() -> None:
    tags = {**dict(list(TAGS.items())[1:]), "x": PARAMETER, "aws:y": "z"}
    broken = channel({f"{WORKER}.type": PARAMETER, f"{WORKER}.number": 1, "tags": tags})
    assert rules_found(broken) == ["range", "tag-prefix"]


def test_no_value_removes_a_value() -> None:
    assert rules_found(channel(retentionInDays=NOTHING)) == ["required"]
    assert not rules_found(channel({f"{SQL}.analysisTemplateArn": NOTHING}))
    assert without_absent({"a": [1, NOTHING], "b": NOTHING, "c": either(NOTHING, 1)}) == {
        "a": [1],
        "c": either(NOTHING, 1),
    }


@pytest.mark.parametrize("unknown", FUNCTIONS[:4], ids=str)
@pytest.mark.parametrize("case", ORGANIZATION_CASES, ids=lambda case: case.rule)
def test_an_organization_rule_reports_unknown_values_unless_presence_is_enough(case: Any, unknown: Any) -> None:
    resources = {
        "max-retention": channel(retentionInDays=unknown),
        "required-tags": channel(tags=unknown),
        "require-encryption-key": channel(kmsKeyArn=unknown),
        "require-analysis-template": channel({f"{SQL}.queryString": unknown}),
        "forbid-seed-in-output": job(includeSeedInOutput=unknown),
        "shared-audience-metrics": configured(sharedAudienceMetrics=unknown),
        "allowed-worker-types": channel({f"{WORKER}.type": unknown}),
        "max-workers": channel({f"{WORKER}.number": unknown}),
        "max-epsilon": analysis_template(Epsilon=unknown),
        "max-membership-inference-attack-score": analysis_template(MaxMembershipInferenceAttackScore=unknown),
        "allowed-principals": policy(unknown),
    }
    found = rules_found(resources[case.rule], **case.settings)
    assert found == ([] if case.rule == "require-encryption-key" else [case.rule])


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"require_encryption_key": True}, "require-encryption-key"),
        ({"required_tags": ["owner"]}, "required-tags"),
        ({"max_retention_days": 7}, "max-retention"),
        ({"require_analysis_template": True}, "require-analysis-template"),
        ({"max_workers": 8}, "max-workers"),
    ],
    ids=str,
)
def test_unknown_properties_do_not_evade_a_policy(settings: dict[str, Any], rule: str) -> None:
    included = channel(**{"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://x/y"}}})
    assert rules_found(included, **settings) == [rule]


def test_organization_rules_apply_to_every_branch_of_a_condition() -> None:
    assert rules_found(channel(retentionInDays=either(7, 30)), max_retention_days=14) == ["max-retention"]
    assert not rules_found(channel(retentionInDays=either(7, 14)), max_retention_days=14)
    nested = either(7, either(PARAMETER, 30))
    assert rules_found(channel(retentionInDays=nested), max_retention_days=14) == ["max-retention"] * 2


def test_a_key_in_one_branch_only_is_not_enough() -> None:
    assert not rules_found(channel(kmsKeyArn=either(KEY, PARAMETER)), require_encryption_key=True)
    assert rules_found(channel(kmsKeyArn=either(KEY, NOTHING)), require_encryption_key=True) == [
        "require-encryption-key"
    ]


def test_sql_in_a_file_is_sql() -> None:
    text = {"S3Bucket": "bucket", "S3Key": "0.sql"}
    resources = channel({f"{SQL}.queryString": text})
    assert rules_found(resources, require_analysis_template=True) == ["require-analysis-template"]


def test_workers_that_the_service_chooses_are_not_checked() -> None:
    resources = channel({f"{QUERY}.computeConfiguration": None})
    assert not rules_found(resources, max_workers=2, allowed_worker_types=["CR.1X"])


def test_a_tag_of_no_value_is_missing() -> None:
    assert rules_found(channel(tags={"owner": NOTHING}), required_tags=["owner"]) == ["required-tags"]


def test_native_resources_need_tags_and_keys_too() -> None:
    algorithm = "AWS::CleanRoomsML::ConfiguredModelAlgorithm"
    bare = one("Algorithm", algorithm, {"Name": "a"})
    asked: dict[str, Any] = {"required_tags": ["owner"], "require_encryption_key": True}
    assert sorted(rules_found(bare, **asked)) == ["require-encryption-key", "required-tags"]
    tags = [{"Key": "owner", "Value": PARAMETER}]
    assert not rules_found(one("Algorithm", algorithm, {"Name": "a", "KmsKeyArn": PARAMETER, "Tags": tags}), **asked)
    some = [either({"Key": "owner", "Value": "x"}, NOTHING)]
    assert rules_found(one("Set", "AWS::CleanRoomsML::TrainingDataset", {"Tags": some}), **asked) == ["required-tags"]


def test_resources_of_other_services_are_ignored() -> None:
    asked: dict[str, Any] = {"required_tags": ["owner"], "require_encryption_key": True, "max_epsilon": 1}
    assert not rules_found(one("Bucket", "AWS::S3::Bucket", {}), one("T", "AWS::CleanRooms::Membership", {}), **asked)


def test_a_loop_cannot_be_checked() -> None:
    body = ["Name", ["a", "b"], {"Channel${Name}": {"Type": "Custom::CleanRoomsML-MLInputChannel"}}]
    assert rules_found({"Fn::ForEach::Channels": body}) == ["not-checked"]
    assert not rules_found({"Fn::ForEach::Buckets": ["Name", ["a"], {"B${Name}": {"Type": "AWS::S3::Bucket"}}]})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        ({"Ref": "A"}, "${A}"),
        ({"Fn::GetAtt": ["A", "Arn"]}, "${A.Arn}"),
        ({"Fn::GetAtt": "A.Arn"}, "${A.Arn}"),
        ({"Fn::Sub": "s3://${A}/x"}, "s3://${A}/x"),
        ({"Fn::Join": ["/", ["s3:", {"Ref": "A"}]]}, "s3:/${A}"),
        ({"Fn::Join": ["/", ["s3:", {"Fn::FindInMap": ["a", "b", "c"]}]]}, None),
        ({"Fn::Sub": ["${x}", {"x": "y"}]}, None),
        (3, None),
    ],
    ids=str,
)
def test_functions_as_text(value: Any, text: str | None) -> None:
    assert as_text(value) == text


def test_two_references_to_one_bucket_are_one_bucket() -> None:
    uri = {"Fn::Join": ["", ["s3://", {"Ref": "Bucket"}, "/out"]]}
    seed = {"Fn::Sub": "s3://${Bucket}/seed.jsonl"}
    reference = {"Fn::GetAtt": ["Configured", "Arn"]}
    model = configured({"outputConfig.destination.s3Destination.s3Uri": uri})
    start = {"configuredAudienceModelArn": reference, "seedAudience.dataSource.s3Uri": seed}
    other = {**start, "seedAudience.dataSource.s3Uri": {"Fn::Sub": "s3://${Seeds}/s"}}
    assert rules_found(model, job(start), advice=True) == ["output-bucket"]
    assert rules_found(model, job(other), advice=True) == []


def test_small_parts() -> None:
    assert target({"Ref": "A"}) == target({"Fn::GetAtt": ["A", "Arn"]}) == target({"Fn::GetAtt": "A.Arn"}) == "A"
    assert target("A") is None
    assert target({"Fn::GetAtt": []}) is None
    assert not is_unknown({"Ref": "a", "other": "b"})
    assert list(possibilities({"Fn::If": ["odd"]})) == [{"Fn::If": ["odd"]}]
