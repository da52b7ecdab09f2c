from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_handlers.rules import CROSS_REQUEST_RULES, HARD, SOFT, TAGS_PER_RESOURCE
from cleanrooms_ml_handlers.rules.cross_request import KNOWN_AT_SYNTH

from .requests import (
    CREATE_CHANNEL,
    CREATE_MODEL,
    MAYBE,
    ROLE,
    START_JOB,
    TEMPLATE,
    Unknown,
    channel,
    job,
    model,
    unknown,
)

QUERY_PATH = "inputChannel.dataSource.protectedQueryInputParameters.sqlParameters"


def found(operation: str, request: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in rules.problems("cleanroomsml", operation, request, unknown)]


def ids(operation: str, request: dict[str, Any], service: str = "cleanroomsml") -> list[str]:
    return [problem.rule for problem in rules.problems(service, operation, request, unknown)]


def tags(count: int, **others: str) -> dict[str, Any]:
    return {**{f"key{number}": "value" for number in range(count)}, **others}


@pytest.mark.parametrize("request_of", [channel, job])
def test_requests_within_all_rules_have_no_problem(request_of: Any) -> None:
    operation = CREATE_CHANNEL if request_of is channel else START_JOB
    assert found(operation, request_of(tags=tags(50))) == []


def test_fifty_tags_are_allowed() -> None:
    assert found(CREATE_CHANNEL, channel(tags=tags(51))) == ["tags has 51 entries; allowed 0 to 50"]
    assert ids(CREATE_CHANNEL, channel(tags=tags(51))) == ["cleanrooms-ml:tag-count"]
    assert ids(CREATE_MODEL, model([1], tags=tags(51))) == ["cleanrooms-ml:tag-count"]


def test_a_tag_that_may_be_dropped_is_not_counted() -> None:
    assert found(CREATE_CHANNEL, channel(tags={**tags(50), "maybe": MAYBE, Unknown("key"): "value"})) == []
    assert found(CREATE_CHANNEL, channel(tags=MAYBE)) == []
    assert ids(CREATE_CHANNEL, channel(tags={**tags(51), "maybe": MAYBE})) == ["cleanrooms-ml:tag-count"]


@pytest.mark.parametrize("key", ["aws:team", "AWS:team", "aWs:", "Aws:cloudformation:stack-name"])
def test_tags_of_aws_are_refused_in_any_case_and_not_counted(key: str) -> None:
    assert ids(CREATE_CHANNEL, channel(tags=tags(50, **{key: "x"}))) == ["cleanrooms-ml:tag-prefix"]
    assert repr(key).strip("'") in found(CREATE_CHANNEL, channel(tags={key: "x"}))[0]


@pytest.mark.parametrize("key", ["aws", "awsome:team", "team:aws:", " aws:team"])
def test_other_tags_may_look_similar(key: str) -> None:
    assert ids(CREATE_CHANNEL, channel(tags={key: "x"})) == []


def test_tags_are_counted_wherever_the_model_has_them() -> None:
    assert ids("CreateConfiguredAudienceModelAssociation", {"tags": tags(51)}, "cleanrooms") == [
        "cleanrooms-ml:tag-count"
    ]


def test_tags_that_are_not_a_map_are_left_to_the_model() -> None:
    assert ids(CREATE_CHANNEL, channel(tags=[{"Key": "aws:x", "Value": "y"}])) == []
    assert ids(CREATE_CHANNEL, channel(tags={1: "x"})) == []


def test_a_size_is_named_once() -> None:
    path = "audienceSizeConfig.audienceSizeBins"
    assert found(CREATE_MODEL, model([1, 2, 1, 3, 3])) == [f"{path} has 1, 3 more than once; each size is allowed once"]
    assert ids(CREATE_MODEL, model([1, MAYBE, MAYBE])) == []
    assert ids(CREATE_MODEL, model([True, 1])) == []
    update = {"configuredAudienceModelArn": "arn", "audienceSizeConfig": {"audienceSizeBins": [5, 5]}}
    assert ids("UpdateConfiguredAudienceModel", update) == ["cleanrooms-ml:size-distinct"]


def test_a_percentage_is_at_most_100() -> None:
    assert found(CREATE_MODEL, model([1, 100], "PERCENTAGE")) == []
    assert found(CREATE_MODEL, model([1, 101], "PERCENTAGE")) == [
        "audienceSizeConfig.audienceSizeBins[1] is 101; allowed 1 to 100 percent"
    ]
    assert found(CREATE_MODEL, model([101], "ABSOLUTE")) == []
    assert found(CREATE_MODEL, model([101], MAYBE)) == []
    assert found(CREATE_MODEL, model(["101", None, 2.5], "PERCENTAGE")) == []
    export = {"audienceSize": {"type": "PERCENTAGE", "value": 101}}
    assert found("StartAudienceExportJob", export) == ["audienceSize.value is 101; allowed 1 to 100 percent"]


@pytest.mark.parametrize(
    ("seed", "broken"),
    [
        ({"dataSource": {"s3Uri": "s3://b/k"}}, []),
        ({"sqlParameters": {"queryString": "SELECT 1"}}, []),
        ({"dataSource": {"s3Uri": "s3://b/k"}, "sqlParameters": {"queryString": "SELECT 1"}}, ["one-seed"]),
        ({"dataSource": None}, ["one-seed"]),
        ({"dataSource": MAYBE}, []),
        ({"dataSource": MAYBE, "sqlParameters": {"queryString": "SELECT 1"}}, []),
        ({"sqlParameters": {"queryString": "x"}, "sqlComputeConfiguration": {"worker": {}}}, []),
        ({"dataSource": {"s3Uri": "s3://b/k"}, "sqlComputeConfiguration": {"worker": {}}}, ["seed-compute"]),
        ({"sqlComputeConfiguration": {"worker": {}}}, ["one-seed", "seed-compute"]),
        ({"dataSource": MAYBE, "sqlParameters": MAYBE, "sqlComputeConfiguration": {"worker": {}}}, []),
        ({"dataSource": {"s3Uri": "s3://b/k"}, "sqlComputeConfiguration": MAYBE}, []),
    ],
)
def test_a_seed_has_one_source_and_computes_only_for_a_query(seed: dict[str, Any], broken: list[str]) -> None:
    assert ids(START_JOB, job(seed)) == [f"cleanrooms-ml:{name}" for name in broken]


@pytest.mark.parametrize(
    ("query", "broken"),
    [
        ({"queryString": "SELECT 1"}, []),
        ({"analysisTemplateArn": TEMPLATE}, []),
        ({"analysisTemplateArn": TEMPLATE, "queryString": ""}, []),
        ({"queryString": "SELECT 1", "analysisTemplateArn": TEMPLATE}, ["one-query"]),
        ({}, ["one-query"]),
        ({"queryString": ""}, ["one-query"]),
        ({"queryString": MAYBE}, []),
        ({"queryString": MAYBE, "analysisTemplateArn": TEMPLATE}, []),
        ({"queryString": MAYBE, "analysisTemplateArn": MAYBE}, []),
        ({"analysisTemplateArn": TEMPLATE, "parameters": {"a": "b"}}, []),
        ({"queryString": "SELECT 1", "parameters": {"a": "b"}}, ["query-parameters"]),
        ({"queryString": "SELECT 1", "parameters": {}}, []),
        ({"queryString": "SELECT 1", "parameters": MAYBE}, []),
        ({"queryString": MAYBE, "analysisTemplateArn": MAYBE, "parameters": {"a": "b"}}, []),
    ],
)
@pytest.mark.parametrize("where", ["channel", "seed"])
def test_a_query_is_a_text_or_a_template(query: dict[str, Any], broken: list[str], where: str) -> None:
    expected = [f"cleanrooms-ml:{name}" for name in broken]
    if where == "channel":
        assert ids(CREATE_CHANNEL, channel(query)) == expected
    else:
        assert ids(START_JOB, job({"sqlParameters": query})) == expected


def test_messages_name_the_path_and_the_fix_but_no_sql() -> None:
    request = channel({"queryString": "SELECT s3cret", "analysisTemplateArn": TEMPLATE, "parameters": {"s3cret": "x"}})
    (text,) = found(CREATE_CHANNEL, request)
    assert text == (
        f"{QUERY_PATH} has both queryString and analysisTemplateArn; exactly one of them is allowed. "
        "Give the query's text or a template"
    )
    assert found(START_JOB, job({})) == [
        "seedAudience has neither dataSource nor sqlParameters; exactly one of them is needed. "
        "Take the seed from S3 or from a query"
    ]


@pytest.mark.parametrize("value", [None, 1, True, "text", ["list"], {"unknown": 1}, Unknown("token"), MAYBE])
def test_no_rule_raises_on_a_value_of_the_wrong_type(value: Any) -> None:
    for operation, request in (
        (CREATE_CHANNEL, channel(value, tags=value) if isinstance(value, dict) else channel(tags=value)),
        (CREATE_CHANNEL, channel(inputChannel=value)),
        (CREATE_CHANNEL, channel(inputChannel={"dataSource": {"protectedQueryInputParameters": value}})),
        (START_JOB, job(seedAudience=value)),
        (START_JOB, job({"dataSource": value, "sqlParameters": value}, includeSeedInOutput=value)),
        (CREATE_MODEL, model([value], value)),
        (CREATE_MODEL, model(value)),
        (CREATE_MODEL, model([1], audienceSizeConfig=value)),
        ("StartAudienceExportJob", {"audienceSize": {"type": value, "value": value}}),
        ("PutConfiguredAudienceModelPolicy", {"configuredAudienceModelPolicy": value}),
    ):
        for problem in rules.problems("cleanroomsml", operation, request, unknown):
            assert problem.message
        for advice in rules.advice("cleanroomsml", operation, request, unknown):
            assert advice.message


def test_every_rule_has_a_reason_a_fix_and_a_source() -> None:
    for rule in (*HARD, *SOFT, *CROSS_REQUEST_RULES):
        assert rule.id.startswith("cleanrooms-ml:")
        assert rule.reason.endswith(".")
        assert rule.fix.endswith(".")
        assert rule.limit
        assert rule.source.title


def test_every_rule_belongs_to_a_shape_that_exists() -> None:
    shapes = {*service_model("cleanroomsml").shapes, *service_model("cleanrooms").shapes}
    for rule in (*HARD, *SOFT):
        assert set(rule.shapes) <= shapes
    assert set(KNOWN_AT_SYNTH) <= shapes


def test_ids_are_stable() -> None:
    assert {rule.id.removeprefix("cleanrooms-ml:") for rule in HARD} == {
        "tag-count",
        "tag-prefix",
        "size-distinct",
        "percentage",
        "one-seed",
        "seed-compute",
        "one-query",
        "query-parameters",
        "training-columns",
        "training-period",
        "one-container",
        "custom-redaction",
        "training-channels",
        "channel-names",
        "image-digest",
        "cloudformation-size",
        "distinct-items",
        "predictive-column",
        "column-names",
    }
    assert {rule.id.removeprefix("cleanrooms-ml:") for rule in SOFT} == {
        "percentage-quota",
        "worker-quota",
        "spark-key",
        "spark-value",
        "seed-in-output",
        "policy-collaboration",
        "feature-count",
        "training-quota",
        "distributed-training",
    }
    assert {rule.id.removeprefix("cleanrooms-ml:") for rule in CROSS_REQUEST_RULES} == {
        "export-size",
        "output-bucket",
        "inline-size",
        "gate",
        "wait",
        "retention",
        "known-at-synth",
        "rule-columns",
        "rule-type",
        "association-rule-type",
    }


def test_rules_need_no_knowledge_of_the_kinds() -> None:
    """A kind that is added later is checked by the shapes that it uses."""
    for spec in SPECS:
        finder = HARD.finder(spec.service)
        assert ("TagMap" in {shape for shape, _ in finder.paths(spec.create)}) == spec.is_taggable
    paths = {shape for shape, _ in HARD.finder("cleanroomsml").paths("StartTrainedModelInferenceJob")}
    assert paths == {"TagMap"}


def test_the_limit_of_tags_is_the_documented_one() -> None:
    assert TAGS_PER_RESOURCE == 50
    assert rules.counted_tags(["a", "AWS:b", "aws:c", "d"]) == 2


def test_a_role_is_not_a_seed() -> None:
    assert ids(START_JOB, {"seedAudience": {"roleArn": ROLE}}) == ["cleanrooms-ml:one-seed"]
