"""What has no name but a place, beside others: configurations, and policies that several stacks write into."""

from __future__ import annotations

import json

import pytest

from cleanrooms_ml_cli.sandbox.emulator import RunOrder
from harness.templates import place_membership_id, place_model_arn
from harness.world import World

from .cases import CASES, LONG_RUNNING, THING, Case
from .kinds import FACTS, document

POLICY, CONFIGURATION = (
    next(case for case in CASES if str(case) == kind) for kind in ("ConfiguredAudienceModelPolicy", "MLConfiguration")
)


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


def test_statements_of_others_stay_in_the_policy(world: World) -> None:
    stack, other = world.stack(), world.stack("other")
    stack.create(POLICY.template())
    other.create(POLICY.template(configuredAudienceModelPolicy=document("777788889999")))
    assert stack.update(POLICY.template(**POLICY.changeable)) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    policy = world.call("GetConfiguredAudienceModelPolicy", configuredAudienceModelArn=place_model_arn(0))
    [statement] = json.loads(policy["configuredAudienceModelPolicy"])["Statement"]
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
    policy = world.call("GetConfiguredAudienceModelPolicy", configuredAudienceModelArn=place_model_arn(0))
    assert len(json.loads(policy["configuredAudienceModelPolicy"])["Statement"]) == 2
    # Whoever came second saw that the policy was not the one that it had read.
    assert world.calls("PutConfiguredAudienceModelPolicy") == 3


def test_c11_a_configuration_of_others_is_replaced_only_if_told(world: World) -> None:
    location = FACTS["MLConfiguration"].members["defaultOutputLocation"]
    place = place_membership_id(0)
    world.call("PutMLConfiguration", membershipIdentifier=place, defaultOutputLocation=location)
    refused, allowed = world.stack("refused"), world.stack("allowed")
    world.advance(60)
    assert refused.create(CONFIGURATION.template()) == "ROLLBACK_COMPLETE"
    assert "allow its replacement with replace_existing=True" in refused.why(THING)
    assert world.call("GetMLConfiguration", membershipIdentifier=place)["defaultOutputLocation"] == location
    replacing = CONFIGURATION.template()
    replacing["Resources"][THING]["Properties"]["Settings"] = {"ReplaceExisting": True}
    assert allowed.create(replacing) == "CREATE_COMPLETE"
    configuration = world.call("GetMLConfiguration", membershipIdentifier=place)
    assert configuration["defaultOutputLocation"] == CONFIGURATION.facts.least["defaultOutputLocation"]
