"""What CloudFormation cleans up, and a service whose answers do not agree with each other."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_simulator.behaviors import ClockBehind
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.faults import ALWAYS, disarm
from cleanrooms_ml_simulator.lifecycle.cases import LONG_RUNNING, THING, Case, failing
from cleanrooms_ml_simulator.templates import configured_audience_model, ready, template, watched
from cleanrooms_ml_simulator.world import World

from .test_later_requests import INVENTED
from .test_overlap import assert_quiet, slow

# Kinds that the API cannot delete, without and with tags for the deletion marker.
EXPORTS = tuple(case for case in LONG_RUNNING if not (case.spec.delete or case.spec.is_taggable))
LEFT_BEHIND = tuple(case for case in LONG_RUNNING if case.spec.is_taggable and not case.spec.delete)


def test_deletes_of_two_resources_of_one_logical_id_at_the_same_time_are_both_answered(
    world: World, case: Case
) -> None:
    stack = world.stack()
    stack.create(case.template(**case.run(1)))
    old, target = stack.resources[THING].physical_id, stack.resources[THING].target
    new_properties = {**target.properties, **case.run(2)}
    new = stack.request("Update", THING, new_properties).answer
    assert new is not None
    later = Target(THING, target.type, new_properties)
    for gap_seconds in (0, 1):
        exchanges = [stack.conductor.send("Delete", target, old)]
        world.advance(gap_seconds)
        exchanges.append(stack.conductor.send("Delete", later, new.physical_id))
        world.settle()
        assert all(exchange.answer is not None and exchange.answer.is_success for exchange in exchanges)
    assert not world.leftovers()


def test_d5_a_create_that_is_canceled_for_the_second_time_leaves_nothing(world: World, case: Case) -> None:
    stack = world.stack()
    target = Target(THING, case.spec.resource_type, case.template(**case.run(1))["Resources"][THING]["Properties"])
    for _ in range(2):
        slow(world, case.spec.create, 8)
        stack.conductor.send("Create", target)
        world.advance(2)
        # CloudFormation may invent the same id again.
        deleted = stack.conductor.send("Delete", target, "app-Thing-1XQ2INVENTED")
        assert_quiet(world)
        assert deleted.answer is not None
        assert deleted.answer.is_success
        assert not world.leftovers()
        world.advance(60)


def test_d8_a_delete_that_finds_nothing_is_success_only_if_the_service_agrees(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    world.emulator.add_fault(Fault(case.delete, error_code="ResourceNotFoundException"))
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()
    assert not world.audit()


@pytest.mark.parametrize("case", LEFT_BEHIND, ids=str)
def test_u10_a_rollback_returns_to_an_expired_run_although_an_earlier_create_was_canceled(
    world: World, case: Case
) -> None:
    stack = world.stack()
    stack.create(template(configured_audience_model("Other")))
    slow(world, case.spec.create, 20)
    world.after(3, stack.stop)
    assert stack.update(case.template(run_id="1")) == "UPDATE_ROLLBACK_COMPLETE"
    world.advance(120)
    assert stack.update(case.template(run_id="1")) == "UPDATE_COMPLETE"
    old, count = stack.physical_id(THING), len(world.created(case.spec.kind))
    world.advance(120)
    world.expire(old)
    update = case.template(failing(ready(THING)), run_id="2")
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    assert len(world.created(case.spec.kind)) == count + 1


@pytest.mark.parametrize("case", LEFT_BEHIND, ids=str)
def test_u10_a_rollback_returns_to_a_run_created_right_after_a_delete_although_the_services_clock_is_behind(
    world: World, case: Case
) -> None:
    """By the service's clock the run existed when the Delete of the canceled create ended."""
    ClockBehind().arm(world)
    stack = world.stack()
    stack.create(template(configured_audience_model("Other")))
    slow(world, case.spec.create, 8)
    world.after(3, stack.stop)
    assert stack.update(case.template(run_id="1")) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.update(case.template(run_id="1")) == "UPDATE_COMPLETE"
    old, count = stack.physical_id(THING), len(world.created(case.spec.kind))
    world.advance(120)
    update = case.template(failing(ready(THING)), run_id="2")
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    assert len(world.created(case.spec.kind)) == count + 1


def test_a_rollback_ignores_what_is_listed_but_does_not_show(world: World, named: Case) -> None:
    stack = world.stack()
    stack.create(named.template(**named.run(1)))
    old = stack.physical_id(THING)

    def hide(status: str) -> None:
        if status == "UPDATE_ROLLBACK_IN_PROGRESS":
            world.emulator.add_fault(Fault(named.get, count=ALWAYS, error_code="ResourceNotFoundException"))
            world.after(20, lambda: disarm(world))

    stack.watchers.append(lambda event: hide(event.status))
    assert stack.update(named.template(failing(named.last), **named.run(2))) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    assert not world.audit()


@pytest.mark.parametrize("export", EXPORTS, ids=str)
def test_an_export_that_is_added_again_runs_again_only_with_a_new_run_id_or_if_it_failed(
    world: World, export: Case
) -> None:
    stack, without = world.stack(), template(configured_audience_model("Other"))
    world.emulator.order_run(RunOrder(str(export), seconds=5, status_code="INTERNAL_ERROR"))
    stack.create(template(configured_audience_model("Other")))
    started = []
    for run_id in ("1", "1", "1", "2", "1"):
        stack.update(template(export.resources(run_id=run_id), configured_audience_model("Other")))
        started.append(world.calls(export.spec.create))
        assert stack.update(without) == "UPDATE_COMPLETE"
    # The first one failed.
    assert started == [1, 2, 2, 3, 3]


@pytest.mark.parametrize("export", EXPORTS, ids=str)
def test_an_export_that_was_deleted_while_it_was_watched_comes_back_to_a_wait(world: World, export: Case) -> None:
    stack, other = world.stack(), configured_audience_model("Other")
    world.emulator.order_run(RunOrder(str(export), seconds=60))
    stack.create(template(watched(export.resources(), THING), other))
    assert stack.update(template(other)) == "UPDATE_COMPLETE"
    assert stack.update(template(export.resources(), other)) == "UPDATE_COMPLETE"
    assert world.calls(export.spec.create) == 1
    world.settle()
    assert not world.audit()


@pytest.mark.parametrize("job", LEFT_BEHIND, ids=str)
def test_a_run_whose_record_remains_runs_again_when_it_is_added_again(world: World, job: Case) -> None:
    stack, without = world.stack(), template(configured_audience_model("Other"))
    stack.create(without)
    for number in (1, 2):
        added = template(job.resources(), configured_audience_model("Other"))
        assert stack.update(added) == "UPDATE_COMPLETE"
        assert len(world.created(str(job))) == number
        assert stack.update(without) == "UPDATE_COMPLETE"


@pytest.mark.parametrize("case", LEFT_BEHIND, ids=str)
def test_u10_a_rollback_whose_update_left_no_execution_returns_to_a_run_created_right_after_a_delete(
    world: World, case: Case
) -> None:
    ClockBehind().arm(world)
    stack = world.stack()
    other = configured_audience_model("Other")
    stack.create(template(other))
    created = case.template(other, run_id="1")
    # The cleanup of a canceled create that left no execution either.
    canceled = Target(THING, case.spec.resource_type, created["Resources"][THING]["Properties"])
    stack.declare(canceled)
    deleted = stack.conductor.send("Delete", canceled, INVENTED)
    world.simulation.run_until(lambda: deleted.is_over)
    assert stack.update(created) == "UPDATE_COMPLETE"
    old, count = stack.physical_id(THING), len(world.created(case.spec.kind))
    world.advance(120)
    resource = stack.resources[THING]
    back = Target(THING, resource.type, resource.properties)
    stack.declare(back)
    after: dict[str, Any] = {**resource.properties, "RunId": "2"}
    sent = stack.conductor.send("Update", back, old, after)
    world.advance(300)
    assert sent.answer is not None
    assert sent.answer.physical_id == old
    assert len(world.created(case.spec.kind)) == count
