"""A Delete and a later request for the same resource: rules D15 to D17 of the lifecycle contract."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_handlers.executions import Purpose
from cleanrooms_ml_handlers.tags import OWNERSHIP_TAG_KEY
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.cloudformation.exchange import Exchange
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import TAG, THING, Case, failing
from cleanrooms_ml_simulator.templates import configured_audience_model, retaining, template
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

INVENTED = "app-Thing-1A2B3C4D5E6F"
OTHER = configured_audience_model("Other")


def refuse_tags(world: World) -> None:
    """The service refuses tags, as it does on what is pending or inactive."""
    world.emulator.add_fault(Fault("TagResource", count=ALWAYS, error_code="ConflictException", http_status=409))


def send(stack: Stack, kind: str, properties: Any, physical_id: str = "", seconds: float = 0) -> Exchange:
    """Sends a request for the resource, and lets time pass."""
    resource = stack.resources[THING]
    target = Target(THING, resource.type, properties)
    if kind != "Delete":
        stack.declare(target)
    exchange = stack.conductor.send(kind, target, physical_id, resource.properties)
    stack.simulation.advance(seconds)
    return exchange


def answered_id(exchange: Exchange) -> str:
    assert exchange.answer is not None, exchange.kind
    assert exchange.answer.is_success, exchange.answer.reason
    return exchange.answer.physical_id


@pytest.mark.parametrize("tags_are_refused", [False, True], ids=["marked", "not marked"])
@pytest.mark.parametrize("with_id", [False, True], ids=["invented id", "ARN"])
def test_d15_what_is_deployed_again_during_a_background_delete_outlives_it(
    world: World, unstoppable: Case, with_id: bool, tags_are_refused: bool
) -> None:
    stack = world.stack()
    stack.create(unstoppable.template(**unstoppable.run(1)))
    target = unstoppable.run(2)
    properties = {**stack.resources[THING].properties, **target}
    world.emulator.order_run(RunOrder(str(unstoppable), seconds=20 * 3600))
    long_run = answered_id(send(stack, "Create", properties, seconds=30))
    if tags_are_refused:
        refuse_tags(world)
    failed = send(stack, "Delete", properties, long_run if with_id else INVENTED, seconds=3500)
    assert failed.answer is not None
    assert not failed.answer.is_success
    assert any(
        it.is_running and it.name.startswith(Purpose.BACKGROUND_DELETE.value) for it in world.states.executions()
    )
    again = answered_id(send(stack, "Create", properties, seconds=200))
    assert again != long_run
    world.emulator.clear_faults()
    world.advance(24 * 3600)
    assert [record["arn"] for record in world.leftovers()] == unstoppable.held(stack.physical_id(THING), again)


def test_d15_a_delete_leaves_what_a_later_request_created(world: World, deletable_run: Case) -> None:
    stack = world.stack()
    stack.create(deletable_run.template(**deletable_run.run(1)))
    properties = {**stack.resources[THING].properties, **deletable_run.run(2)}
    deleted = send(stack, "Delete", properties, INVENTED, seconds=5)
    new = answered_id(send(stack, "Create", properties, seconds=120))
    assert deleted.answer is not None
    assert {record["arn"] for record in world.leftovers()} == {stack.physical_id(THING), new}


@pytest.mark.parametrize("physical_id", ["orphan", INVENTED], ids=["orphan id", "invented id"])
def test_d15_the_cleanup_of_an_earlier_create_leaves_what_the_later_one_created_or_adopted(
    world: World, deletable: Case, physical_id: str
) -> None:
    stack = world.stack()
    stack.create(deletable.template(**deletable.run(1)))
    world.advance(5)
    properties = {**stack.resources[THING].properties, **deletable.run(2)}

    def die_from_now_on(call: Call) -> None:
        if call.operation == deletable.spec.create:
            world.crash(deletable.look, count=ALWAYS)

    # The worker dies after the create, and whenever it looks for what that created.
    world.wire.after.append(die_from_now_on)
    world.crash(deletable.spec.create, after=True)
    # CloudFormation invents an id if it has got no answer.
    world.replies.faults = [503] * 1000 if physical_id == INVENTED else []
    lost = send(stack, "Create", properties, seconds=900)
    its_id = physical_id if lost.answer is None else lost.answer.physical_id
    assert its_id.startswith("lost-" if physical_id == "orphan" else physical_id)
    world.replies.faults = []
    world.wire.before.clear()
    world.wire.after.clear()
    new = answered_id(send(stack, "Create", properties, seconds=300))
    answered_id(send(stack, "Delete", properties, its_id, seconds=300))
    assert new in {record["arn"] for record in world.leftovers()} or not deletable.held(new)


def test_d16_what_an_earlier_request_marked_does_not_shorten_the_look(world: World, deletable_run: Case) -> None:
    stack = world.stack()
    kind = str(deletable_run)
    stack.create(deletable_run.template(**deletable_run.run(1)))
    old = stack.physical_id(THING)
    properties = stack.resources[THING].properties
    world.emulator.durations = world.emulator.durations.changed(delete={kind: 10.0})
    send(stack, "Delete", properties, old, seconds=4)
    # A second one was created, but does not show yet.
    world.emulator.add_fault(Fault(deletable_run.spec.create, kind="not_found", not_found_seconds=20))
    hidden = answered_id(send(stack, "Create", properties, seconds=4))
    deleted = send(stack, "Delete", properties, INVENTED, seconds=300)
    assert deleted.answer is not None
    assert deleted.answer.is_success
    assert hidden not in {record["arn"] for record in world.leftovers()}


def test_d17_the_rollback_of_a_replacement_leaves_what_it_adopted(world: World, named: Case) -> None:
    stack = world.stack()
    kept = named.template(OTHER, **named.run(2), tags=TAG)
    kept["Resources"] = retaining(kept["Resources"])
    stack.create(kept)
    retained = stack.physical_id(THING)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    assert stack.update(named.template(OTHER, **named.run(1), tags=TAG)) == "UPDATE_COMPLETE"
    old = stack.physical_id(THING)
    world.advance(120)
    update = named.template(OTHER, failing(named.last), **named.run(2), tags=TAG)
    assert stack.update(update) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.physical_id(THING) == old
    assert world.record(retained)["status"] in ("ACTIVE", "")
    assert set(named.held(retained, old)) <= {record["arn"] for record in world.leftovers()}
    tag = world.record(retained)["tags"].get(OWNERSHIP_TAG_KEY, "")
    assert not tag.endswith("/left")


def test_d17_a_change_back_that_is_no_rollback_deletes_what_was_adopted(world: World, named: Case) -> None:
    stack = world.stack()
    for number in (1, 2, 1, 2):
        kept = named.template(**named.run(number), tags=TAG)
        for resource in kept["Resources"].values():
            resource |= {"UpdateReplacePolicy": "Retain"}
        assert (stack.update(kept) if stack.status else stack.create(kept)).endswith("E_COMPLETE")
        world.advance(120)
    adopted = stack.physical_id(THING)
    back = named.template(**named.run(1), tags={"team": "ads"})
    assert stack.update(back) == "UPDATE_COMPLETE"
    [*_, cleanup] = stack.sent("Delete", THING)
    assert cleanup.physical_id == adopted
    assert adopted not in {record["arn"] for record in world.leftovers()} or not named.spec.delete
    assert not world.audit()
