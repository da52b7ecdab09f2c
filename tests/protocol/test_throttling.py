"""Throttling converges: one request a second for everything together, and functions that Lambda throttles."""

from __future__ import annotations

import pytest

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from cleanrooms_ml_simulator.behaviors import SharedBucket, SmallPages
from cleanrooms_ml_simulator.functions import CrashError
from cleanrooms_ml_simulator.lifecycle.cases import JOB, MODEL, TAGGED, THING, Case
from cleanrooms_ml_simulator.templates import FREE_COUNT, configured_audience_model, generation_job, template
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

_ONE_A_SECOND = SharedBucket(1, 1)
_HOUR_SECONDS = 3600


def taken(world: World, *operations: str) -> int:
    """How many calls took effect, of all operations or some."""
    return len([it for it in world.emulator.journal if not operations or it.operation in operations])


def test_c18_forty_creates_share_one_request_a_second(world: World) -> None:
    count = 40
    _ONE_A_SECOND.arm(world)
    stack = world.stack()
    models = [configured_audience_model(f"Model{number}", name=f"model-{number}") for number in range(count)]
    begun = world.simulation.now
    assert stack.create(template(*models)) == "CREATE_COMPLETE"
    # One list and one create for each: fewer would miss what an earlier attempt has created.
    assert taken(world) == 2 * count
    assert world.simulation.now - begun < 1.5 * 2 * count
    listed = [call for call in world.wire.calls if call.operation == "ListExecutions"]
    assert len(listed) == count


def test_c18_a_create_lists_the_executions_once_however_many_there_are(world: World) -> None:
    count = 5
    stack = world.stack()
    models = [configured_audience_model(f"Model{number}", name=f"model-{number}") for number in range(count)]
    stack.create(template(*models))
    world.advance(_HOUR_SECONDS)
    world.states.longest_page = count - 1
    before = len(world.wire.calls)
    assert stack.update(template(*models, configured_audience_model(THING))) == "UPDATE_COMPLETE"
    assert [call.operation for call in world.wire.calls[before:]].count("ListExecutions") == 1


def test_c18_runs_that_are_waited_for_share_it_too(world: World) -> None:
    count = 10
    _ONE_A_SECOND.arm(world)
    world.emulator.order_run(RunOrder(JOB.spec.kind, count=count, seconds=60))
    stack = world.stack()
    jobs = [generation_job(f"Job{number}") for number in range(count)]
    assert stack.create(template(*jobs)) == "CREATE_COMPLETE"
    assert max(exchange.seconds for exchange in stack.exchanges) < 600
    assert len(world.created()) == count
    # `Ready` creates nothing and does not ask; a create that waits for minutes asks again.
    listed = [call for call in world.wire.calls if call.operation == "ListExecutions"]
    assert len(listed) < 2 * count


def test_c18_a_whole_lifecycle_passes_one_request_a_second(world: World, case: Case) -> None:
    _ONE_A_SECOND.arm(world)
    stack = world.stack()
    assert stack.create(case.template(**case.run(1))) == "CREATE_COMPLETE"
    assert stack.update(case.template(**case.run(2))) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()
    assert len(world.created(case.spec.kind)) == 2


def test_c18_a_list_of_many_pages_continues_where_it_was(world: World) -> None:
    others = 30
    for number in range(others):
        MODEL.create_theirs(world, f"other-{number}")
    before = taken(world, MODEL.look)
    SmallPages(1).arm(world)
    SharedBucket(0.2, 1).arm(world)
    stack = world.stack()
    assert stack.create(MODEL.template()) == "CREATE_COMPLETE"
    # A page for each, those included that the world is seeded with.
    assert others < taken(world, MODEL.look) - before <= others + FREE_COUNT + 2
    assert len(world.created(MODEL.spec.kind)) == others + 1


# One request a minute leaves a step no time for a get and a list of tags.
@pytest.mark.parametrize(
    "case", [case for case in TAGGED if "ListTagsForResource" not in case.spec.permissions], ids=str
)
def test_c18_a_create_whose_step_was_lost_looks_again(world: World, case: Case) -> None:
    # The step that lists ends throttled, and the one that creates is lost.
    SharedBucket(1 / 60, 1).arm(world)

    def crash(call: Call) -> None:
        # A throttled create creates nothing.
        if call.operation == case.spec.create and world.created():
            world.wire.after.remove(crash)
            raise CrashError("after the create")

    world.wire.after.append(crash)
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    # It is found, rather than refused for its name.
    assert [entry.took_effect for entry in world.emulator.journal.select(case.spec.create)] == [True]


@pytest.mark.parametrize("starts", [0, 600], ids=["from the beginning", "after ten minutes"])
def test_x14_a_worker_that_stays_throttled_is_answered_within_the_hour(world: World, starts: int) -> None:
    world.emulator.order_run(RunOrder(JOB.spec.kind, seconds=3000))
    stack = world.stack()
    worker = world.providers[stack.id].worker
    world.after(starts, lambda: setattr(worker, "throttled_until", world.simulation.now + 10 * _HOUR_SECONDS))
    world.after(2 * _HOUR_SECONDS, lambda: setattr(worker, "throttled_until", 0.0))
    assert stack.create(JOB.template()) == "ROLLBACK_FAILED"
    created = [exchange for exchange in stack.exchanges if exchange.kind == "Create"]
    assert all(exchange.answers and exchange.seconds < _HOUR_SECONDS for exchange in created)


def test_x14_a_worker_that_is_throttled_for_twenty_minutes_is_waited_for(world: World, case: Case) -> None:
    stack = world.stack()
    world.providers[stack.id].worker.throttled_until = world.simulation.now + 1200
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    assert stack.sent("Create", THING)[0].seconds > 1200
