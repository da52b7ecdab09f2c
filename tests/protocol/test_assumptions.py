"""What of AWS nobody could check: the library does the right thing in either case; see docs/assumptions.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_simulator.lifecycle.cases import THING
from cleanrooms_ml_simulator.templates import channel, generation_job, template
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
