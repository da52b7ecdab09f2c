from __future__ import annotations

import json
from typing import Any

import pytest

from cleanrooms_ml_handlers import rules
from cleanrooms_ml_handlers.rules import policy_advice

from .requests import (
    CREATE_CHANNEL,
    CREATE_MODEL,
    MAYBE,
    MODEL,
    START_JOB,
    Unknown,
    channel,
    channel_with,
    job,
    model,
    spark,
    unknown,
)

WORKER_PATH = "inputChannel.dataSource.protectedQueryInputParameters.computeConfiguration.worker"
SPARK_PATH = f"{WORKER_PATH}.properties.spark"
COLLABORATION = {"StringEquals": {"cleanrooms-ml:CollaborationId": "a1b2c3d4-0000-4000-8000-000000000001"}}
START = "cleanrooms-ml:StartAudienceGenerationJob"


def ids(operation: str, request: dict[str, Any]) -> list[str]:
    return [advice.id for advice in rules.advice("cleanroomsml", operation, request, unknown)]


def found(operation: str, request: dict[str, Any]) -> list[str]:
    return [str(advice) for advice in rules.advice("cleanroomsml", operation, request, unknown)]


def test_usual_requests_get_no_advice() -> None:
    assert found(CREATE_CHANNEL, spark(spark__sql__shuffle__partitions="400")) == []
    assert found(START_JOB, job(includeSeedInOutput=False)) == []
    assert found(CREATE_MODEL, model([1, 20], "PERCENTAGE")) == []
    assert found(CREATE_MODEL, model([21], "ABSOLUTE")) == []


def test_a_percentage_beyond_the_quota_gets_advice() -> None:
    assert found(CREATE_MODEL, model([20, 21, 100], "PERCENTAGE")) == [
        "audienceSizeConfig.audienceSizeBins[1] is 21; the quotas end at 20 percent of the users",
        "audienceSizeConfig.audienceSizeBins[2] is 100; the quotas end at 20 percent of the users",
    ]
    assert ids("StartAudienceExportJob", {"audienceSize": {"type": "PERCENTAGE", "value": 21}}) == [
        "cleanrooms-ml:percentage-quota"
    ]
    assert ids("StartAudienceExportJob", {"audienceSize": {"type": "ABSOLUTE", "value": 21}}) == []


def test_what_is_refused_gets_no_advice_in_addition() -> None:
    assert ids(CREATE_MODEL, model([101], "PERCENTAGE")) == []


@pytest.mark.parametrize(("kind", "most"), [("CR.1X", 128), ("CR.4X", 32), ("CR.8X", 16)])
def test_more_workers_than_the_default_quota_allows_get_advice(kind: str, most: int) -> None:
    assert ids(CREATE_CHANNEL, channel_with(type=kind, number=most)) == []
    assert ids(CREATE_CHANNEL, channel_with(type=kind, number=most + 1)) == ["cleanrooms-ml:worker-quota"]
    seed = {
        "sqlParameters": {"queryString": "x"},
        "sqlComputeConfiguration": {"worker": {"type": kind, "number": 1024}},
    }
    assert ids(START_JOB, job(seed)) == ["cleanrooms-ml:worker-quota"]


def test_workers_of_a_type_or_number_not_known_get_none() -> None:
    assert ids(CREATE_CHANNEL, channel_with(type="CR.16X", number=1024)) == []
    assert ids(CREATE_CHANNEL, channel_with(type=Unknown("CR.8X"), number=1024)) == []
    assert ids(CREATE_CHANNEL, channel_with(type="CR.8X", number=MAYBE)) == []
    assert ids(CREATE_CHANNEL, channel_with(type="CR.8X", number="1024")) == []


def test_an_undocumented_spark_key_gets_the_nearest_documented_one() -> None:
    assert found(CREATE_CHANNEL, spark(spark__sql__shuffle__partition="400")) == [
        f'{SPARK_PATH} has "spark.sql.shuffle.partition", which is not documented; the nearest documented one is '
        "spark.sql.shuffle.partitions"
    ]
    assert ids(CREATE_CHANNEL, spark(x="1")) == ["cleanrooms-ml:spark-key"]
    assert ids(CREATE_CHANNEL, spark(x=MAYBE)) == []


def test_a_spark_value_of_another_type_gets_what_fits() -> None:
    assert found(CREATE_CHANNEL, spark(spark__sql__shuffle__partitions="many")) == [
        f'{SPARK_PATH}["spark.sql.shuffle.partitions"] is "many"; a whole number fits'
    ]
    assert ids(CREATE_CHANNEL, spark(spark__sql__shuffle__partitions="many")) == ["cleanrooms-ml:spark-value"]
    assert ids(CREATE_CHANNEL, spark(spark__sql__shuffle__partitions=Unknown("many"))) == []


def test_a_seed_in_the_output_gets_advice() -> None:
    assert ids(START_JOB, job(includeSeedInOutput=True)) == ["cleanrooms-ml:seed-in-output"]
    assert ids(START_JOB, job(includeSeedInOutput=MAYBE)) == []


def policy(**statement: Any) -> dict[str, Any]:
    full = {"Effect": "Allow", "Principal": {"AWS": ["111122223333"]}, "Action": [START], "Resource": [MODEL]}
    return {"Version": "2012-10-17", "Statement": [{**full, **statement}]}


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"Action": START},
        {"Action": "cleanrooms-ml:*"},
        {"Action": "*"},
        {"Action": ["cleanrooms-ml:Get*", "CLEANROOMS-ML:startaudience?enerationjob"]},
        {"NotAction": "s3:*"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}},
    ],
)
def test_a_policy_that_lets_jobs_start_anywhere_gets_advice(statement: dict[str, Any]) -> None:
    (advice,) = policy_advice(policy(**statement), skip=unknown)
    assert advice.id == "cleanrooms-ml:policy-collaboration"
    assert str(advice).startswith("configuredAudienceModelPolicy.Statement[0] allows StartAudienceGenerationJob")
    request = {"configuredAudienceModelArn": MODEL, "configuredAudienceModelPolicy": json.dumps(policy(**statement))}
    assert rules.advice("cleanroomsml", "PutConfiguredAudienceModelPolicy", request) == [advice]


@pytest.mark.parametrize(
    "statement",
    [
        {"Condition": COLLABORATION},
        {"Condition": {"StringLike": {"CLEANROOMS-ML:collaborationid": "*"}}},
        {"Condition": MAYBE},
        {"Condition": {"StringEquals": MAYBE}},
        {"Condition": {"StringEquals": {Unknown("key"): "x"}}},
        {"Effect": "Deny"},
        {"Effect": MAYBE},
        {"Action": "cleanrooms-ml:GetConfiguredAudienceModel"},
        {"Action": MAYBE},
        {"Action": [Unknown("*")]},
        {"Action": "cleanrooms-ml.StartAudienceGenerationJob"},
        {"NotAction": ["cleanrooms-ml:Start*"]},
        {"NotAction": [Unknown("x")]},
    ],
)
def test_other_statements_get_none(statement: dict[str, Any]) -> None:
    assert policy_advice(policy(**statement), skip=unknown) == []


@pytest.mark.parametrize("document", ["no JSON", "[]", None, {}, {"Statement": MAYBE}, {"Statement": ["x", MAYBE]}])
def test_what_is_not_a_policy_gets_none(document: object) -> None:
    assert policy_advice(document, skip=unknown) == []


def test_a_single_statement_needs_no_list() -> None:
    document = policy()
    document["Statement"] = document["Statement"][0]
    assert len(policy_advice(document, "policy")) == 1


def test_channels_without_compute_get_none() -> None:
    request = channel()
    del request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]["computeConfiguration"]
    assert ids(CREATE_CHANNEL, request) == []
