"""Forged events that make up what proves ownership: a recorded request, progress, a resource without room for a tag."""

from __future__ import annotations

from typing import Any

import pytest

from cleanrooms_ml_handlers.outcomes import ACCEPTED
from cleanrooms_ml_handlers.reply import Answer
from cleanrooms_ml_handlers.shared_names import RESOURCE_TYPE_PREFIX, WAIT_RESOURCE_TYPE
from cleanrooms_ml_handlers.tags import TAGS_PER_RESOURCE
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.lifecycle.cases import CASES, LONG_RUNNING, TAGGED, THING, Case
from cleanrooms_ml_simulator.templates import OTHERS_NUMBER, free_membership_id
from cleanrooms_ml_simulator.world import World

from .test_events import signed
from .test_parents import (
    SINGLETON,
    deployed,
    others_are_as_they_were,
    others_configuration,
    others_request,
    with_parent,
)

_FORGED = "Forged"


@pytest.mark.parametrize("claim", ["as another kind", "as an unknown kind", "as a Ready", "as a lost event"])
def test_no_claim_to_the_configuration_of_another_owner_is_recorded(world: World, claim: str) -> None:
    """What Step Functions records proves which request wrote a configuration, so it has to be a request for one."""
    stack = deployed(world, SINGLETON)
    provider = world.providers[stack.id]
    own = stack.exchanges[0].event
    # Somebody can guess what it is.
    forged = {**own["ResourceProperties"], **others_request()}
    types = {
        "as another kind": f"{RESOURCE_TYPE_PREFIX}MLInputChannel",
        "as an unknown kind": f"{RESOURCE_TYPE_PREFIX}Unknown",
        "as a Ready": WAIT_RESOURCE_TYPE,
    }
    event = {**own, "LogicalResourceId": _FORGED, "ResourceType": types.get(claim, own["ResourceType"])}
    kind = {"Kind": "MLInputChannel"} if claim == "as a Ready" else {}
    event = signed({**event, "ResourceProperties": {**forged, **kind}}, world.simulation.now)
    if claim == "as a lost event":
        world.functions.deliver(provider.worker, {"requestPayload": event})
    else:
        world.functions.deliver(provider.front, event)
    # Soon enough to be taken for what the claim wrote.
    world.advance(5)
    others_configuration(world)
    delete: dict[str, Any] = {"RequestType": "Delete", "PhysicalResourceId": free_membership_id(OTHERS_NUMBER)}
    delete |= {"LogicalResourceId": _FORGED, "ResourceProperties": {**forged, **kind}}
    others_are_as_they_were(world, stack, **delete)
    others_are_as_they_were(world, stack, **delete, ResourceType=event["ResourceType"])
    # A background delete takes what a Ready describes for the resource itself.
    arn = world.states.executions()[0].arn.rpartition(":")[0]
    before = world.mutations()
    step = {"input": signed({**event, **delete}, world.simulation.now), "progress": {"seen": True}}
    world.functions.deliver(provider.worker, {**step, "execution": f"{arn}:later_made-20260131T120000Z-up"})
    world.advance(60)
    assert world.mutations() == before


@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_id_in_made_up_progress_reads_nothing_of_another_stack(world: World, case: Case, kind: str) -> None:
    other = world.stack("other")
    if case.spec.is_taggable:
        assert other.create(case.template()) == "CREATE_COMPLETE"
        theirs = other.physical_id(THING)
    elif case is SINGLETON:
        theirs = str(others_configuration(world)["membershipIdentifier"])
    else:
        assert other.create(with_parent(case)) == "CREATE_COMPLETE"
        theirs = other.physical_id(THING)
    stack = deployed(world, case)
    own = stack.resources[THING].properties
    event = {**stack.exchanges[0].event, "RequestType": kind, "LogicalResourceId": _FORGED, "ResourceProperties": own}
    event |= {"PhysicalResourceId": theirs, "OldResourceProperties": own} if kind == "Update" else {}
    event = signed({**event, "RequestId": "forged"}, world.simulation.now)
    arn = world.states.executions()[0].arn.rpartition(":")[0]
    sent: list[Answer] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cleanrooms_ml_handlers.worker.send", lambda _, answer, __: sent.append(answer))
        for number in range(10):
            progress = {ACCEPTED: theirs, "turn": True, "latest_at": world.simulation.now}
            step = {"input": event, "execution": f"{arn}:made-20260131T12000{number}Z-up", "progress": progress}
            world.functions.deliver(world.providers[stack.id].worker, step)
            world.advance(60)
    assert [answer for answer in sent if answer.reason]
    assert not [answer for answer in sent if answer.reason is None or answer.attributes]


@pytest.mark.parametrize("case", LONG_RUNNING, ids=str)
def test_a_made_up_watch_reports_nothing_of_another_stack(world: World, case: Case) -> None:
    other = world.stack("other")
    if case.spec.is_taggable:
        assert other.create(case.template()) == "CREATE_COMPLETE"
    else:
        assert other.create(with_parent(case)) == "CREATE_COMPLETE"
    theirs = other.physical_id(THING)
    stack = deployed(world, case)
    event = signed({**stack.exchanges[0].event, "LogicalResourceId": _FORGED}, world.simulation.now)
    event |= {"ResourceType": f"{RESOURCE_TYPE_PREFIX}{case}", "ResourceProperties": stack.resources[THING].properties}
    arn = world.states.executions()[0].arn.rpartition(":")[0]
    step = {"input": event, "progress": {"seen": [theirs, "", "", ""]}}
    world.wire.bus.clear()
    world.functions.deliver(
        world.providers[stack.id].worker, {**step, "execution": f"{arn}:watch_made-20260131T120000Z-up"}
    )
    world.advance(60)
    assert not world.wire.bus


@pytest.mark.parametrize("case", [case for case in LONG_RUNNING if not case.spec.is_taggable], ids=str)
def test_a_watch_of_a_request_that_was_refused_reports_nothing_of_another_stack(world: World, case: Case) -> None:
    """Step Functions has recorded the request, but the worker has answered it with a failure."""
    other = world.stack("other")
    assert other.create(with_parent(case)) == "CREATE_COMPLETE"
    stack = deployed(world, case)
    event = {**stack.exchanges[0].event, "LogicalResourceId": _FORGED, "ResourceType": f"{RESOURCE_TYPE_PREFIX}{case}"}
    event = signed({**event, "ResourceProperties": other.resources[THING].properties}, world.simulation.now)
    before = {it.arn for it in world.states.executions()}
    world.functions.deliver(world.providers[stack.id].front, event)
    world.advance(300)
    [recorded] = [it.arn for it in world.states.executions() if it.arn not in before]
    folder, _, name = recorded.rpartition(":")
    world.wire.bus.clear()
    step = {"input": event, "progress": {"seen": [other.physical_id(THING), "", "", ""]}}
    world.functions.deliver(world.providers[stack.id].worker, {**step, "execution": f"{folder}:watch_{name}"})
    world.advance(60)
    assert not world.wire.bus


# -- without room for the ownership tag --------------------------------------------------------------------------------

_NO_ROOM = {f"theirs-{number}": "x" for number in range(TAGS_PER_RESOURCE)}


def without_room(world: World, case: Case) -> str:
    """A resource of somebody else with as many tags as it can have; its ARN."""
    theirs = case.create_theirs(world)
    world.set_tags(theirs.partition("#")[0], _NO_ROOM)
    return theirs


@pytest.mark.parametrize("case", TAGGED, ids=str)
def test_what_has_no_room_for_the_ownership_tag_is_not_this_stacks(world: World, case: Case) -> None:
    """It has no tag to say whose it is: an Update that takes a tag away could put the stack's there."""
    stack = deployed(world, case)
    theirs = without_room(world, case)
    own = {**stack.resources[THING].properties, case.spec.name_field: "theirs"}
    update = {"RequestType": "Update", "PhysicalResourceId": theirs, "LogicalResourceId": _FORGED}
    old = {**own, "tags": _NO_ROOM}
    others_are_as_they_were(world, stack, **update, ResourceProperties=own, OldResourceProperties=old)
    delete = {**update, "RequestType": "Delete"}
    others_are_as_they_were(world, stack, **delete, ResourceProperties=old)


@pytest.mark.parametrize("case", [case for case in TAGGED if case.spec.long_running], ids=str)
def test_a_ready_reads_nothing_that_has_no_room_for_the_ownership_tag(world: World, case: Case) -> None:
    stack = deployed(world, case)
    theirs = without_room(world, case)
    forged = {**stack.resources[case.last].properties, "Arn": theirs, "RequestHash": "x"}
    exchange = stack.conductor.send("Create", Target(_FORGED, WAIT_RESOURCE_TYPE, forged))
    world.settle()
    assert exchange.answer is not None
    assert not exchange.answer.is_success
    assert not exchange.answer.data
