"""What has no name but a place, beside others: configurations, and policies that several stacks write into."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault, RunOrder
from cleanrooms_ml_simulator.faults import ALWAYS, disarm
from cleanrooms_ml_simulator.lifecycle.cases import CASES, LONG_RUNNING, THING, Case, failing
from cleanrooms_ml_simulator.lifecycle.kinds import FACTS, document
from cleanrooms_ml_simulator.templates import ROLE_ARN, free_membership_id, free_model_arn, template
from cleanrooms_ml_simulator.world import World

POLICY, CONFIGURATION = (
    next(case for case in CASES if str(case) == kind) for kind in ("ConfiguredAudienceModelPolicy", "MLConfiguration")
)
PLACE = free_membership_id(0)
LOCATION: Any = CONFIGURATION.facts.least["defaultOutputLocation"]
THEIRS: Any = CONFIGURATION.members["defaultOutputLocation"]


def replacing(logical_id: str = THING, **members: Any) -> dict[str, Any]:
    """A template with a configuration that may overwrite another."""
    resources = CONFIGURATION.resources(logical_id, **members)
    resources[logical_id]["Properties"]["Settings"] = {"ReplaceExisting": True}
    return template(resources)


def location_of(world: World) -> Any:
    """Where the membership's results go."""
    return world.call("GetMLConfiguration", membershipIdentifier=PLACE)["defaultOutputLocation"]


def stated(*accounts: str) -> dict[str, Any]:
    """A template with statements for accounts."""
    return POLICY.template(configuredAudienceModelPolicy=document(*accounts))


def test_every_kind_has_its_facts() -> None:
    assert set(FACTS) == {str(case) for case in CASES}


@pytest.mark.parametrize("run", [case for case in LONG_RUNNING if case.spec.cancel], ids=str)
def test_a_run_in_progress_is_cancelled_when_it_is_deleted(world: World, run: Case) -> None:
    stack = world.stack()
    world.emulator.order_run(RunOrder(str(run), seconds=100_000))
    world.after(60, stack.stop)
    assert stack.create(run.template()) == "ROLLBACK_COMPLETE"
    [deleted] = stack.sent("Delete", THING)
    assert deleted.seconds < 300
    assert world.calls(run.spec.cancel or "") == 1
    assert not world.leftovers()


@pytest.mark.parametrize("policy", [POLICY], ids=str)
def test_c11_statements_of_others_stay_in_the_policy(world: World, policy: Case) -> None:
    stack, other = world.stack(), world.stack("other")
    stack.create(policy.template())
    other.create(policy.template(configuredAudienceModelPolicy=document("777788889999")))
    assert stack.update(policy.template(**policy.changeable)) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    shown = world.call("GetConfiguredAudienceModelPolicy", configuredAudienceModelArn=free_model_arn(0))
    [statement] = json.loads(shown["configuredAudienceModelPolicy"])["Statement"]
    assert "777788889999" in statement["Principal"]["AWS"]
    assert other.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_two_stacks_that_write_into_a_policy_at_the_same_moment_lose_nothing(world: World) -> None:
    stacks = [world.stack("one"), world.stack("other")]
    for stack, account in zip(stacks, ("111122223333", "777788889999"), strict=True):
        stack.template = POLICY.template(configuredAudienceModelPolicy=document(account))
    world.wire.interleave = True
    begun = [stack.begin_create(THING) for stack in stacks]
    world.simulation.run_until(lambda: all(exchange.is_over for exchange in begun))
    assert all(exchange.answer is not None and exchange.answer.is_success for exchange in begun)
    policy = world.call("GetConfiguredAudienceModelPolicy", configuredAudienceModelArn=free_model_arn(0))
    assert len(json.loads(policy["configuredAudienceModelPolicy"])["Statement"]) == 2
    # Whoever came second saw that the policy was not the one that it had read.
    assert world.calls("PutConfiguredAudienceModelPolicy") == 3


def test_statements_that_come_after_others_are_not_written_again(world: World) -> None:
    stack, other = world.stack(), world.stack("other")
    stack.create(POLICY.template())
    other.create(stated("777788889999"))
    before = world.mutations()
    update = POLICY.template()
    update["Resources"][THING]["Properties"]["Settings"] = {"Anything": "1"}
    assert stack.update(update) == "UPDATE_COMPLETE"
    assert world.mutations() == before


def test_statements_that_others_wrote_without_a_list_or_ids_stay(world: World) -> None:
    theirs = {**document("777788889999"), "Id": "theirs"}
    theirs["Statement"] = theirs["Statement"][0]
    place = {"configuredAudienceModelArn": free_model_arn(0)}
    world.call("PutConfiguredAudienceModelPolicy", **place, configuredAudienceModelPolicy=json.dumps(theirs))
    stack = world.stack()
    assert stack.create(POLICY.template()) == "CREATE_COMPLETE"
    assert stack.update(POLICY.template(**POLICY.changeable)) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    policy = world.call("GetConfiguredAudienceModelPolicy", **place)["configuredAudienceModelPolicy"]
    assert json.loads(policy) == {**theirs, "Statement": [theirs["Statement"]]}


def test_where_nothing_was_stated_nothing_is_gone(world: World) -> None:
    stack = world.stack()
    assert stack.create(stated()) == "CREATE_COMPLETE"
    assert stack.update(template(POLICY.resources(), failing(THING))) == "UPDATE_ROLLBACK_COMPLETE"
    assert not world.records(str(POLICY))
    world.emulator.add_fault(Fault(POLICY.spec.create, error_code="ValidationException"))
    assert stack.update(POLICY.template()) == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.update(POLICY.template()) == "UPDATE_COMPLETE"
    none = stated()["Resources"]
    assert stack.update(template(none, failing(THING))) == "UPDATE_ROLLBACK_COMPLETE"
    assert len(world.records(str(POLICY))) == 1
    assert stack.update(stated()) == "UPDATE_COMPLETE"
    assert not world.records(str(POLICY))


@pytest.mark.parametrize("configuration", [CONFIGURATION], ids=str)
def test_c11_a_configuration_of_others_is_replaced_only_if_told(world: World, configuration: Case) -> None:
    location = FACTS["MLConfiguration"].members["defaultOutputLocation"]
    place = free_membership_id(0)
    world.call("PutMLConfiguration", membershipIdentifier=place, defaultOutputLocation=location)
    refused, allowed = world.stack("refused"), world.stack("allowed")
    world.advance(60)
    assert refused.create(configuration.template()) == "ROLLBACK_COMPLETE"
    assert "allow its replacement with replace_existing=True" in refused.why(THING)
    assert world.call("GetMLConfiguration", membershipIdentifier=place)["defaultOutputLocation"] == location
    replacing = configuration.template()
    replacing["Resources"][THING]["Properties"]["Settings"] = {"ReplaceExisting": True}
    assert allowed.create(replacing) == "CREATE_COMPLETE"
    shown = world.call("GetMLConfiguration", membershipIdentifier=place)
    assert shown["defaultOutputLocation"] == configuration.facts.least["defaultOutputLocation"]


def test_a_configuration_that_comes_while_a_create_waits_is_left_alone(world: World) -> None:
    def create_theirs() -> None:
        disarm(world)
        world.call("PutMLConfiguration", membershipIdentifier=PLACE, defaultOutputLocation=THEIRS)

    world.emulator.add_fault(Fault("PutMLConfiguration", count=ALWAYS, error_code="AccessDeniedException"))
    world.after(20, create_theirs)
    stack = world.stack()
    assert stack.create(CONFIGURATION.template()) == "ROLLBACK_COMPLETE"
    assert "exists already and is not this stack's" in stack.why(THING)
    assert location_of(world) == THEIRS


def test_a_configuration_that_has_replaced_another_outlives_it(world: World) -> None:
    stack, other = world.stack(), world.stack("other")
    assert stack.create(CONFIGURATION.template()) == "CREATE_COMPLETE"
    # Each construct has a role of its own, unless it is given one.
    second, third = ({**LOCATION, "roleArn": f"{ROLE_ARN}-{number}"} for number in (2, 3))
    assert stack.update(replacing("Renamed", defaultOutputLocation=second)) == "UPDATE_COMPLETE"
    assert location_of(world) == second
    assert other.create(replacing(defaultOutputLocation=third)) == "CREATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    assert location_of(world) == third
    assert other.delete() == "DELETE_COMPLETE"
    assert not world.leftovers()


def test_a_create_that_replaced_a_configuration_and_was_cancelled_is_undone(world: World) -> None:
    world.call("PutMLConfiguration", membershipIdentifier=PLACE, defaultOutputLocation=THEIRS)
    world.advance(24 * 3600)
    stack = world.stack()
    assert stack.create(replacing()) == "CREATE_COMPLETE"
    # What CloudFormation makes up where it never had an answer.
    deleted = stack.request("Delete", THING, physical_id="app-Thing-0123456789AB")
    assert deleted.answer is not None
    assert deleted.answer.is_success
    assert not world.records(str(CONFIGURATION))
