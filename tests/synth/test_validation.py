"""What synth reports: everything at once, with the user's line; and what it leaves alone."""

from __future__ import annotations

import re
from inspect import currentframe, getframeinfo
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from cdk_cleanrooms_ml import (
    AudienceGenerationJob,
    AudienceSizes,
    ConfiguredAudienceModel,
    ProtectedQuery,
    ResultFormat,
    SeedAudience,
    SyntheticData,
    Wait,
    WorkerCompute,
    WorkerType,
)
from tests.synth.stacks import CONFIGURED_ARN, channel, configured, errors_of, job, new_stack, only, template_of

TEXT = cdk.Token.as_string({"Ref": "Parameter"})
NUMBER: Any = cdk.Token.as_number({"Ref": "Parameter"})
CHANNEL = "Custom::CleanRoomsML-MLInputChannel"


def test_every_problem_of_every_stack_is_reported_at_once() -> None:
    app = cdk.App()
    first, second = new_stack("First", app), new_stack("Second", app)
    configured(first, min_matching_seed_size=1, description="d" * 256)
    channel(second, retention=cdk.Duration.days(31), compute=WorkerCompute(number=5000))
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    text = str(caught.value)
    assert "[First] First/Configured: minMatchingSeedSize is 1; allowed 25 to 500000" in text
    assert "description has 256 characters; allowed 0 to 255" in text
    assert "[Second] Second/Channel: retentionInDays is 31; allowed 1 to 30" in text
    assert "computeConfiguration.worker.number is 5000; allowed 2 to 1024" in text


def test_a_message_names_path_field_limit_operation_and_line() -> None:
    stack = new_stack()
    bucket = s3.Bucket.from_bucket_name(stack, "Seeds", "seeds")
    model = ConfiguredAudienceModel.from_configured_audience_model_arn(stack, "Model", CONFIGURED_ARN)
    seed = SeedAudience.from_bucket(bucket, "seed.jsonl")
    AudienceGenerationJob(stack, "Job", configured_audience_model=model, seed_audience=seed, collaboration_id="uuid")
    line = getframeinfo(currentframe()).lineno  # type: ignore[arg-type]
    (error,) = errors_of(stack)
    match = re.fullmatch(
        r"\[Stack\] Stack/Job: collaborationId has 4 characters; allowed 36 "
        r"\(StartAudienceGenerationJob\)  \[(\S+):(\d+)\]",
        error,
    )
    assert match, error
    assert Path(match[1]).resolve() == Path(__file__)
    assert line - 5 < int(match[2]) < line


def test_queries_are_never_shown() -> None:
    stack = new_stack()
    channel(stack, query=ProtectedQuery.analysis_template("secret", parameters={"secret name": "secret"}))
    assert "secret" not in "\n".join(errors_of(stack))


def test_unknown_values_are_left_to_the_deployment() -> None:
    stack = new_stack()
    channel(
        stack,
        "Unknown",
        query=ProtectedQuery.sql(TEXT),
        description=TEXT,
        ml_input_channel_name=TEXT,
        compute_payer_account=cdk.Aws.ACCOUNT_ID,
        compute=WorkerCompute(spark_properties={"spark.sql.shuffle.partitions": TEXT}),
        run_id=TEXT,
        minimum_records=NUMBER,
        tags={"t": TEXT},
    )
    properties = only(template_of(stack), CHANNEL)["Properties"]
    assert properties["description"] == properties["RunId"] == {"Ref": "Parameter"}


def test_a_number_from_a_parameter_is_left_to_the_deployment() -> None:
    stack = new_stack()
    configured(stack, min_matching_seed_size=NUMBER)
    model = only(template_of(stack), "Custom::CleanRoomsML-ConfiguredAudienceModel")
    assert model["Properties"]["minMatchingSeedSize"] == {"Ref": "Parameter"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda stack: AudienceSizes.percentage(1, NUMBER), "a size is a token; it has to be known at synth"),
        (lambda stack: AudienceSizes.absolute(NUMBER), "a size is a token; it has to be known at synth"),
        (lambda stack: WorkerCompute(number=NUMBER), "number is a token; it has to be known at synth"),
        (lambda stack: channel(stack, retention=cdk.Duration.days(NUMBER)), "retention is a token"),
        (lambda stack: channel(stack, retention=cdk.Duration.hours(NUMBER)), "retention is a token"),
        (lambda stack: channel(stack, retention=30), "retention is an int; allowed is Duration"),
        (lambda stack: channel(stack, query="SELECT 1"), "query is a str; allowed is ProtectedQuery"),
        (lambda stack: channel(stack, membership="uuid"), "membership is a str; allowed is a membership"),
        (lambda stack: channel(stack, algorithm_association="arn"), "algorithm_association is a str"),
        (lambda stack: channel(stack, wait=cdk.Duration.hours(1)), "wait is a Duration; allowed is Wait"),
        (lambda stack: configured(stack, audience_model="arn"), "audience_model is a str; allowed is a model"),
        (lambda stack: job(stack, seed_audience="s3://"), "seed_audience is a str; allowed is SeedAudience"),
        (lambda stack: job(stack, configured_audience_model="arn"), "configured_audience_model is a str"),
        (lambda stack: WorkerCompute(type="CR.4X"), "type is a str; allowed is WorkerType"),  # type: ignore[arg-type]
        (lambda stack: ProtectedQuery.from_asset("nowhere.sql"), "'nowhere.sql' is no file"),
        (lambda stack: Wait.until_active(cdk.Duration.millis(90_500)), "90.5 seconds; allowed are whole seconds"),
        (lambda stack: Wait.until_active(3600), "is an int; allowed is Duration"),  # type: ignore[arg-type]
        (lambda stack: Wait.until_active(cdk.Duration.seconds(NUMBER)), "the timeout is a token"),
    ],
)
def test_a_wrong_form_is_refused_where_it_is_written(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(new_stack())


def test_wrong_values_in_lists_and_maps_are_found() -> None:
    stack = new_stack()
    configured(stack, audience_sizes=AudienceSizes.percentage(1, 2.5, 0))  # type: ignore[arg-type]
    channel(stack, compute=WorkerCompute(spark_properties={"a": 5, "b": "v" * 501}))  # type: ignore[dict-item]
    errors = "\n".join(errors_of(stack))
    assert "audienceSizeBins[1] is 2.5; a whole number is needed" in errors
    assert "audienceSizeBins[2] is 0; allowed 1 to 20000000" in errors
    assert 'spark["a"] is 5; a string is needed' in errors
    assert 'spark["b"] has 501 characters; allowed 0 to 500' in errors


@pytest.mark.parametrize(("hours", "days"), [(36, "1.5; a whole number is needed"), (0, "0; allowed 1 to 30")])
def test_a_retention_has_whole_days(hours: int, days: str) -> None:
    stack = new_stack()
    channel(stack, retention=cdk.Duration.hours(hours))
    (error,) = errors_of(stack)
    assert f"retentionInDays is {days}" in error


def test_impossible_gates_are_found() -> None:
    stack = new_stack()
    channel(stack, minimum_records=-1)
    job(stack, minimum_recall="high")
    errors = "\n".join(errors_of(stack))
    assert "minimum_records is -1; allowed 0 to" in errors
    assert 'minimum_recall is "high"; allowed 0' in errors


def test_a_value_newer_than_this_version_is_let_through() -> None:
    stack = new_stack()
    channel(stack, compute=WorkerCompute(type=WorkerType.of("CR.16X")), result_format=ResultFormat.of("ORC"))
    parameters = only(template_of(stack), CHANNEL)["Properties"]["inputChannel"]["dataSource"]
    query = parameters["protectedQueryInputParameters"]
    assert query["computeConfiguration"]["worker"]["type"] == "CR.16X"
    assert query["resultFormat"] == "ORC"


def test_values_are_equal_when_they_say_the_same() -> None:
    assert WorkerType.of("CR.4X") == WorkerType.CR_4X
    assert len({WorkerType.of("CR.4X"), WorkerType.CR_4X, WorkerType.CR_1X}) == 2
    assert WorkerType("CSV") != ResultFormat.CSV
    assert repr(WorkerType.CR_1X) == "WorkerType('CR.1X')"
    assert "SELECT" not in repr(ProtectedQuery.sql("SELECT 1"))
    assert SeedAudience.from_query(ProtectedQuery.sql("a")) == SeedAudience.from_query(ProtectedQuery.sql("a"))


def test_a_long_query_has_to_be_in_a_file(tmp_path: Path) -> None:
    long = f"SELECT '{'ä' * 40_000}'"
    stack = new_stack()
    channel(stack, query=ProtectedQuery.sql(long))
    (error,) = errors_of(stack)
    assert "allowed 61440. Keep the SQL in a file and pass ProtectedQuery.from_asset(path)" in error

    file = tmp_path / "query.sql"
    file.write_text(long, encoding="utf-8")
    stack = new_stack()
    channel(stack, query=ProtectedQuery.from_asset(file))
    template = template_of(stack)
    source = only(template, CHANNEL)["Properties"]["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    text = source["sqlParameters"]["queryString"]
    assert set(text) == {"S3Bucket", "S3Key"}
    assert text["S3Key"].endswith(".sql")
    reading = template["Resources"]["CleanRoomsMLWorkerPolicy"]["Properties"]["PolicyDocument"]["Statement"][-1]
    assert reading["Action"] == ["s3:GetObject"]
    assert reading["Resource"][0]["Fn::Join"][1][1] == text["S3Bucket"]


def test_a_file_is_checked_like_text(tmp_path: Path) -> None:
    file = tmp_path / "query.sql"
    file.write_text("x" * 500_001, encoding="utf-8")
    stack = new_stack()
    channel(stack, query=ProtectedQuery.from_asset(file))
    (error,) = errors_of(stack)
    assert "queryString has 500001 characters; allowed 0 to 500000" in error
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="is not UTF-8"):
        ProtectedQuery.from_asset(file)


def test_files_change_the_template_when_their_content_does(tmp_path: Path) -> None:
    def key(text: str) -> str:
        (tmp_path / "query.sql").write_text(text, encoding="utf-8")
        stack = new_stack()
        channel(stack, query=ProtectedQuery.from_asset(tmp_path / "query.sql"))
        source = only(template_of(stack), CHANNEL)["Properties"]["inputChannel"]["dataSource"]
        return str(source["protectedQueryInputParameters"]["sqlParameters"]["queryString"]["S3Key"])

    assert key("SELECT 1") == key("SELECT 1") != key("SELECT 2")


NO_NUMBERS = [float("nan"), float("inf"), -float("inf")]


@pytest.mark.parametrize("number", NO_NUMBERS, ids=str)
def test_numbers_that_json_does_not_have_are_refused_like_any_other(number: float) -> None:
    stack = new_stack()
    configured(stack, min_matching_seed_size=number, audience_sizes=AudienceSizes.percentage(number))  # type: ignore[arg-type]
    channel(stack, compute=WorkerCompute(number=number))  # type: ignore[arg-type]
    job(stack, minimum_recall=number)
    errors = "\n".join(errors_of(stack))
    assert f"minMatchingSeedSize is {number}; a whole number is needed" in errors
    assert f"audienceSizeBins[0] is {number}; a whole number is needed" in errors
    assert f"worker.number is {number}; a whole number is needed" in errors
    assert f"minimum_recall is {number}; allowed 0.0 to 1.0" in errors


@pytest.mark.parametrize("number", NO_NUMBERS, ids=str)
def test_synthetic_data_takes_numbers_alone(number: float) -> None:
    for numbers in ((number, 0.6), (3, number)):
        with pytest.raises(ValueError, match=f"is {number}; a number is needed"):
            SyntheticData(epsilon=numbers[0], maximum_membership_inference_attack_score=numbers[1], columns=[])


@pytest.mark.parametrize("digits", [30, 400])
def test_a_whole_number_beyond_all_floats_is_refused_like_any_other(digits: int) -> None:
    stack = new_stack()
    configured(stack, min_matching_seed_size=10**digits)
    (error,) = errors_of(stack)
    assert re.search(r"minMatchingSeedSize is 10+(… \(401 characters\))?; allowed 25 to 500000", error)
