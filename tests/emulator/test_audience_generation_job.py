"""Configured audience models and the generation jobs that use them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ROLE, Bench, error_of

COLLABORATION = "33333333-3333-4333-8333-333333333333"
OTHER_ACCOUNT = "444455556666"


def test_a_configured_audience_model_is_active_at_once_and_reads_back(bench: Bench) -> None:
    sizes = {"audienceSizeType": "PERCENTAGE", "audienceSizeBins": [1, 5]}
    request = bench.model(description="d", minMatchingSeedSize=25, audienceSizeConfig=sizes, tags={"a": "b"})
    arn = bench.client.create_configured_audience_model(**request)["configuredAudienceModelArn"]
    model = bench.client.get_configured_audience_model(configuredAudienceModelArn=arn)
    for member, value in request.items():
        assert model[member] == value, member
    assert model["status"] == "ACTIVE"


def test_an_update_changes_what_it_names_and_nothing_else(bench: Bench) -> None:
    arn = bench.created_model(description="before", minMatchingSeedSize=30)
    before = bench.client.get_configured_audience_model(configuredAudienceModelArn=arn)
    bench.clock.sleep(60)
    other = bench.emulator.seeds.audience_model("another")
    bench.client.update_configured_audience_model(
        configuredAudienceModelArn=arn, audienceModelArn=other, description="after"
    )
    after = bench.client.get_configured_audience_model(configuredAudienceModelArn=arn)
    changed = {name for name in after if name != "ResponseMetadata" and after[name] != before[name]}
    assert changed == {"audienceModelArn", "description", "updateTime"}
    assert after["description"] == "after"


def test_names_of_configured_audience_models_need_not_be_unique(bench: Bench) -> None:
    assert bench.created_model() != bench.created_model()


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "CREATE_FAILED"])
def test_an_audience_model_that_is_not_ready_cannot_be_configured(bench: Bench, status: str) -> None:
    unready = bench.emulator.seeds.audience_model("unready", status)
    with pytest.raises(ClientError) as caught:
        bench.created_model(audienceModelArn=unready)
    code, _, message = error_of(caught)
    assert code == "ValidationException"
    assert status in message


def test_an_audience_model_that_is_not_there_is_not_found(bench: Bench) -> None:
    with pytest.raises(ClientError) as caught:
        bench.created_model(audienceModelArn=bench.audience_model + "x")
    assert error_of(caught)[:2] == ("ResourceNotFoundException", 404)


def test_a_job_ends_active_with_metrics_for_every_bin(bench: Bench) -> None:
    sizes = {"audienceSizeType": "ABSOLUTE", "audienceSizeBins": [20000, 100000, 50000]}
    model = bench.created_model(audienceSizeConfig=sizes)
    request = bench.job(model, description="d", includeSeedInOutput=True, collaborationId=COLLABORATION)
    arn = bench.client.start_audience_generation_job(**request)["audienceGenerationJobArn"]
    assert bench.read_job(arn)["status"] == "CREATE_PENDING"
    bench.clock.sleep(1)
    assert bench.read_job(arn)["status"] == "CREATE_IN_PROGRESS"
    bench.clock.sleep(3)
    job = bench.read_job(arn)
    for member, value in request.items():
        assert job[member] == value, member
    assert job["status"] == "ACTIVE"
    assert job["startedBy"] == "000000000000"
    assert "protectedQueryIdentifier" not in job
    relevance = job["metrics"]["relevanceMetrics"]
    assert [item["audienceSize"] for item in relevance] == [
        {"type": "ABSOLUTE", "value": size} for size in (20000, 50000, 100000)
    ]
    scores = [item["score"] for item in relevance]
    assert 1 > scores[0] > scores[1] > scores[2] > 0
    assert 0 < job["metrics"]["recallMetric"] < 1


def test_metrics_that_are_not_shared_are_not_shown(bench: Bench) -> None:
    arn = bench.created_job(bench.created_model(sharedAudienceMetrics=["NONE"]))
    bench.clock.sleep(4)
    job = bench.read_job(arn)
    assert job["status"] == "ACTIVE"
    assert "metrics" not in job


def test_a_job_of_a_query_shows_the_protected_query(bench: Bench) -> None:
    seed = {"sqlParameters": {"queryString": "WITH s AS (SELECT 1) SELECT * FROM s"}, "roleArn": ROLE}
    arn = bench.created_job(bench.created_model(), seedAudience=seed)
    bench.clock.sleep(4)
    job = bench.read_job(arn)
    assert job["status"] == "ACTIVE"
    assert job["protectedQueryIdentifier"]


def test_a_seed_that_is_too_small_fails_the_job(bench: Bench) -> None:
    seed = {"dataSource": {"s3Uri": "s3://bucket/seeds/too-small.jsonl"}, "roleArn": ROLE}
    arn = bench.created_job(bench.created_model(minMatchingSeedSize=25), seedAudience=seed)
    bench.clock.sleep(4)
    job = bench.read_job(arn)
    assert job["status"] == "CREATE_FAILED"
    assert job["statusDetails"]["statusCode"] == "SEED_TOO_SMALL"
    assert "at least 25" in job["statusDetails"]["message"]
    assert "metrics" not in job


def test_a_deleted_job_is_gone_after_a_while_and_frees_its_name(bench: Bench) -> None:
    model = bench.created_model()
    arn = bench.created_job(model)
    bench.clock.sleep(4)
    bench.client.delete_audience_generation_job(audienceGenerationJobArn=arn)
    assert bench.read_job(arn)["status"] == "DELETE_PENDING"
    with pytest.raises(ClientError) as caught:
        bench.created_job(model)
    assert error_of(caught)[0] == "ConflictException"
    bench.clock.sleep(0.5)
    assert bench.read_job(arn)["status"] == "DELETE_IN_PROGRESS"
    with pytest.raises(ClientError) as caught:
        bench.client.delete_audience_generation_job(audienceGenerationJobArn=arn)
    assert error_of(caught)[0] == "ConflictException"
    bench.clock.sleep(0.5)
    with pytest.raises(ClientError) as caught:
        bench.read_job(arn)
    assert error_of(caught)[:2] == ("ResourceNotFoundException", 404)
    assert bench.client.list_audience_generation_jobs()["audienceGenerationJobs"] == []
    assert bench.created_job(model) != arn


def test_a_model_in_use_cannot_be_deleted_until_its_jobs_are_gone(bench: Bench) -> None:
    model = bench.created_model()
    job = bench.created_job(model)
    bench.clock.sleep(4)

    def delete() -> Any:
        return bench.client.delete_configured_audience_model(configuredAudienceModelArn=model)

    with pytest.raises(ClientError) as caught:
        delete()
    code, status, message = error_of(caught)
    assert (code, status) == ("ConflictException", 409)
    assert job in message
    bench.client.delete_audience_generation_job(audienceGenerationJobArn=job)
    with pytest.raises(ClientError):
        delete()
    bench.clock.sleep(1)
    delete()
    with pytest.raises(ClientError) as caught:
        bench.client.get_configured_audience_model(configuredAudienceModelArn=model)
    assert error_of(caught)[0] == "ResourceNotFoundException"


def test_a_job_that_is_being_deleted_may_free_its_model(bench: Bench) -> None:
    bench.emulator.options = replace(bench.emulator.options, deleting_holds=False)
    model = bench.created_model()
    job = bench.created_job(model)
    bench.clock.sleep(4)
    bench.client.delete_audience_generation_job(audienceGenerationJobArn=job)
    assert bench.read_job(job)["status"] in ("DELETE_PENDING", "DELETE_IN_PROGRESS")
    bench.client.delete_configured_audience_model(configuredAudienceModelArn=model)
    assert bench.client.list_configured_audience_models()["configuredAudienceModels"] == []


def test_jobs_are_listed_by_model_and_by_collaboration(bench: Bench) -> None:
    first, second = bench.created_model("first"), bench.created_model("second")
    one = bench.created_job(first, "one", collaborationId=COLLABORATION)
    two = bench.created_job(first, "two")
    three = bench.created_job(second, "three")

    def listed(**filters: str) -> list[str]:
        found = bench.client.list_audience_generation_jobs(**filters)["audienceGenerationJobs"]
        return [job["audienceGenerationJobArn"] for job in found]

    assert listed() == [one, two, three]
    assert listed(configuredAudienceModelArn=first) == [one, two]
    assert listed(collaborationId=COLLABORATION) == [one]
    assert listed(configuredAudienceModelArn=second, collaborationId=COLLABORATION) == []


def test_jobs_take_the_tags_of_their_model_if_it_says_so(bench: Bench) -> None:
    inheriting = bench.created_model(
        "a", tags={"team": "ads", "env": "dev"}, childResourceTagOnCreatePolicy="FROM_PARENT_RESOURCE"
    )
    plain = bench.created_model("b", tags={"team": "ads"})
    assert bench.read_job(bench.created_job(inheriting, "one", tags={"env": "prod"}))["tags"] == {
        "team": "ads",
        "env": "prod",
    }
    assert bench.read_job(bench.created_job(plain, "two")).get("tags", {}) == {}


def test_a_template_with_synthetic_output_is_no_seed(bench: Bench) -> None:
    template = bench.emulator.seeds.analysis_template(
        synthetic={"epsilon": 1.0, "maxMembershipInferenceAttackScore": 0.8}
    )
    seed = {"sqlParameters": {"analysisTemplateArn": template}, "roleArn": ROLE}
    with pytest.raises(ClientError) as caught:
        bench.created_job(bench.created_model(), seedAudience=seed)
    assert error_of(caught)[0] == "ValidationException"
    assert [record["kind"] for record in bench.emulator.records(seeded=False)] == ["ConfiguredAudienceModel"]


def test_another_accounts_model_can_be_used_as_far_as_its_policy_says(bench: Bench) -> None:
    closed = bench.emulator.seeds.configured_audience_model("closed", account=OTHER_ACCOUNT)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ["000000000000"]},
        "Action": ["cleanrooms-ml:StartAudienceGenerationJob"],
        "Resource": "*",
        "Condition": {"StringEquals": {"cleanrooms-ml:CollaborationId": COLLABORATION}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    shared = bench.emulator.seeds.configured_audience_model("shared", account=OTHER_ACCOUNT, policy=policy)
    for model, collaboration in ((closed, {"collaborationId": COLLABORATION}), (shared, {})):
        with pytest.raises(ClientError) as caught:
            bench.created_job(model, **collaboration)
        assert error_of(caught)[:2] == ("AccessDeniedException", 403)
    assert bench.created_job(shared, collaborationId=COLLABORATION)


def test_an_audience_model_trains_and_is_deleted_over_time(bench: Bench) -> None:
    dataset = bench.emulator.seeds.training_dataset()
    created = bench.client.create_audience_model(name="m", trainingDatasetArn=dataset, tags={"a": "b"})
    arn = created["audienceModelArn"]
    with pytest.raises(ClientError) as caught:
        bench.client.delete_audience_model(audienceModelArn=arn)
    assert error_of(caught)[0] == "ConflictException"
    bench.clock.sleep(4)
    model = bench.client.get_audience_model(audienceModelArn=arn)
    assert (model["status"], model["tags"]) == ("ACTIVE", {"a": "b"})
    configured = bench.created_model(audienceModelArn=arn)
    with pytest.raises(ClientError) as caught:
        bench.client.delete_audience_model(audienceModelArn=arn)
    assert configured in error_of(caught)[2]
    bench.client.delete_configured_audience_model(configuredAudienceModelArn=configured)
    bench.client.delete_audience_model(audienceModelArn=arn)
    bench.clock.sleep(1)
    listed = bench.client.list_audience_models()["audienceModels"]
    assert [item["audienceModelArn"] for item in listed] == [bench.audience_model]
