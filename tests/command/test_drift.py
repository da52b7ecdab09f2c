"""What somebody changed behind CloudFormation's back."""

from __future__ import annotations

import json

import pytest

from cleanrooms_ml_cli.account.errors import CannotDo
from cleanrooms_ml_cli.account.handlers import OWNERSHIP_TAG_KEY
from cleanrooms_ml_cli.stack.drift import drifts
from cleanrooms_ml_simulator.lifecycle.cases import CASES, CHANGEABLE, TAG, TAGGED, THING, Case
from cleanrooms_ml_simulator.lifecycle.kinds import document
from cleanrooms_ml_simulator.templates import QUERY, free_model_arn, template
from cleanrooms_ml_simulator.world import World

from .account import Account


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("more", [False, True], ids=["least", "all members"])
def test_what_was_deployed_has_not_drifted(case: Case, more: bool, world: World, account: Account) -> None:
    stack = world.stack()
    members = {**case.facts.create_only, **case.members} if more and not case.is_singleton else {}
    assert stack.create(case.template(tags=TAG, **members)) == "CREATE_COMPLETE"
    assert account.drifts(stack) == []


@pytest.mark.parametrize("case", [case for case in CHANGEABLE if not case.is_singleton], ids=str)
def test_a_member_that_was_changed_is_reported(case: Case, world: World, account: Account) -> None:
    stack = world.stack()
    assert stack.create(template(case.resources(**case.changeable))) == "CREATE_COMPLETE"
    arn, names = stack.physical_id(THING), case.spec.update_names
    changed = {names.get(key, key): value for key, value in case.changed.items()}
    world.call(case.update, **(case.spec.identifiers(arn) or {}), **changed)
    (drift,) = account.drifts(stack)
    assert {one.path for one in drift.differences} == set(case.changed)
    for key, value in case.changed.items():
        assert f"  + {key}: {json.dumps(value)}" in drift.lines


def test_a_description_that_somebody_added_is_reported(world: World, account: Account) -> None:
    case = next(case for case in CASES if str(case) == "ConfiguredAudienceModel")
    stack = world.stack()
    stack.create(template(case.resources()))
    world.call(case.update, configuredAudienceModelArn=stack.physical_id(THING), description="by hand")
    (drift,) = account.drifts(stack)
    assert drift.lines[1:] == ['  + description: "by hand"']


@pytest.mark.parametrize("case", TAGGED, ids=str)
def test_tags_that_were_changed_are_reported(case: Case, world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(case.resources(tags=TAG)))
    world.set_tags(stack.physical_id(THING), {"team": "others", "by": "hand", "aws:own": "counts for nothing"})
    (drift,) = account.drifts(stack)
    assert drift.lines[1:] == ['  - tags.team: "audiences"', '  + tags.team: "others"', '  + tags.by: "hand"']


@pytest.mark.parametrize("case", [case for case in CASES if case.spec.delete], ids=str)
def test_what_was_deleted_is_reported(case: Case, world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(case.resources()))
    world.call(case.delete, **(case.spec.identifiers(stack.physical_id(THING)) or {}))
    world.advance(4000)
    (drift,) = account.drifts(stack)
    assert any(words in drift.problem for words in ("deleted outside", "data was deleted", "were changed or removed"))


@pytest.mark.parametrize("case", TAGGED, ids=str)
def test_a_missing_ownership_tag_is_reported(case: Case, world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(case.resources(**{case.spec.name_field: "mine"})))
    world.call(
        "UntagResource", service=case.spec.service, resourceArn=stack.physical_id(THING), tagKeys=[OWNERSHIP_TAG_KEY]
    )
    # Tags show a moment after their resource.
    world.simulation.sleep(60)
    (drift,) = account.drifts(stack)
    assert "ownership tag is missing" in drift.problem


def test_a_policy_that_somebody_wrote_over_is_reported_without_its_text(world: World, account: Account) -> None:
    case = next(case for case in CASES if case.spec.document_field)
    stack = world.stack()
    stack.create(template(case.resources()))
    text = json.dumps(document("999999999999"))
    world.call(case.spec.create, configuredAudienceModelArn=free_model_arn(0), configuredAudienceModelPolicy=text)
    (drift,) = account.drifts(stack)
    assert "statements of this stack" in drift.problem
    assert "999999999999" not in "".join(drift.lines)


def test_a_configuration_that_somebody_wrote_over_is_reported(world: World, account: Account) -> None:
    case = next(case for case in CASES if str(case) == "MLConfiguration")
    stack = world.stack()
    stack.create(template(case.resources()))
    world.call(case.spec.create, membershipIdentifier=stack.physical_id(THING), **case.changed)
    (drift,) = account.drifts(stack)
    assert [one.path for one in drift.differences] == ["defaultOutputLocation.destination.s3Destination.s3Uri"]


def test_a_stack_that_is_being_changed_is_not_compared(world: World, account: Account) -> None:
    stack = world.stack()
    stack.create(template(CASES[0].resources()))
    values, deployed = account.values(stack), account.deployed(stack)
    busy = type(deployed)(deployed.name, deployed.id, "UPDATE_IN_PROGRESS", deployed.template, deployed.resources)
    with pytest.raises(CannotDo, match="UPDATE_IN_PROGRESS"):
        drifts(busy, values, world.service, world.simulation.now)


def test_a_query_is_compared_but_never_shown(world: World, account: Account) -> None:
    case = next(case for case in CASES if str(case) == "MLInputChannel")
    stack = world.stack()
    stack.create(template(case.resources()))
    stored = world.emulator.state.world.records[stack.physical_id(THING)].data
    stored["inputChannel"]["dataSource"]["protectedQueryInputParameters"]["sqlParameters"] = {"queryString": "SELECT 1"}
    (drift,) = account.drifts(stack)
    assert "sqlParameters" in "".join(drift.lines)
    assert not any(secret in "".join(drift.lines) for secret in (QUERY, "SELECT 1"))
