"""Training datasets, audience models, and exports of audiences: the two ends of lookalike modeling."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import RunOrder, quotas

from .conftest import Bench, error_of


def exports(bench: Bench, **filters: str) -> list[dict[str, Any]]:
    """What the list of exports says."""
    jobs: list[dict[str, Any]] = bench.client.list_audience_export_jobs(**filters)["audienceExportJobs"]
    return jobs


def refused(bench: Bench, job: str, **changes: Any) -> str:
    """The message with which an export is refused as invalid."""
    with pytest.raises(ClientError) as caught:
        bench.client.start_audience_export_job(**bench.audience_export(job, **changes))
    code, _, message = error_of(caught)
    assert code == "ValidationException"
    return message


# -- datasets and models -----------------------------------------------------------------------------------------------


def test_a_dataset_reads_back_and_its_name_is_unique_in_the_account(bench: Bench) -> None:
    request = bench.dataset(description="d", tags={"a": "b"})
    arn = bench.client.create_training_dataset(**request)["trainingDatasetArn"]
    dataset = bench.client.get_training_dataset(trainingDatasetArn=arn)
    for member, value in request.items():
        assert dataset[member] == value, member
    with pytest.raises(ClientError) as caught:
        bench.client.create_training_dataset(**request)
    assert error_of(caught)[:2] == ("ConflictException", 409)
    with bench.as_account("444455556666"):
        request["roleArn"] = request["roleArn"].replace("000000000000", "444455556666")
        assert bench.client.create_training_dataset(**request)


def test_a_dataset_is_held_by_its_models(bench: Bench) -> None:
    dataset = bench.client.create_training_dataset(**bench.dataset())["trainingDatasetArn"]
    model = bench.client.create_audience_model(name="m", trainingDatasetArn=dataset)["audienceModelArn"]
    bench.clock.sleep(4)
    with pytest.raises(ClientError) as caught:
        bench.client.delete_training_dataset(trainingDatasetArn=dataset)
    assert model in error_of(caught)[2]
    bench.client.delete_audience_model(audienceModelArn=model)
    bench.clock.sleep(1)
    bench.client.delete_training_dataset(trainingDatasetArn=dataset)


@pytest.mark.parametrize(
    ("table", "code"), [("no_such_table", "TABLE_NOT_FOUND"), ("clicks_too_small", "TOO_FEW_INTERACTIONS")]
)
def test_a_table_that_cannot_be_trained_on_fails_the_model(bench: Bench, table: str, code: str) -> None:
    dataset = bench.client.create_training_dataset(**bench.dataset(table=table))["trainingDatasetArn"]
    arn = bench.client.create_audience_model(name="m", trainingDatasetArn=dataset)["audienceModelArn"]
    bench.clock.sleep(4)
    model = bench.client.get_audience_model(audienceModelArn=arn)
    assert (model["status"], model["statusDetails"]["statusCode"]) == ("CREATE_FAILED", code)


# -- exports -----------------------------------------------------------------------------------------------------------


def test_an_export_shows_in_its_list_alone(bench: Bench) -> None:
    job = bench.ready_job()
    reply = bench.client.start_audience_export_job(**bench.audience_export(job, description="d"))
    assert set(reply) == {"ResponseMetadata"}
    (export,) = exports(bench)
    assert (export["status"], "outputLocation" in export) == ("CREATE_PENDING", False)
    bench.clock.sleep(2)
    (export,) = exports(bench)
    assert (export["name"], export["description"], export["status"]) == ("export", "d", "ACTIVE")
    assert export["outputLocation"] == "s3://bucket/out"
    assert exports(bench, audienceGenerationJobArn=job) == [export]
    assert exports(bench, audienceGenerationJobArn=job + "x") == []
    assert bench.emulator.record(f"{job}#export")["status"] == "ACTIVE"


def test_exports_of_one_name_are_two(bench: Bench) -> None:
    job = bench.ready_job()
    for _ in range(2):
        bench.client.start_audience_export_job(**bench.audience_export(job))
    assert [export["name"] for export in exports(bench)] == ["export", "export"]


def test_exports_disappear_with_their_job(bench: Bench) -> None:
    job = bench.ready_job()
    bench.client.start_audience_export_job(**bench.audience_export(job))
    with pytest.raises(ClientError) as caught:
        bench.client.delete_audience_generation_job(audienceGenerationJobArn=job)
    assert "in use by the audience export job" in error_of(caught)[2]
    bench.clock.sleep(2)
    bench.client.delete_audience_generation_job(audienceGenerationJobArn=job)
    bench.clock.sleep(1)
    assert exports(bench) == []


def test_the_size_is_one_that_the_model_computed(bench: Bench) -> None:
    assert "PERCENTAGE 3" in refused(bench, bench.ready_job(), value=3)
    sizes = {"audienceSizeType": "ABSOLUTE", "audienceSizeBins": [5000, 20000]}
    job = bench.ready_job(bench.created_model(audienceSizeConfig=sizes), "other")
    assert "is PERCENTAGE 1" in refused(bench, job)
    bench.client.start_audience_export_job(
        **bench.audience_export(job, audienceSize={"type": "ABSOLUTE", "value": 20000})
    )
    assert "at least 10000" in refused(bench, job, audienceSize={"type": "ABSOLUTE", "value": 5000})


def test_a_job_that_is_not_ready_has_nothing_to_export(bench: Bench) -> None:
    assert "CREATE_PENDING" in refused(bench, bench.created_job(bench.created_model()))


def test_an_export_to_a_bucket_that_is_not_there_fails(bench: Bench) -> None:
    output = bench.model()["outputConfig"]
    output["destination"] = {"s3Destination": {"s3Uri": "s3://no-such-bucket/x"}}
    job = bench.ready_job(bench.created_model(outputConfig=output))
    bench.client.start_audience_export_job(**bench.audience_export(job))
    bench.clock.sleep(2)
    (export,) = exports(bench)
    assert (export["status"], export["statusDetails"]["statusCode"]) == ("CREATE_FAILED", "BUCKET_NOT_FOUND")


def test_a_job_has_25_active_exports_and_an_account_20_in_flight(bench: Bench) -> None:
    job = bench.ready_job()

    def export(number: int) -> None:
        bench.client.start_audience_export_job(**bench.audience_export(job, f"export-{number}"))

    for number in range(20):
        export(number)
    with pytest.raises(ClientError) as caught:
        export(20)
    assert error_of(caught)[:2] == ("ServiceQuotaExceededException", 402)
    assert caught.value.response["quotaName"] == quotas.PENDING_AUDIENCE_EXPORT_JOBS
    bench.clock.sleep(2)
    bench.emulator.order_run(RunOrder("AudienceExportJob", status_code="X", message="why"))
    for number in range(20, 26):
        export(number)
        bench.clock.sleep(2)
    with pytest.raises(ClientError) as caught:
        export(26)
    assert caught.value.response["quotaName"] == quotas.ACTIVE_AUDIENCE_EXPORT_JOBS
