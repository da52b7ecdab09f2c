"""How a configuration or policy is written back that the stack had retained: rules D5, D17, U7 and S1."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import THING, Case, failing
from cleanrooms_ml_simulator.lifecycle.kinds import document
from cleanrooms_ml_simulator.templates import ROLE_ARN, template
from cleanrooms_ml_simulator.wire import Call, Reply
from cleanrooms_ml_simulator.world import World

from .test_canceled_creates import OTHER, arns, cancel_the_next, clean_up, kept, target_of
from .test_cleanup_history import DAY, POLICY, SINGLES
from .test_continued_rollbacks import continue_later, fail_rollback
from .test_failed_deletes import give_up_the_delete
from .test_later_requests import INVENTED
from .test_retained_singletons import Attempt, cancel_while_written, content, fail_after, with_retained
from .test_singletons import CONFIGURATION, LOCATION, MEMBERSHIP, location_of, replacing

ATTEMPTS = pytest.mark.parametrize("attempt", [fail_after, cancel_while_written])


@pytest.mark.parametrize(
    ("replaces", "seconds"), [(False, 3 * DAY), (True, 3600)], ids=["days before", "when it was replaced"]
)
@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_d17_the_cleanup_of_creates_without_an_execution_leaves_a_retained_singleton(
    world: World, case: Case, replaces: bool, seconds: int
) -> None:
    stack = world.stack()
    stack.create(kept(case))
    retained = stack.physical_id(THING)
    if replaces:
        assert stack.update(kept(case, **case.run(2))) == "UPDATE_COMPLETE"
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(seconds)
    for _ in range(2):
        stack.declare(target_of(case))
        clean_up(world, stack, case, INVENTED)
    assert retained in arns(world)


def roll_back_alone(world: World, stack: Stack, case: Case, asked: Mapping[str, Any]) -> None:
    """The rollback of an Update that left no execution."""
    held = case.template(OTHER, **case.changeable, **case.run(2))["Resources"][THING]["Properties"]
    update = case.template(OTHER, **asked)["Resources"][THING]["Properties"]
    target = Target(THING, case.spec.resource_type, held)
    sent = stack.conductor.send("Update", target, stack.physical_id(THING), update)
    world.advance(900)
    assert sent.answer is not None
    assert sent.answer.is_success


@pytest.mark.parametrize("is_changed", [False, True], ids=["the same", "with other content"])
@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_d17_the_rollback_of_an_update_that_left_no_execution_leaves_what_was_retained(
    world: World, case: Case, is_changed: bool
) -> None:
    stack, retained = with_retained(world, case)
    shown = content(world, case, retained)
    roll_back_alone(world, stack, case, case.changed if is_changed else case.changeable)
    assert content(world, case, retained) == shown
    # The next one adopts it, and is rolled back, too.
    fail_after(world, stack, case, {**case.changeable, **case.changed})
    assert content(world, case, retained) == shown


@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_d17_a_rollback_continued_days_later_writes_back_what_was_retained(world: World, case: Case) -> None:
    stack, retained = with_retained(world, case)
    shown = content(world, case, retained)
    fail_rollback(world, stack)
    stack.update(case.template(OTHER, failing(case.last), **case.changed))
    continue_later(world, stack)
    world.advance(120)
    assert content(world, case, retained) == shown


def test_d17_a_rollback_continued_days_later_leaves_what_another_construct_has_by_then(world: World) -> None:
    stack, _ = with_retained(world, CONFIGURATION)
    theirs = {**LOCATION, "roleArn": f"{ROLE_ARN}-9"}
    both = replacing("Renamed", defaultOutputLocation=theirs)["Resources"]
    held = CONFIGURATION.template(OTHER, **CONFIGURATION.changeable, **CONFIGURATION.run(2))
    held["Resources"] |= both
    assert stack.update(held) == "UPDATE_COMPLETE"
    assert location_of(world) == theirs
    world.advance(3 * DAY)
    fail_rollback(world, stack)
    update = CONFIGURATION.template(OTHER, failing(THING))
    update["Resources"] |= replacing(**CONFIGURATION.changed)["Resources"] | both
    stack.update(update)
    continue_later(world, stack)
    world.advance(120)
    assert location_of(world) == theirs


# -- what was deleted meanwhile ----------------------------------------------------------------------------------------


def delete_by_hand(world: World, case: Case) -> None:
    world.call(case.delete, **{key: case.facts.least[key] for key in case.spec.identifier_members})
    world.advance(600)


def test_d5_a_rollback_leaves_no_configuration_that_the_replacement_created_anew(world: World) -> None:
    stack, retained = with_retained(world, CONFIGURATION)
    delete_by_hand(world, CONFIGURATION)
    fail_after(world, stack, CONFIGURATION, CONFIGURATION.changed)
    assert arns(world) == {stack.physical_id("Other"), stack.physical_id(THING)}
    assert retained not in arns(world)


def test_d17_what_was_revoked_by_hand_is_not_granted_by_the_rollback_of_an_update_that_was_refused(
    world: World,
) -> None:
    stack, retained = with_retained(world, POLICY)
    delete_by_hand(world, POLICY)
    world.emulator.add_fault(Fault(POLICY.spec.create, count=1, error_code="ValidationException"))
    assert stack.update(POLICY.template(OTHER, **POLICY.changed)) == "UPDATE_ROLLBACK_COMPLETE"
    world.advance(120)
    assert retained not in arns(world)


def test_s1_what_others_wrote_months_ago_stays_although_a_delete_was_given_up(world: World) -> None:
    stack = world.stack()
    stack.create(CONFIGURATION.template(OTHER))
    world.advance(3600)
    theirs = {**CONFIGURATION.changed["defaultOutputLocation"], "roleArn": f"{ROLE_ARN}-theirs"}
    world.call("PutMLConfiguration", membershipIdentifier=MEMBERSHIP, defaultOutputLocation=theirs)
    # Step Functions does not know any more who wrote it.
    world.advance(91 * DAY)
    give_up_the_delete(world, stack, CONFIGURATION, template(OTHER))
    cancel_the_next(world, stack, CONFIGURATION, CONFIGURATION.look)
    world.advance(120)
    assert location_of(world) == theirs


# -- a service that shows something else -------------------------------------------------------------------------------


def normalized(case: Case, text: str) -> str:
    """An answer of the get operation with its values in another form."""
    parsed = json.loads(text)
    if case is POLICY:
        policy = json.loads(parsed["configuredAudienceModelPolicy"])
        for statement in policy["Statement"]:
            statement["Action"] = [statement["Action"]]
        parsed["configuredAudienceModelPolicy"] = json.dumps(policy)
    else:
        parsed["defaultOutputLocation"]["destination"]["s3Destination"]["s3Uri"] += "/"
    return json.dumps(parsed)


@ATTEMPTS
@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_d17_what_the_service_shows_in_another_form_is_written_back_once(
    world: World, case: Case, attempt: Attempt
) -> None:
    stack, _ = with_retained(world, case)

    def normalize(call: Call, _request: AWSPreparedRequest, ask: Any) -> Reply:
        status, headers, body = ask()
        if call.operation == case.get and status == 200:
            body = normalized(case, body.decode()).encode()
            headers = {key: value for key, value in headers.items() if key.lower() != "content-length"}
        return status, headers, body

    world.wire.layers.append(normalize)
    before = len(world.mutations())
    attempt(world, stack, case, {**case.changeable, **case.changed})
    # The update, and the way back of each of the two.
    assert Counter(world.mutations()[before:])[case.spec.create] <= 4


@pytest.mark.parametrize("seconds", [8, 20])
@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_d17_a_configuration_or_policy_that_shows_late_is_written_back(world: World, case: Case, seconds: int) -> None:
    stack, retained = with_retained(world, case)
    shown = content(world, case, retained)
    world.past.keep(seconds)

    def lag(call: Call, _request: AWSPreparedRequest, ask: Any) -> Reply:
        reply: Reply
        if call.operation in (case.spec.create, case.spec.delete):
            world.past.note()
        if call.operation != case.get:
            reply = ask()
            return reply
        with world.past.seen_from(seconds):
            reply = ask()
        return reply

    world.wire.layers.append(lag)
    before = len(world.mutations())
    fail_after(world, stack, case, {**case.changeable, **case.changed})
    assert content(world, case, retained) == shown
    assert Counter(world.mutations()[before:])[case.spec.create] == 2


# -- what cannot be written back ---------------------------------------------------------------------------------------


def test_u7_a_canceled_update_is_rolled_back_although_the_role_of_what_was_retained_is_gone(world: World) -> None:
    first, second = ({**LOCATION, "roleArn": f"{ROLE_ARN}-{number}"} for number in (1, 2))
    stack = world.stack()
    stack.create(kept(CONFIGURATION, defaultOutputLocation=first))
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(600)
    held = CONFIGURATION.template(OTHER, defaultOutputLocation=second, **CONFIGURATION.run(2))
    assert stack.update(held) == "UPDATE_COMPLETE"
    world.refuse_role(first["roleArn"])
    cancel_while_written(world, stack, CONFIGURATION, {"defaultOutputLocation": second})
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"


@ATTEMPTS
def test_u7_an_update_is_rolled_back_although_a_retained_principal_is_gone(world: World, attempt: Attempt) -> None:
    gone, granted = "999999999999", {"configuredAudienceModelPolicy": document("111122223333")}
    stack = world.stack()
    stack.create(kept(POLICY, configuredAudienceModelPolicy=document(gone)))
    retained = stack.physical_id(THING)
    assert stack.update(template(OTHER)) == "UPDATE_COMPLETE"
    world.advance(600)
    assert stack.update(POLICY.template(OTHER, **granted, **POLICY.run(2))) == "UPDATE_COMPLETE"

    def refuse(call: Call, request: AWSPreparedRequest, ask: Any) -> Reply:
        if call.operation == POLICY.spec.create and gone in str(request.body):
            head = {"content-type": "application/json", "x-amzn-errortype": "ValidationException"}
            return 400, head, b'{"message": "Invalid principal in policy"}'
        reply: Reply = ask()
        return reply

    world.wire.layers.append(refuse)
    attempt(world, stack, POLICY, granted)
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert retained not in arns(world)
