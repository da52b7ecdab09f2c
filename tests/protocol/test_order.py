"""The order of requests: those of one second by their content, and executions that are listed late: O1, O2 and U18."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cleanrooms_ml_handlers.identity import Owner
from cleanrooms_ml_simulator.behaviors import ExecutionsLag
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.cloudformation.exchange import Exchange
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import NAMED, TAG, THING, Case
from cleanrooms_ml_simulator.wire import Call
from cleanrooms_ml_simulator.world import World

from .test_overlap import assert_quiet, slow


class Sender:
    """Sends requests for one resource, of which the later ones may arrive first."""

    def __init__(self, world: World, stack: Stack) -> None:
        self._world, self._stack = world, stack

    def send(
        self, kind: str, properties: Mapping[str, Any], *, old: Mapping[str, Any] | None = None, after: float = 0
    ) -> Exchange:
        """Signs a request now, and delivers it some seconds later."""
        resource = self._stack.resources[THING]
        delays = self._world.functions.delay
        self._world.functions.delay = lambda: after
        exchange = self._stack.conductor.send(
            kind, Target(THING, resource.type, properties), resource.physical_id if kind != "Create" else "", old
        )
        self._world.functions.delay = delays
        return exchange


def properties_of(stack: Stack, case: Case, **options: Any) -> dict[str, Any]:
    """The properties of the resource with other options."""
    resources: Mapping[str, Any] = case.template(**options)["Resources"]
    return {**stack.resources[THING].properties, **resources[THING]["Properties"]}


def expired(world: World, case: Case, **options: str) -> tuple[Stack, Mapping[str, Any], Mapping[str, Any]]:
    """A stack whose run has expired, its properties, and those of a replacement."""
    stack = world.stack()
    stack.create(case.template(**case.run(1), **options))
    world.advance(600)
    world.expire(stack.physical_id(THING))
    return stack, stack.resources[THING].properties, properties_of(stack, case, **case.run(2), **options)


@pytest.mark.parametrize("first", [0, 1], ids=["in order", "the last one first"])
@pytest.mark.parametrize("case", NAMED, ids=str)
def test_o1_two_updates_of_one_second_end_in_the_last(world: World, case: Case, first: int) -> None:
    stack = world.stack()
    stack.create(case.template(**case.run(1), tags=TAG))
    before, middle, after = (properties_of(stack, case, **case.run(number), tags=TAG) for number in (1, 2, 3))
    sender = Sender(world, stack)
    # Both are signed in the same second.
    sent = [
        sender.send("Update", middle, old=before, after=0 if first == 0 else 0.4),
        sender.send("Update", after, old=middle, after=0.4 if first == 0 else 0),
    ]
    world.settle()
    last = sent[1].answer
    assert last is not None
    assert last.is_success
    assert last.physical_id == world.created(case.spec.kind)[-1]
    if first == 1:
        # The other one neither acts nor answers: CloudFormation does not wait for it any more.
        assert len(world.created(case.spec.kind)) == 2
        assert not sent[0].answers


@pytest.mark.parametrize("first", [0, 1], ids=["in order", "the rollback first"])
@pytest.mark.parametrize("case", [case for case in NAMED if case.spec.is_taggable], ids=str)
def test_o1_an_update_and_its_rollback_of_one_second_end_in_the_rollback(world: World, case: Case, first: int) -> None:
    stack = world.stack()
    stack.create(case.template(tags=TAG))
    world.advance(600)
    before = stack.resources[THING].properties
    after = {**before, "tags": {"team": "ads"}}
    sender = Sender(world, stack)
    sent = [
        sender.send("Update", after, old=before, after=0 if first == 0 else 0.6),
        sender.send("Update", before, old=after, after=0.6 if first == 0 else 0),
    ]
    world.settle()
    assert sent[1].answer is not None
    assert sent[1].answer.is_success
    assert world.record(stack.physical_id(THING))["tags"].items() >= TAG.items()


@pytest.mark.parametrize("pause", [0, 1], ids=["one second", "two seconds"])
@pytest.mark.parametrize("late", [0, 1], ids=["in order", "the rollback first"])
@pytest.mark.parametrize("case", [case for case in NAMED if case.spec.is_taggable], ids=str)
def test_o1_an_update_and_its_rollback_of_one_second_follow_such_a_pair(
    world: World, case: Case, late: int, pause: int
) -> None:
    stack = world.stack()
    stack.create(case.template(tags=TAG))
    world.advance(600)
    before = stack.resources[THING].properties
    after = {**before, "tags": {"team": "ads"}}
    sender = Sender(world, stack)
    sender.send("Update", after, old=before, after=3 * late)
    world.advance(pause)
    sender.send("Update", before, old=after, after=3 * (1 - late))
    world.advance(120)
    update = sender.send("Update", after, old=before, after=0.6)
    rollback = sender.send("Update", before, old=after)
    world.settle()
    assert rollback.answer is not None
    assert rollback.answer.is_success
    assert not update.answers
    assert world.record(stack.physical_id(THING))["tags"].items() >= TAG.items()


@pytest.mark.parametrize("options", [{}, {"name": "audiences"}], ids=["generated name", "fixed name"])
@pytest.mark.parametrize("first", [0, 1], ids=["in order", "the rollback first"])
def test_o1_a_rollback_that_is_continued_after_such_a_pair_returns_to_a_run_that_has_expired(
    world: World, expiring: Case, first: int, options: dict[str, str]
) -> None:
    stack, before, after = expired(world, expiring, **options)
    its_id, sender = stack.physical_id(THING), Sender(world, stack)
    slow(world, expiring.spec.create, 5)
    sender.send("Update", after, old=before, after=0 if first == 0 else 0.4)
    sender.send("Update", before, old=after, after=0.4 if first == 0 else 0)
    world.settle()
    made = len(world.created(expiring.spec.kind))
    continued = sender.send("Update", before, old=after)
    world.settle()
    assert continued.answer is not None
    assert continued.answer.is_success
    assert continued.answer.physical_id == its_id
    assert len(world.created(expiring.spec.kind)) == made


def test_u14_a_rollback_that_arrives_before_its_update_returns_to_a_run_that_has_expired(
    world: World, expiring: Case
) -> None:
    stack, before, after = expired(world, expiring)
    its_id, sender = stack.physical_id(THING), Sender(world, stack)
    # Lambda tries again later, if the front cannot start an execution.
    sender.send("Update", after, old=before, after=100)
    world.advance(1)
    rollback = sender.send("Update", before, old=after)
    world.settle()
    assert rollback.answer is not None
    assert rollback.answer.is_success
    assert rollback.answer.physical_id == its_id
    assert len(world.created(expiring.spec.kind)) == 1


@pytest.mark.parametrize("first", [0, 1], ids=["in order", "the delete first"])
def test_o1_a_delete_of_the_same_second_follows_the_create(world: World, case: Case, first: int) -> None:
    stack = world.stack()
    stack.create(case.template(**case.run(1)))
    stack.delete()
    world.advance(60)
    properties = properties_of(stack, case, **case.run(1)) if THING in stack.resources else {}
    properties = properties or case.template(**case.run(1))["Resources"][THING]["Properties"]
    target = Target(THING, case.spec.resource_type, properties)
    delays = [0.0, 0.4] if first == 0 else [0.4, 0.0]
    world.functions.delay = lambda: delays.pop(0) if delays else 0.0
    stack.conductor.send("Create", target)
    deleted = stack.conductor.send("Delete", target, "app-Thing-1XQ2INVENTED")
    assert_quiet(world)
    assert deleted.answer is not None
    assert deleted.answer.is_success
    assert not world.leftovers()


def test_o1_a_create_in_the_second_of_an_earlier_delete_is_answered(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template(**case.run(1)))
    world.advance(60)
    target = Target(THING, case.spec.resource_type, stack.resources[THING].properties)
    # The cleanup of a Create that failed, and, where a resource of its own follows, that of a resource.
    ids = [Owner(stack.id.rpartition("/")[2], THING).not_created_id]
    ids += [] if case.is_singleton else [stack.physical_id(THING)]
    deleted = [stack.conductor.send("Delete", target, each) for each in ids]
    properties = target.properties if case.is_singleton else properties_of(stack, case, **case.run(2))
    created = stack.conductor.send("Create", Target(THING, target.type, properties))
    world.settle()
    assert all(it.answer is not None and it.answer.is_success for it in (*deleted, created))


@pytest.mark.parametrize("first", [0, 1], ids=["in order", "the delete first"])
def test_o1_a_cleanup_delete_of_the_second_of_the_next_update_ends_neither(
    world: World, case: Case, first: int
) -> None:
    stack = world.stack()
    stack.create(case.template(**case.run(1), tags=TAG))
    old, old_properties = stack.physical_id(THING), stack.resources[THING].properties
    stack.update(case.template(**case.run(2), tags=TAG))
    sender = Sender(world, stack)
    now, after = stack.resources[THING].properties, properties_of(stack, case, **case.run(3), tags=TAG)
    target = Target(THING, case.spec.resource_type, old_properties)
    stack.declare(Target(THING, target.type, after))
    delays = world.functions.delay
    world.functions.delay = lambda: 0.4 * (1 - first)
    cleanup = stack.conductor.send("Delete", target, old)
    world.functions.delay = delays
    update = sender.send("Update", after, old=now, after=0.4 * first)
    world.settle()
    assert all(it.answer is not None and it.answer.is_success for it in (cleanup, update))


@pytest.mark.parametrize("first", [0, 1], ids=["in order", "the rollback first"])
def test_o1_an_update_and_its_rollback_of_the_same_second_are_both_answered(
    world: World, case: Case, first: int
) -> None:
    stack = world.stack()
    stack.create(case.template(**case.run(1), tags=TAG))
    old, new = (properties_of(stack, case, **case.run(number), tags=TAG) for number in (1, 2))
    sender = Sender(world, stack)
    slow(world, case.spec.create, 5)
    update = sender.send("Update", new, old=old, after=0 if first == 0 else 0.4)
    rollback = sender.send("Update", old, old=new, after=0.4 if first == 0 else 0)
    world.settle()
    # Their contents do not say which one came first: CloudFormation waits for either.
    assert [bool(exchange.answers) for exchange in (update, rollback)] == [True, True]
    assert max(exchange.seconds for exchange in (update, rollback)) < 600


def test_o1_two_deletes_of_the_same_second_are_both_answered(world: World, case: Case) -> None:
    stack = world.stack()
    stack.create(case.template())
    properties = stack.resources[THING].properties
    sender = Sender(world, stack)
    sent = [sender.send("Delete", properties, after=0.4), sender.send("Delete", {**properties})]
    world.settle()
    assert all(exchange.answer is not None and exchange.answer.is_success for exchange in sent)
    assert not world.leftovers()


def test_o2_a_create_that_is_canceled_at_once_leaves_nothing(world: World, case: Case) -> None:
    ExecutionsLag(5).arm(world)
    # Longer than a created resource may take to show.
    slow(world, case.spec.create, 50)
    stack = world.stack()
    world.after(2, stack.stop)
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    assert_quiet(world)
    assert not world.leftovers()


def test_o2_a_create_that_arrives_after_its_delete_creates_nothing(world: World, case: Case) -> None:
    ExecutionsLag(5).arm(world)
    stack = world.stack()
    target = Target(THING, case.spec.resource_type, case.template()["Resources"][THING]["Properties"])
    delays = [4.0]
    world.functions.delay = lambda: delays.pop(0) if delays else 0.0
    stack.conductor.send("Create", target)
    world.advance(2)
    slow(world, case.spec.create, 50)
    deleted = stack.conductor.send("Delete", target, "app-Thing-1XQ2INVENTED")
    assert_quiet(world)
    assert deleted.answer is not None
    assert deleted.answer.is_success
    assert not world.leftovers()


def test_o2_a_rollback_undoes_an_update_that_is_not_listed_yet(world: World, case: Case) -> None:
    ExecutionsLag(5).arm(world)
    stack = world.stack()
    stack.create(case.template(**case.run(1), tags=TAG))
    old = stack.physical_id(THING)
    slow(world, case.spec.create, 50)
    # The update is canceled a moment after it has begun.
    world.after(2, stack.stop)
    assert stack.update(case.template(**case.run(2), tags=TAG)) == "UPDATE_ROLLBACK_COMPLETE"
    assert_quiet(world)
    assert stack.physical_id(THING) == old
    assert [record["arn"] for record in world.leftovers()] == case.held(old)


def test_o2_a_list_that_never_has_the_request_does_not_stop_it(world: World, case: Case) -> None:
    world.states.list_lag_seconds = 10**6
    stack = world.stack()
    assert stack.create(case.template(**case.run(1))) == "CREATE_COMPLETE"
    assert stack.update(case.template(**case.run(2))) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_u18_no_request_changes_anything_before_it_has_asked_for_later_ones(world: World, case: Case) -> None:
    asked: set[str] = set()

    def hook(call: Call) -> None:
        if call.invocation is None:
            return
        address = call.invocation.request["ResponseURL"]
        if call.operation == "ListExecutions":
            asked.add(address)
        elif call.service in (case.spec.service, "cleanroomsml") and not call.operation.startswith(("Get", "List")):
            assert address in asked, f"{call.operation} came before ListExecutions"

    world.wire.before.append(hook)
    stack = world.stack()
    assert stack.create(case.template(tags=TAG, **case.members)) == "CREATE_COMPLETE"
    assert stack.update(case.template(tags={"team": "ads"}, **{**case.members, **case.changed})) == "UPDATE_COMPLETE"
    assert stack.update(case.template(tags=TAG, **case.run(2))) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
