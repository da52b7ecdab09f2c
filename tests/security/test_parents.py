"""Forged events for kinds without tags: what they belong to has to be this stack's, or named by its template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from cleanrooms_ml_handlers.identity import Owner
from cleanrooms_ml_handlers.named_parents import ANY, short, template_names
from cleanrooms_ml_handlers.request import Request
from cleanrooms_ml_handlers.shared_names import PARENTS, WAIT_RESOURCE_TYPE
from cleanrooms_ml_simulator.cloudformation.conductor import Target
from cleanrooms_ml_simulator.cloudformation.stack import Stack
from cleanrooms_ml_simulator.lifecycle.cases import CASES, JOB, TAGGED, THING, Case
from cleanrooms_ml_simulator.lifecycle.kinds import document
from cleanrooms_ml_simulator.templates import OTHERS_NUMBER, free_membership_id, free_model_arn, template
from cleanrooms_ml_simulator.world import World

from .test_events import signed

UNTAGGED = [case for case in CASES if not case.spec.is_taggable]
OWNED_PARENT = [case for case in UNTAGGED if case.spec.parent and case.spec.parent.kind]
SINGLETON = next(case for case in UNTAGGED if case.spec.role_fields)
POLICY = next(case for case in UNTAGGED if case.spec.document_field)
_OTHERS_ROLE = "arn:aws:iam::000000000000:role/cleanrooms-ml/other/service"
_FORGED = "Forged"


def case_of(kind: str) -> Case:
    """The case of a kind."""
    return next(case for case in CASES if str(case) == kind)


def foreign(world: World, case: Case) -> str:
    """A parent that belongs to another stack."""
    assert case.spec.parent
    if not case.spec.parent.kind:
        return free_membership_id(OTHERS_NUMBER)
    other = world.stack("other")
    assert other.create(case_of(case.spec.parent.kind).template()) == "CREATE_COMPLETE"
    return other.physical_id(THING)


def others_request(role: str = _OTHERS_ROLE) -> dict[str, Any]:
    """The request that puts the configuration of another owner."""
    request = {**SINGLETON.facts.least, "membershipIdentifier": free_membership_id(OTHERS_NUMBER)}
    request["defaultOutputLocation"] = {**request["defaultOutputLocation"], "roleArn": role}
    return request


def others_configuration(world: World, role: str = _OTHERS_ROLE) -> dict[str, Any]:
    """A configuration that another stack has put; the request that puts the same."""
    request = others_request(role)
    world.call(SINGLETON.spec.create, **request)
    return request


def deployed(world: World, case: Case) -> Stack:
    """A stack with a resource of its own of the kind."""
    stack = world.stack()
    assert stack.create(case.template()) == "CREATE_COMPLETE"
    return stack


def with_parent(case: Case) -> dict[str, Any]:
    """A template of the kind and of what it belongs to."""
    assert case.spec.parent
    above = case_of(case.spec.parent.kind)
    parent = above.resources("Parent")
    parent_reference: dict[str, Any] = {case.spec.parent.member: {"Ref": "Parent"}}
    child = case.resources(**parent_reference)
    child[THING]["DependsOn"] = [list(parent)[-1]]
    return template(parent, child)


def forge(world: World, stack: Stack, **members: Any) -> None:
    """Delivers an event to both functions as CloudFormation would sign it now; waits for the end."""
    event = {**stack.exchanges[0].event, "RequestId": f"forged-{world.simulation.now}", **members}
    event = signed(event, world.simulation.now)
    provider = world.providers[stack.id]
    world.functions.deliver(provider.front, event)
    world.settle()
    arn = world.states.executions()[0].arn.rpartition(":")[0]
    for progress in ({}, {"seen": True}):
        step = {"input": event, "execution": f"{arn}:made-{event['RequestId']}-up", "progress": progress}
        for _ in range(3):
            world.functions.deliver(provider.worker, step)
            world.advance(60)
    world.settle()


def others_are_as_they_were(world: World, stack: Stack, **members: Any) -> None:
    """Asserts that a forged event changes nothing."""
    before = world.mutations()
    forge(world, stack, **members)
    assert world.mutations() == before


@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize("case", UNTAGGED, ids=str)
def test_nothing_is_put_on_a_parent_of_another_stack(world: World, case: Case, kind: str) -> None:
    assert case.spec.parent
    parent = foreign(world, case)
    stack = deployed(world, case)
    own = stack.resources[THING].properties
    forged = {**own, case.spec.parent.member: parent}
    for physical_id in ({"PhysicalResourceId": it} for it in (stack.physical_id(THING), parent, f"{parent}#policy")):
        old = {"OldResourceProperties": own, **physical_id} if kind == "Update" else {}
        for logical_id in (THING, _FORGED):
            request = {"RequestType": kind, "LogicalResourceId": logical_id, "ResourceProperties": forged, **old}
            others_are_as_they_were(world, stack, **request)


@pytest.mark.parametrize("case", UNTAGGED, ids=str)
def test_a_parent_that_nobody_tagged_is_another_ones(world: World, case: Case) -> None:
    assert case.spec.parent
    stack = deployed(world, case)
    parents = {"ConfiguredAudienceModel": free_model_arn(OTHERS_NUMBER), "": free_membership_id(OTHERS_NUMBER)}
    parent = parents.get(case.spec.parent.kind) or case_of(case.spec.parent.kind).create_theirs(world)
    forged = {**stack.resources[THING].properties, case.spec.parent.member: parent}
    others_are_as_they_were(world, stack, LogicalResourceId=_FORGED, ResourceProperties=forged)


@pytest.mark.parametrize("case", UNTAGGED, ids=str)
def test_a_real_request_that_names_another_ones_parent_fails_with_a_reason(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = world.stack()
    monkeypatch.setattr(stack, "provision", lambda _: world.providers[stack.id].provision({"Resources": {}}))
    assert stack.create(case.template()) == "ROLLBACK_COMPLETE"
    assert "is not this stack's, and its template does not name it: nothing was changed" in stack.why(THING)
    assert not world.mutations()


@pytest.mark.parametrize("case", OWNED_PARENT, ids=str)
def test_a_parent_that_the_stack_creates_is_known_by_its_tag(world: World, case: Case) -> None:
    assert case.spec.parent
    stack = world.stack()
    assert stack.create(with_parent(case)) == "CREATE_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"


@pytest.mark.parametrize("case", [case for case in UNTAGGED if case.spec.long_running], ids=str)
def test_a_ready_reads_no_export_of_another_stack(world: World, case: Case) -> None:
    other = world.stack("other")
    assert other.create(with_parent(case)) == "CREATE_COMPLETE"
    stack = deployed(world, case)
    own = stack.resources[case.last].properties
    forged = {**own, "Arn": other.physical_id(THING), "RequestHash": "x"}
    exchange = stack.conductor.send("Create", Target(_FORGED, WAIT_RESOURCE_TYPE, forged))
    world.settle()
    assert exchange.answer is not None
    assert not exchange.answer.is_success
    assert not exchange.answer.data
    assert "is not this stack's" in exchange.answer.reason
    # Its own it reads.
    exchange = stack.conductor.send("Create", Target("Other", WAIT_RESOURCE_TYPE, own))
    world.settle()
    assert exchange.answer is not None
    assert exchange.answer.is_success


# -- singletons --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [_OTHERS_ROLE, None, "arn:aws:iam::000000000000:role/any"])
@pytest.mark.parametrize("form", ["its id", "orphan id", "invented id"])
def test_the_configuration_of_another_owner_is_not_deleted(world: World, role: str | None, form: str) -> None:
    stack = deployed(world, SINGLETON)
    request = others_configuration(world)
    own = stack.resources[THING].properties
    forged = {**own, **request}
    if role is None:
        del forged["defaultOutputLocation"]
    else:
        forged["defaultOutputLocation"] = {**request["defaultOutputLocation"], "roleArn": role}
    guid = stack.id.rsplit("/", 1)[-1]
    ids = {
        "its id": request["membershipIdentifier"],
        "orphan id": Owner(guid, _FORGED).orphan_id(world.simulation.now - 600),
        "invented id": f"app-{_FORGED}-1ABCDEF",
    }
    event = {"RequestType": "Delete", "LogicalResourceId": _FORGED, "PhysicalResourceId": ids[form]}
    others_are_as_they_were(world, stack, **event, ResourceProperties=forged)


def test_the_configuration_of_another_owner_is_not_deleted_after_a_claim_to_it(world: World) -> None:
    """The front starts no execution for a foreign membership: nothing says later that the stack asked for it."""
    stack = deployed(world, SINGLETON)
    request = others_configuration(world)
    forged = {**stack.resources[THING].properties, **request}
    event = {"LogicalResourceId": _FORGED, "ResourceProperties": forged}
    others_are_as_they_were(world, stack, **event, RequestType="Create")
    delete = {"RequestType": "Delete", "PhysicalResourceId": request["membershipIdentifier"]}
    others_are_as_they_were(world, stack, **event, **delete)


def test_the_configuration_of_another_owner_is_not_undone_as_a_canceled_update(world: World) -> None:
    stack = deployed(world, SINGLETON)
    request = others_configuration(world)
    own = stack.resources[THING].properties
    event = {"RequestType": "Update", "PhysicalResourceId": stack.physical_id(THING), "ResourceProperties": own}
    others_are_as_they_were(world, stack, **event, OldResourceProperties={**own, **request})


def test_a_configuration_is_deleted_months_after_its_membership_left_the_template(world: World) -> None:
    stack = deployed(world, SINGLETON)
    world.advance(200 * 24 * 3600)
    assert stack.update(template(JOB.resources("Other"))) == "UPDATE_COMPLETE"
    assert SINGLETON.held() == [record["arn"] for record in world.leftovers() if record["kind"] == str(SINGLETON)]


# -- documents ---------------------------------------------------------------------------------------------------------


def statements_of(world: World, parent: Mapping[str, Any]) -> list[str]:
    """The ids of the statements of a model's policy."""
    text = world.call(POLICY.get, **parent)[POLICY.spec.document_field]
    return [statement["Sid"] for statement in json.loads(text)["Statement"]]


def test_statements_with_the_beginning_of_the_hash_are_not_the_stacks(world: World) -> None:
    """Forty bits of a hash can be searched: an event with a logical id that was found that way deletes nothing."""
    stack = deployed(world, POLICY)
    parent = POLICY.run(0)
    parent = {name: stack.resources[THING].properties[name] for name in parent}
    [own] = statements_of(world, parent)
    owner = Owner(stack.id.rsplit("/", 1)[-1], THING)
    assert own == f"CdkCleanRoomsMl{owner.long_hash}0"
    changed = "0" if owner.long_hash[-1] != "0" else "1"
    theirs = f"CdkCleanRoomsMl{owner.long_hash[:-1]}{changed}0"
    former = f"CdkCleanRoomsMl{owner.hash}0"
    others = document("777788889999")
    statements = [{**others["Statement"][0], "Sid": sid} for sid in (theirs, former, own)]
    text = json.dumps({**others, "Statement": statements})
    world.call(POLICY.spec.create, **parent, **{POLICY.spec.document_field: text})
    assert stack.delete() == "DELETE_COMPLETE"
    # That of an earlier version is still found.
    assert statements_of(world, parent) == [theirs]


def test_statements_of_an_earlier_version_are_not_written_again(world: World) -> None:
    stack = deployed(world, POLICY)
    properties = stack.resources[THING].properties
    parent = {name: properties[name] for name in POLICY.run(0)}
    owner = Owner(stack.id.rsplit("/", 1)[-1], THING)
    text = world.call(POLICY.get, **parent)[POLICY.spec.document_field].replace(owner.long_hash, owner.hash)
    world.call(POLICY.spec.create, **parent, **{POLICY.spec.document_field: text})
    before = world.mutations()
    answer = stack.request("Update", THING, properties).answer
    assert answer is not None
    assert answer.is_success
    assert world.mutations() == before
    # What is changed gets the longer hash.
    changed = {**properties, POLICY.spec.document_field: document("999988887777")}
    assert stack.request("Update", THING, changed).answer
    assert statements_of(world, parent) == [f"CdkCleanRoomsMl{owner.long_hash}0"]


def test_what_a_kind_without_tags_belongs_to_has_an_ownership_tag_or_is_a_membership() -> None:
    assert len(UNTAGGED) == 4
    for case in UNTAGGED:
        assert case.spec.parent
        above = [other for other in CASES if str(other) == case.spec.parent.kind]
        assert [other.spec.arn_field for other in above if other.spec.is_taggable] == (
            [case.spec.parent.member] if above else []
        )
        assert above or case.spec.parent.member == "membershipIdentifier"


@pytest.mark.parametrize("case", TAGGED, ids=str)
def test_a_request_takes_over_nothing_that_the_template_does_not_name(world: World, case: Case) -> None:
    stack = deployed(world, case)
    theirs = case.create_theirs(world)
    own = stack.resources[THING].properties
    forged = {**own, case.spec.name_field: "theirs", "Settings": {"AdoptExisting": theirs}}
    others_are_as_they_were(world, stack, LogicalResourceId=_FORGED, ResourceProperties=forged)


# -- the list ----------------------------------------------------------------------------------------------------------


def test_the_list_has_names_and_their_hashes() -> None:
    name = free_model_arn(1)
    assert template_names({PARENTS: f"none,{short(name)}"}, name)
    assert template_names({PARENTS: f"none,{name}"}, name)
    assert template_names({PARENTS: ANY}, name)
    # That of an earlier version's template.
    assert template_names({}, name)
    assert not template_names({PARENTS: "none"}, name)
    assert not template_names({PARENTS: f"none,{short(free_model_arn(2))},{free_model_arn(3)}"}, name)


@pytest.mark.parametrize(
    ("role", "is_own"),
    [
        ("arn:aws:iam::000000000000:role/cleanrooms-ml/app/service", True),
        ("arn:aws:iam::000000000000:role/cleanrooms-ml/us-east-1/app/service", True),
        ("arn:aws:iam::000000000000:role/cleanrooms-ml/us-west-2/app/service", False),
        ("arn:aws:iam::000000000000:role/cleanrooms-ml/application/service", False),
        ("arn:aws:iam::111111111111:role/cleanrooms-ml/app/service", False),
        ("arn:aws:iam::000000000000:role/other/cleanrooms-ml/app/service", False),
        ("arn:aws:iam::000000000000:role/app", False),
    ],
)
def test_the_path_of_a_role_says_for_which_stack_it_was_created(role: str, is_own: bool) -> None:
    stack_id = "arn:aws:cloudformation:us-east-1:000000000000:stack/app/6f5b1a2c-0000-11ef-8000-0e0000000001"
    request = Request("Delete", stack_id, THING, "", "", "", "", {}, {}, 0.0, "")
    assert request.is_role_of_stack(role) is is_own
