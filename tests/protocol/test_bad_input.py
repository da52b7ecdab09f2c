"""Bad input: each ends in a stack that rolled back, reports the reason, and leaves nothing."""

from __future__ import annotations

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import CHANNEL, THING, Case, failing
from cleanrooms_ml_simulator.templates import ROLE_ARN, channel, configured_audience_model, ready, template
from cleanrooms_ml_simulator.world import World


def assert_rolled_back(world: World, stack: Stack, *, but: list[str] | None = None) -> None:
    """The stack is rolled back and nothing that it created is left."""
    assert stack.status == "ROLLBACK_COMPLETE"
    assert not stack.resources
    world.settle()
    world.advance(7200)
    assert not world.leftovers(but or [])


def test_a_name_clash(world: World, named: Case) -> None:
    theirs = named.create_theirs(world, "taken")
    stack = world.stack()
    stack.create(named.template(configured_audience_model("Other"), name="taken"))
    assert f'{named.spec.kind} "taken" exists already' in stack.why(THING)
    assert_rolled_back(world, stack, but=[theirs])


def test_a_name_clash_that_no_list_shows_has_the_services_message(world: World) -> None:
    world.emulator.add_fault(
        Fault(CHANNEL.spec.create, count=1000, error_code="ConflictException", message="The name is taken")
    )
    stack = world.stack()
    stack.create(CHANNEL.template(name="taken"))
    assert "ConflictException: The name is taken" in stack.why(THING)
    assert stack.sent("Create", THING)[0].seconds < 120
    assert_rolled_back(world, stack)


def test_e2_a_role_that_cannot_be_assumed(world: World, with_role: Case) -> None:
    world.refuse_role(ROLE_ARN)
    stack = world.stack()
    stack.create(with_role.template())
    assert f"AccessDeniedException: The role {ROLE_ARN} cannot be assumed" in stack.why(THING)
    assert 120 <= stack.sent("Create", THING)[0].seconds < 150
    assert_rolled_back(world, stack)


def test_a_role_that_cannot_be_assumed_for_twenty_seconds_only(world: World, with_role: Case) -> None:
    world.refuse_role(ROLE_ARN, seconds=20)
    assert world.stack().create(with_role.template()) == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    "query",
    ["SELECT 1 FROM no_such_table", "SELECT (1 FROM a", "SELECT 1 FROM a WHERE 1 = 0"],
    ids=["missing table", "wrong syntax", "no rows"],
)
def test_a_failed_query(world: World, query: str) -> None:
    stack = world.stack()
    stack.create(template(channel(THING, query=query), configured_audience_model("Other")))
    assert "is CREATE_FAILED: " in stack.why(ready(THING))
    assert "roll back, or change run_id, to try again" in stack.why(ready(THING))
    assert_rolled_back(world, stack)


def test_a_throttled_create(world: World) -> None:
    world.emulator.add_fault(Fault("CreateMLInputChannel", count=10_000, kind="throttle"))
    stack = world.stack()
    stack.create(template(channel(THING)))
    assert "ThrottlingException: Rate exceeded" in stack.why(THING)
    assert 3300 <= stack.sent("Create", THING)[0].seconds < 3600
    assert_rolled_back(world, stack)


def test_a_create_that_is_throttled_for_minutes_only(world: World, case: Case) -> None:
    world.emulator.add_fault(Fault(case.spec.create, count=20, kind="throttle"))
    assert world.stack().create(case.template()) == "CREATE_COMPLETE"
    assert len(world.created()) == 1


def test_an_endpoint_that_is_unreachable_for_the_whole_deployment(world: World) -> None:
    world.refuse()
    stack = world.stack()
    stack.create(CHANNEL.template())
    assert "EndpointConnectionError: Could not connect to the endpoint" in stack.why(THING)
    assert 3300 <= stack.sent("Create", THING)[0].seconds < 3600
    assert_rolled_back(world, stack)


def test_an_endpoint_that_is_unreachable_after_the_create_and_until_the_rollback(world: World) -> None:
    world.wire.after.append(lambda call: world.refuse(seconds=3400) if call.operation == CHANNEL.spec.create else None)
    world.lose_replies(CHANNEL.spec.create)
    stack = world.stack()
    stack.create(template({THING: CHANNEL.resources()[THING]}))
    assert "EndpointConnectionError" in stack.why(THING) or "ConnectionClosedError" in stack.why(THING)
    assert len(world.created()) == 1
    assert_rolled_back(world, stack)


def test_an_endpoint_that_is_unreachable_for_ten_minutes(world: World) -> None:
    world.refuse(seconds=600)
    stack = world.stack()
    assert stack.create(template(channel(THING))) == "CREATE_COMPLETE"
    assert 600 < stack.sent("Create", THING)[0].seconds < 660


def test_a_failed_stack_of_everything_leaves_nothing(world: World) -> None:
    parts = [channel("Channel"), configured_audience_model("Model"), failing()]
    stack = world.stack()
    stack.create(template(*parts))
    assert "SEED_TOO_SMALL" in stack.why(ready("Failing"))
    assert_rolled_back(world, stack)
    assert len(world.created()) == 3


def test_canceled_creates_leave_nothing(world: World, case: Case) -> None:
    # The answer to the create is late, so that CloudFormation never learns the id.
    world.replies.faults += [500] * 4
    wrong = configured_audience_model("Wrong", minMatchingSeedSize=1)
    stack = world.stack()
    stack.create(case.template(wrong))
    assert_rolled_back(world, stack)


def test_a_request_that_breaks_the_model_names_the_field(world: World) -> None:
    stack = world.stack()
    stack.create(template(channel(THING, retentionInDays=31)))
    assert "retentionInDays is 31; allowed 1 to 30" in stack.why(THING)
    assert_rolled_back(world, stack)
    assert not world.created()


def test_a_kind_that_this_version_does_not_know_is_named(world: World) -> None:
    resources = template(configured_audience_model(THING))
    resources["Resources"][THING]["Type"] = "Custom::CleanRoomsML-QuantumModel"
    stack = world.stack()
    stack.create(resources)
    assert "QuantumModel" in stack.why(THING)
    assert "it knows ConfiguredAudienceModel" in stack.why(THING)
