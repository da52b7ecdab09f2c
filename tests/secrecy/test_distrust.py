"""Forged events are refused without a mutating call, by the real front and worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import CASES, TAG, THING, Case
from cleanrooms_ml_simulator.provider import Provider
from cleanrooms_ml_simulator.world import World

OTHER_STACK = "arn:aws:cloudformation:us-east-1:000000000000:stack/other/6a2b3c4d-0000-4000-8000-000000000000"
ADDRESS = "X-Amz-Date=20260131T120000Z&X-Amz-Expires=7200"

Event = dict[str, Any]
Forgery = Callable[[Event], Event]


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def with_(**members: str) -> Forgery:
    """An event with other members."""
    return lambda event: {**event, **members}


def on_host(host: str) -> Forgery:
    """An event with another reply host."""
    return with_(ResponseURL=f"https://{host}/answer?{ADDRESS}")


FORGERIES: Mapping[str, Forgery] = {
    "another stack": with_(StackId=OTHER_STACK),
    "no stack": with_(StackId=""),
    "a stack of the same name": lambda event: {**event, "StackId": event["StackId"].rpartition("/")[0] + "/other"},
    "a foreign host": on_host("example.com"),
    "a bucket of someone else": on_host("cloudformation-custom-resources.s3.amazonaws.com"),
    "CloudFormation's bucket as a path": on_host("example.com/cloudformation-custom-resource-response-useast1.s3."),
    "CloudFormation's bucket as a user": on_host("cloudformation-custom-resource-response-x.s3.amazonaws.com@a.b"),
    "CloudFormation's bucket as a part": on_host("cloudformation-custom-resource-response-x.s3.amazonaws.com.a.b"),
    "CloudFormation's bucket without TLS": with_(
        ResponseURL=f"http://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/a?{ADDRESS}"
    ),
    "another port of this host": with_(ResponseURL=f"http://127.0.0.1:1/answer?{ADDRESS}"),
    "no signing time": lambda event: {**event, "ResponseURL": event["ResponseURL"].partition("?")[0]},
    "an unknown request": with_(RequestType="Destroy"),
    "no id": lambda event: {key: value for key, value in event.items() if key != "LogicalResourceId"},
}


def as_it_comes(event: Event, _: str) -> Event:
    """What CloudFormation sends."""
    return event


def as_lost(event: Event, _: str) -> Event:
    """Lambda's record of an event that a function could not process."""
    return {"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": event}


def as_a_step(event: Event, execution: str) -> Event:
    """The state machine's input for the worker."""
    return {"input": event, "execution": execution, "progress": {}}


def as_a_failed_step(event: Event, execution: str) -> Event:
    """The state machine's input for the worker after a step failed after all retries."""
    return {**as_a_step(event, execution), "error": {"Error": "Lambda.Unknown", "Cause": ""}}


WAYS = [
    ("front", as_it_comes),
    ("front", as_lost),
    ("worker", as_lost),
    ("worker", as_a_step),
    ("worker", as_a_failed_step),
]


@pytest.mark.parametrize(("function", "wrapped"), WAYS, ids=lambda value: getattr(value, "__name__", value))
def test_a_forged_event_is_refused_on_every_way(
    world: World, case: Case, function: str, wrapped: Callable[[Event, str], Event]
) -> None:
    stack, provider = made(world, case)
    execution = world.states.executions()[0].arn
    genuine = {**stack.exchanges[0].event, "RequestType": "Delete", "PhysicalResourceId": stack.physical_id(THING)}
    for what, forged in FORGERIES.items():
        before = (world.mutations(), len(world.states.executions()), world.replies.attempts)
        world.functions.deliver(getattr(provider, function), wrapped(forged(genuine), execution))
        world.advance(400)
        assert (world.mutations(), len(world.states.executions()), world.replies.attempts) == before, what
    assert not [invocation.error for invocation in world.functions.invocations if invocation.error]
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_delete_of_a_resource_without_the_ownership_tag_changes_nothing(world: World, case: Case) -> None:
    stack, _ = made(world, case)
    theirs = case.create_theirs(world)
    world.advance(60)
    refused(world, stack, case, theirs)


def test_a_delete_of_another_stacks_resource_changes_nothing(world: World, case: Case) -> None:
    stack, _ = made(world, case)
    other = world.stack("other")
    assert other.create(case.template(tags=TAG, **case.run(2))) == "CREATE_COMPLETE"
    refused(world, stack, case, other.physical_id(THING))


def test_a_delete_of_another_logical_ids_resource_changes_nothing(world: World, case: Case) -> None:
    stack = world.stack()
    assert stack.create(case.template(case.resources("Second", **case.run(2)), **case.run(1))) == "CREATE_COMPLETE"
    refused(world, stack, case, stack.physical_id("Second"))


def test_a_delete_with_an_unknown_id_finds_only_own_resources(world: World, case: Case) -> None:
    stack, _ = made(world, case)
    other = world.stack("other")
    # A singleton has other identifiers.
    assert other.create(case.template(tags=TAG, **case.run(2))) == "CREATE_COMPLETE"
    own, theirs = stack.physical_id(THING), other.physical_id(THING)
    answer = stack.request("Delete", THING, physical_id="nothing-of-ours").answer
    assert answer is not None
    assert answer.is_success
    left = [record["arn"] for record in world.leftovers()]
    assert own not in left
    assert [it for it in left if it == theirs] == case.held(theirs)


def made(world: World, case: Case) -> tuple[Stack, Provider]:
    """A stack with a resource of the kind, and its provider."""
    stack = world.stack()
    assert stack.create(case.template(tags=TAG)) == "CREATE_COMPLETE"
    return stack, world.providers[stack.id]


def refused(world: World, stack: Stack, case: Case, its_id: str) -> None:
    """A Delete of a resource by a logical id that it does not belong to."""
    before = (world.mutations(), world.record(its_id))
    answer = stack.request("Delete", THING, physical_id=its_id).answer
    assert answer is not None
    if case.spec.is_taggable:
        assert not answer.is_success
        assert "does not have the ownership tag of this stack" in answer.reason
    # A resource that cannot have the ownership tag is not this stack's, or cannot be deleted: it stays as it is.
    assert (world.mutations(), world.record(its_id)) == before
