"""What status says of each kind, in every state."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from cleanrooms_ml_cli.account.handlers import SPECS, Phase
from cleanrooms_ml_cli.account.stacks import DeployedStack, StackResource
from cleanrooms_ml_cli.account.usual import USUAL, span
from cleanrooms_ml_cli.stack.render import as_lines, as_table, changed_lines
from cleanrooms_ml_cli.stack.status import Row, Status, status_of
from cleanrooms_ml_simulator.lifecycle.cases import CASES, THING, Case
from cleanrooms_ml_simulator.templates import QUERY, channel, generation_job, ready, template, watched
from cleanrooms_ml_simulator.world import World

from .account import Account

_CASES = pytest.mark.parametrize("case", CASES, ids=str)
_RUNS = pytest.mark.parametrize("case", [case for case in CASES if case.spec.long_running], ids=str)


@_CASES
def test_what_was_deployed_is_ready(case: Case, world: World, account: Account) -> None:
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    status = account.status(stack)
    (row,) = status.rows
    assert (row.kind, row.state, row.where) == (case.spec.kind, Phase.READY.value, THING)
    assert status.is_ready
    assert not status.has_failed
    names = {name.partition("PERCENTAGE")[0] for name in row.figures}
    assert names <= {*case.spec.attributes, *case.spec.keyed_attributes}


@_RUNS
def test_a_run_under_way_is_reported_with_its_age_against_the_usual_one(
    case: Case, world: World, account: Account
) -> None:
    stack = world.stack()
    stack.create(template(watched(case.resources(), THING)))
    world.advance(1)
    (row,) = account.status(stack).rows
    assert row.state == Phase.PENDING.value
    assert USUAL[case.spec.kind].duration in row.age
    assert not account.status(stack).is_settled


def test_a_run_that_takes_longer_than_usual_is_late(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(watched(channel("Channel"), "Channel")))
    deployed, far = account.deployed(stack), world.simulation.now + USUAL["MLInputChannel"].longest_seconds + 60
    (row,) = status_of(deployed, world.service, lambda: far).rows
    assert row.is_late
    assert row.age.endswith("(late)")


def test_results_are_reported(world: World, account: Account) -> None:
    stack = world.stack()
    assert stack.create(template(channel(), generation_job())) == "CREATE_COMPLETE"
    rows = {row.kind: row for row in account.status(stack).rows}
    assert rows["MLInputChannel"].figures["NumberOfRecords"] == int(
        stack.attribute(ready("Channel"), "NumberOfRecords")
    )
    assert "Recall=" in rows["AudienceGenerationJob"].results


def test_a_failed_run_is_reported_with_the_services_own_reason(world: World, account: Account) -> None:
    stack = world.stack()
    job = watched(generation_job(seed="s3://seeds/too-small.jsonl"), "Job")
    assert stack.create(template(job)) == "CREATE_COMPLETE"
    world.advance(4000)
    status = account.status(stack)
    (row,) = status.rows
    (record,) = world.records("AudienceGenerationJob")
    assert row.state == Phase.FAILED.value
    assert record["data"]["statusDetails"]["message"] in row.reason
    assert status.has_failed
    assert status.is_settled


def test_an_expired_run_is_gone_and_what_was_deleted_is_missing(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(channel(), generation_job()))
    world.expire(stack.physical_id("Channel"))
    world.call("DeleteAudienceGenerationJob", audienceGenerationJobArn=stack.physical_id("Job"))
    world.advance(4000)
    rows = {row.kind: row for row in account.status(stack).rows}
    assert (rows["MLInputChannel"].state, rows["MLInputChannel"].has_failed) == ("gone", False)
    assert (rows["AudienceGenerationJob"].state, rows["AudienceGenerationJob"].has_failed) == ("missing", True)
    assert "deleted outside CloudFormation" in rows["AudienceGenerationJob"].reason


def test_a_status_that_this_version_does_not_know_is_reported_as_such(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(channel()))
    world.set_status(stack.physical_id("Channel"), "DREAMING")
    (row,) = account.status(stack).rows
    assert (row.status, row.state) == ("DREAMING", "unknown")
    assert "upgrade" in row.reason


def test_native_types_and_nested_stacks_are_there(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(channel()))
    arn = "arn:aws:cleanrooms-ml:us-east-1:000000000000:training-dataset/one"
    dataset = StackResource("Data", "AWS::CleanRoomsML::TrainingDataset", arn, "CREATE_FAILED", "no such table")
    top = DeployedStack(
        "top", stack.id, "ROLLBACK_COMPLETE", resources={"Data": dataset}, nested={"Child": account.deployed(stack)}
    )
    status = status_of(top, world.service, world.simulation.clock)
    assert [(row.stack, row.kind, row.state) for row in status.rows] == [
        ("top", "TrainingDataset", "failed"),
        ("app", "MLInputChannel", "ready"),
    ]
    assert status.rows[0].reason == "no such table"
    assert status.has_failed


def test_lines_and_table_say_the_same_and_brackets_are_no_markup() -> None:
    row = Row("app", "Data[red]", "MLInputChannel", "name", "CREATE_FAILED", "failed", 3700, reason="[bold]no rows")
    status = Status(DeployedStack("app", "arn:aws:cloudformation:us-east-1:0:stack/app/x", "CREATE_COMPLETE"), (row,))
    assert as_lines(status).splitlines() == [
        "app is CREATE_COMPLETE: 1 failed",
        "  Data[red]  MLInputChannel  CREATE_FAILED  1h 1m: [bold]no rows",
    ]
    file = io.StringIO()
    Console(file=file, width=160).print(as_table(status))
    assert all(text in file.getvalue() for text in ("Data[red]", "[bold]no rows", "1h 1m"))


def test_a_log_hears_of_what_changed_alone() -> None:
    stack = DeployedStack("app", "id", "CREATE_IN_PROGRESS")
    row = Row("app", "Data", "MLInputChannel", "name", "CREATE_PENDING", "pending", 1)
    before = Status(stack, (row,))
    assert len(changed_lines(None, before)) == 2
    assert changed_lines(before, Status(stack, (Row(**{**vars(row), "seconds": 90}),))) == []
    (line,) = changed_lines(before, Status(stack, (Row(**{**vars(row), "status": "ACTIVE", "state": "ready"}),)))
    assert line == "Data  MLInputChannel  ACTIVE  1s"


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.long_running], ids=lambda spec: spec.kind)
def test_every_run_has_a_usual_duration(spec: object) -> None:
    usual = USUAL[spec.kind]  # type: ignore[attr-defined]
    assert 0 < usual.shortest_seconds <= usual.longest_seconds


def test_a_run_is_late_after_what_aws_documents_for_its_request() -> None:
    from_file: dict[str, object] = {"seedAudience": {"dataSource": {}}}
    from_query: dict[str, object] = {"seedAudience": {"sqlParameters": {"a": 1}}}
    job, training = USUAL["AudienceGenerationJob"], USUAL["TrainedModel"]
    assert [job.limit_seconds(each) / 3600 for each in (from_file, from_query)] == [10, 35]
    assert job.duration_of(from_query).endswith("; at most 35h")
    assert [training.limit_seconds({}), training.limit_seconds({"stoppingCondition": {"maxRuntimeInSeconds": 60}})] == [
        *(86_400, 60)
    ]
    assert USUAL["MLInputChannel"].longest_seconds == 24 * 3600


def test_spans_read_well() -> None:
    assert [span(value) for value in (0, 59, 60, 3599, 3600, 3660, 47 * 3600, 50 * 3600)] == [
        *("0s", "59s", "1m", "59m", "1h", "1h 1m", "47h", "2d 2h")
    ]


def test_the_query_is_never_shown_even_if_the_service_repeats_it(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(channel()))
    assert QUERY not in str(account.status(stack).as_json())
    record = world.emulator.state.world.records[stack.physical_id("Channel")]
    record.data["statusDetails"] = {"statusCode": "SQL", "message": f"cannot run {QUERY}"}
    world.set_status(record.arn, "CREATE_FAILED")
    (row,) = account.status(stack).rows
    assert row.reason.startswith("SQL cannot run ")
    assert QUERY not in str(account.status(stack).as_json())
