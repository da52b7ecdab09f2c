"""What of AWS nobody could check: the library does the right thing in either case; see docs/assumptions.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_handlers.model import service_model
from cleanrooms_ml_handlers.resources import SPECS
from cleanrooms_ml_simulator.lifecycle.cases import CASES, DELETABLE, THING, Case
from cleanrooms_ml_simulator.templates import channel, configured_audience_model, generation_job, get, ready, template
from cleanrooms_ml_simulator.wire import Ask, Call, Reply
from cleanrooms_ml_simulator.world import World

OTHER = channel("Other", run_id="other")


def assume(world: World, **options: Any) -> None:
    world.emulator.options = replace(world.emulator.options, **options)


@pytest.mark.parametrize("frees", [False, True])
def test_a_channel_that_returns_to_the_stack_runs_whether_its_old_name_is_free_or_not(
    world: World, frees: bool
) -> None:
    assume(world, inactive_frees_name=frees)
    stack = world.stack()
    stack.create(template(channel(THING), OTHER))
    first = stack.physical_id(THING)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    assert stack.update(template(channel(THING), OTHER)) == "UPDATE_COMPLETE"
    second = stack.physical_id(THING)
    assert second != first
    records = world.emulator.state.world.records
    # Another name is right in either case.
    assert records[second].name == f"{records[first].name}-2"


@pytest.mark.parametrize("error", ["conflict", "validation"])
def test_a_run_in_progress_is_deleted_after_its_end_whatever_the_error_says(world: World, error: str) -> None:
    assume(world, busy_delete=error)
    world.emulator.order_run(RunOrder("MLInputChannel", seconds=900))
    stack = world.stack()
    # The wait ends before the run.
    assert stack.create(template(channel(THING, timeout_seconds=120))) == "ROLLBACK_COMPLETE"
    assert not world.leftovers()


@pytest.mark.parametrize("holds", [True, False])
def test_what_somebody_is_deleting_holds_up_a_delete_at_most_until_its_end(world: World, holds: bool) -> None:
    assume(world, deleting_holds=holds)
    stack = world.stack()
    stack.create(template(configured_audience_model(THING)))
    # A job of somebody else, of the stack's model.
    request = {**generation_job("Theirs")["Theirs"]["Properties"], "name": "theirs"}
    request["configuredAudienceModelArn"] = stack.physical_id(THING)
    world.call("StartAudienceGenerationJob", **{k: v for k, v in request.items() if k[0].islower()})
    job = world.created("AudienceGenerationJob")[-1]
    world.advance(60)
    world.emulator.order_run(RunOrder("AudienceGenerationJob", phase="delete", seconds=300))
    world.call("DeleteAudienceGenerationJob", audienceGenerationJobArn=job)
    before = world.simulation.now
    assert stack.delete() == "DELETE_COMPLETE"
    assert (world.simulation.now - before > 250) is holds
    world.advance(600)
    assert not world.leftovers()


@pytest.mark.parametrize("answer", ["accepted", "refused"])
@pytest.mark.parametrize("make", [channel, generation_job])
def test_a_spark_property_that_is_not_documented_is_up_to_the_service(world: World, answer: str, make: Any) -> None:
    assume(world, unlisted_spark_keys=answer)
    worker = {"worker": {"type": "CR.1X", "number": 2, "properties": {"spark": {"spark.new.key": "1"}}}}
    resources = make(THING)
    properties = resources[THING]["Properties"]
    if make is channel:
        properties["inputChannel"]["dataSource"]["protectedQueryInputParameters"]["computeConfiguration"] = worker
    else:
        seed = properties["seedAudience"]
        seed.pop("dataSource")
        seed |= {"sqlParameters": {"queryString": "SELECT user_id FROM crm"}, "sqlComputeConfiguration": worker}
    stack = world.stack()
    status = stack.create(template(resources))
    assert status == ("CREATE_COMPLETE" if answer == "accepted" else "ROLLBACK_COMPLETE")
    if answer == "refused":
        assert "spark.new.key" in stack.why(THING)
        assert not world.leftovers()


@pytest.mark.parametrize("shows", [True, False])
@pytest.mark.parametrize("tagging", ["conflict", "ok"])
def test_a_channel_whose_retention_ended_is_still_a_resource_of_the_stack(
    world: World, shows: bool, tagging: str
) -> None:
    assume(world, inactive_figures=shows, tag_inactive=tagging)
    stack = world.stack()
    stack.create(template(channel(THING)))
    arn = stack.physical_id(THING)
    world.emulator.expire(arn)
    world.advance(2 * 3600)
    assert stack.update(template(channel(THING, tags={"a": "b"}))) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == arn
    assert stack.delete() == "DELETE_COMPLETE"


@pytest.mark.parametrize("error", ["conflict", "validation"])
@pytest.mark.parametrize("case", DELETABLE, ids=str)
def test_a_delete_that_somebody_else_has_begun_ends_whatever_the_error_says(
    world: World, case: Case, error: str
) -> None:
    assume(world, busy_delete=error)
    stack = world.stack()
    stack.create(case.template())
    begun: list[str] = []

    def begin_before(call: Call, _: AWSPreparedRequest, ask: Ask) -> Reply:
        # Theirs comes between our read, which shows it ACTIVE, and our delete.
        if call.operation == case.delete and not begun:
            begun.append(call.operation)
            ask()
        return ask()

    world.wire.layers.append(begin_before)
    assert stack.delete() == "DELETE_COMPLETE"
    assert begun
    assert not world.leftovers()


@pytest.mark.parametrize("creates", ["same name", "always"])
def test_a_model_that_continues_another_is_deleted_alone_whatever_it_is_to_the_service(
    world: World, creates: str
) -> None:
    assume(world, new_version=creates)
    [model] = [case for case in CASES if case.spec.versions]
    base, stack = model.resources(), world.stack()
    channel = {"channelName": "earlier", "trainedModelArn": get(THING, "Arn")}

    def template_with(number: int) -> dict[str, Any]:
        members = {model.spec.continues_field: [channel], "RunId": str(number)}
        continued = model.resources("Continued", **members)
        continued["Continued"]["DependsOn"] = [ready(THING)]
        return template(base, continued)

    assert stack.create(template_with(1)) == "CREATE_COMPLETE"
    arn, first = stack.physical_id(THING), stack.physical_id("Continued")
    assert (first.partition("#")[0] == arn) is (creates == "always")
    assert stack.update(template_with(2)) == "UPDATE_COMPLETE"
    second = stack.physical_id("Continued")
    assert second != first
    assert {record["arn"] for record in world.leftovers()} == {arn, second}
    assert stack.update(template(base)) == "UPDATE_COMPLETE"
    assert [record["arn"] for record in world.leftovers()] == [arn]
    assert stack.update(template(model.resources(tags={"a": "b"}))) == "UPDATE_COMPLETE"
    assert stack.physical_id(THING) == arn
    assert world.record(arn)["tags"]["a"] == "b"
    assert stack.delete() == "DELETE_COMPLETE", stack.why(THING)
    assert not world.leftovers()


@pytest.mark.parametrize("latest", ["usable", "any"])
def test_a_first_version_is_continued_after_its_later_ones_or_the_reason_says_what_to_do(
    world: World, latest: str
) -> None:
    assume(world, latest_version=latest)
    [model] = [case for case in CASES if case.spec.versions]
    stack, first = world.stack(), model.resources(name="model")
    assert stack.create(template(first)) == "CREATE_COMPLETE"
    channel = {"channelName": "earlier", "trainedModelArn": stack.physical_id(THING)}

    def later(run: str) -> dict[str, Any]:
        return model.resources("Later", name="model", RunId=run, **{model.spec.continues_field: [channel]})

    assert stack.update(template(first, later("1"))) == "UPDATE_COMPLETE"
    assert stack.update(template(first)) == "UPDATE_COMPLETE"
    done = stack.update(template(first, later("2")))
    assert done == ("UPDATE_COMPLETE" if latest == "usable" else "UPDATE_ROLLBACK_COMPLETE")
    if latest == "any":
        assert f"the latest version of TrainedModel {stack.physical_id(THING)} is INACTIVE" in stack.why("Later")
        assert "train it again with another run_id, and continue that one" in stack.why("Later")


@pytest.mark.parametrize("answer", ["not found", "access denied"])
@pytest.mark.parametrize("case", [case for case in CASES if case.spec.service == "cleanrooms"], ids=str)
def test_what_somebody_has_deleted_is_gone_whatever_operations_answer(world: World, case: Case, answer: str) -> None:
    assume(world, undeclared_not_found=answer)
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    service = world.emulator.state.world
    service.remove(service.records[stack.physical_id(THING)])
    assert stack.delete() == "DELETE_COMPLETE"


def test_every_operation_that_the_handlers_call_for_one_resource_declares_that_it_is_not_there() -> None:
    for spec in SPECS:
        for name in filter(None, (spec.get, spec.update, spec.delete)):
            assert "ResourceNotFoundException" in service_model(spec.service).operations[name].errors, name
