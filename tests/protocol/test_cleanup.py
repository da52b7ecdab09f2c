"""What CloudFormation cleans up, and a service whose answers do not agree with each other."""

from __future__ import annotations

from cleanrooms_ml_cli.sandbox.emulator import Fault
from harness.conductor import Target
from harness.troubles import ALWAYS, disarm
from harness.world import World

from .cases import THING, Case, failing


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


def test_d8_a_delete_that_finds_nothing_is_success_only_if_the_service_agrees(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    world.emulator.add_fault(Fault(case.delete, error_code="ResourceNotFoundException"))
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()
    assert not world.audit()


def test_a_rollback_makes_nothing_of_what_is_listed_but_does_not_show(world: World, named: Case) -> None:
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
