"""Resource policies: one document into which several stacks write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cleanrooms_ml_cli.sandbox.emulator import Fault
from cleanrooms_ml_simulator.faults import ALWAYS
from cleanrooms_ml_simulator.lifecycle.cases import CASES, THING, Case, failing
from cleanrooms_ml_simulator.lifecycle.kinds import document
from cleanrooms_ml_simulator.templates import free_model_arn, template
from cleanrooms_ml_simulator.world import World

POLICY = next(case for case in CASES if str(case) == "ConfiguredAudienceModelPolicy")
MODEL = {"configuredAudienceModelArn": free_model_arn(0)}


def stated(*accounts: str) -> dict[str, Any]:
    """A template with statements for accounts."""
    return POLICY.template(configuredAudienceModelPolicy=document(*accounts))


@pytest.mark.parametrize("policy", [POLICY], ids=str)
def test_c11_statements_of_others_stay_in_the_policy(world: World, policy: Case) -> None:
    stack, other = world.stack(), world.stack("other")
    stack.create(policy.template())
    other.create(policy.template(configuredAudienceModelPolicy=document("777788889999")))
    assert stack.update(policy.template(**policy.changeable)) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    shown = world.call("GetConfiguredAudienceModelPolicy", **MODEL)
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
    policy = world.call("GetConfiguredAudienceModelPolicy", **MODEL)
    assert len(json.loads(policy["configuredAudienceModelPolicy"])["Statement"]) == 2
    # The second write was refused because the policy was not the one that was read.
    assert world.calls("PutConfiguredAudienceModelPolicy") == 3


def test_statements_that_follow_others_are_not_written_again(world: World) -> None:
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
    world.call("PutConfiguredAudienceModelPolicy", **MODEL, configuredAudienceModelPolicy=json.dumps(theirs))
    stack = world.stack()
    assert stack.create(POLICY.template()) == "CREATE_COMPLETE"
    assert stack.update(POLICY.template(**POLICY.changeable)) == "UPDATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    policy = world.call("GetConfiguredAudienceModelPolicy", **MODEL)["configuredAudienceModelPolicy"]
    assert json.loads(policy) == {**theirs, "Statement": [theirs["Statement"]]}


def test_without_statements_nothing_is_gone(world: World) -> None:
    stack = world.stack()
    assert stack.create(stated()) == "CREATE_COMPLETE"
    assert stack.update(template(POLICY.resources(), failing(THING))) == "UPDATE_ROLLBACK_COMPLETE"
    assert not world.records(str(POLICY))
    world.emulator.add_fault(Fault(POLICY.spec.create, count=ALWAYS, error_code="ValidationException"))
    assert stack.update(POLICY.template()) == "UPDATE_ROLLBACK_COMPLETE"
    world.emulator.clear_faults()
    assert stack.update(POLICY.template()) == "UPDATE_COMPLETE"
    none = stated()["Resources"]
    assert stack.update(template(none, failing(THING))) == "UPDATE_ROLLBACK_COMPLETE"
    assert len(world.records(str(POLICY))) == 1
    assert stack.update(stated()) == "UPDATE_COMPLETE"
    assert not world.records(str(POLICY))
