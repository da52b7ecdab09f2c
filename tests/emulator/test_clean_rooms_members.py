"""Who is in a collaboration, what each one sees of it, and who pays."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, Bench, error_of
from .rooms import INVITED, Rooms

STRANGER = "222222222222"
PAYS = {"isResponsible": True}


@pytest.fixture
def rooms(bench: Bench) -> Rooms:
    bench.emulator.reset()
    return Rooms(bench)


def refused(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return error_of(caught)[0]


def standings(rooms: Rooms, collaboration: str) -> dict[str, str]:
    members = rooms.client.list_members(collaborationIdentifier=collaboration)["memberSummaries"]
    return {member["accountId"]: member["status"] for member in members}


def test_who_is_invited_sees_the_collaboration_and_joins(rooms: Rooms) -> None:
    named = {"collaborationIdentifier": rooms.collaboration()["id"]}
    with rooms.bench.as_account(INVITED):
        found = rooms.client.get_collaboration(**named)["collaboration"]
        assert (found["memberStatus"], found["creatorAccountId"]) == ("INVITED", ACCOUNT)
        assert len(rooms.client.list_collaborations(memberStatus="INVITED")["collaborationList"]) == 1
        joined = rooms.membership(collaboration=named["collaborationIdentifier"])
        assert f":{INVITED}:membership/" in joined["arn"]
        assert rooms.client.list_collaborations(memberStatus="INVITED")["collaborationList"] == []
    assert standings(rooms, named["collaborationIdentifier"]) == {ACCOUNT: "INVITED", INVITED: "ACTIVE"}
    assert rooms.client.list_memberships()["membershipSummaries"] == []


def test_a_stranger_sees_nothing(rooms: Rooms) -> None:
    named = {"collaborationIdentifier": rooms.collaboration()["id"]}
    with rooms.bench.as_account(STRANGER):
        assert refused(rooms.client.get_collaboration, **named) == "AccessDeniedException"
        assert refused(rooms.client.list_members, **named) == "AccessDeniedException"
        assert refused(rooms.client.list_schemas, **named) == "AccessDeniedException"
        assert refused(rooms.client.create_membership, **named, queryLogStatus="DISABLED") == "AccessDeniedException"
        assert rooms.client.list_collaborations()["collaborationList"] == []


def test_the_creator_alone_changes_a_collaboration(rooms: Rooms) -> None:
    named = {"collaborationIdentifier": rooms.collaboration()["id"]}
    with rooms.bench.as_account(INVITED):
        assert refused(rooms.client.update_collaboration, **named, name="mine") == "AccessDeniedException"
        assert refused(rooms.client.delete_collaboration, **named) == "AccessDeniedException"
        assert refused(rooms.client.delete_member, **named, accountId=ACCOUNT) == "AccessDeniedException"
    assert rooms.client.get_collaboration(**named)["collaboration"]["name"] == "together"


def test_a_removed_member_keeps_a_membership_in_which_nothing_works(rooms: Rooms) -> None:
    collaboration = rooms.collaboration()["id"]
    with rooms.bench.as_account(INVITED):
        joined = rooms.membership(collaboration)["id"]
    rooms.client.delete_member(collaborationIdentifier=collaboration, accountId=INVITED)
    assert standings(rooms, collaboration)[INVITED] == "REMOVED"
    with rooms.bench.as_account(INVITED):
        assert rooms.client.get_membership(membershipIdentifier=joined)["membership"]["status"] == "REMOVED"
        with pytest.raises(ClientError) as caught:
            rooms.template(joined)
        assert error_of(caught)[0] == "AccessDeniedException"


def test_the_creator_cannot_be_removed_and_a_stranger_is_not_there(rooms: Rooms) -> None:
    named = {"collaborationIdentifier": rooms.collaboration()["id"]}
    assert refused(rooms.client.delete_member, **named, accountId=ACCOUNT) == "ValidationException"
    assert refused(rooms.client.delete_member, **named, accountId=STRANGER) == "ResourceNotFoundException"


def test_who_left_can_join_again(rooms: Rooms) -> None:
    collaboration = rooms.collaboration()["id"]
    first = rooms.membership(collaboration)
    with pytest.raises(ClientError) as caught:
        rooms.membership(collaboration)
    assert error_of(caught)[0] == "ConflictException"
    rooms.client.delete_membership(membershipIdentifier=first["id"])
    assert standings(rooms, collaboration)[ACCOUNT] == "LEFT"
    rooms.membership(collaboration)
    assert standings(rooms, collaboration)[ACCOUNT] == "ACTIVE"


def test_a_membership_outlives_its_collaboration(rooms: Rooms) -> None:
    collaboration = rooms.collaboration()["id"]
    joined = rooms.membership(collaboration)
    rooms.client.delete_collaboration(collaborationIdentifier=collaboration)
    found = rooms.client.get_membership(membershipIdentifier=joined["id"])["membership"]
    assert (found["status"], found["collaborationArn"]) == ("COLLABORATION_DELETED", joined["collaborationArn"])
    assert rooms.client.list_memberships(status="ACTIVE")["membershipSummaries"] == []


# -- who pays ----------------------------------------------------------------------------------------------------------


def test_who_queries_pays_unless_somebody_is_named(rooms: Rooms) -> None:
    collaboration = rooms.collaboration()["id"]
    assert rooms.membership(collaboration)["paymentConfiguration"] == {"queryCompute": PAYS}
    members = rooms.client.list_members(collaborationIdentifier=collaboration)["memberSummaries"]
    assert [member["paymentConfiguration"] for member in members] == [{"queryCompute": PAYS}] * 2


def test_a_named_payer_relieves_who_queries(rooms: Rooms) -> None:
    guest = {
        "accountId": INVITED,
        "displayName": "Guest",
        "memberAbilities": [],
        "paymentConfiguration": {"queryCompute": PAYS, "machineLearning": {"modelTraining": PAYS}},
    }
    collaboration = rooms.collaboration(members=[guest])["id"]
    assert rooms.membership(collaboration)["paymentConfiguration"] == {"queryCompute": {"isResponsible": False}}
    with rooms.bench.as_account(INVITED):
        accepted = {"queryCompute": PAYS, "machineLearning": {"modelTraining": PAYS}}
        with pytest.raises(ClientError) as caught:
            rooms.membership(collaboration)
        assert "paymentConfiguration is missing" in error_of(caught)[2]
        joined = rooms.membership(collaboration, paymentConfiguration=accepted)
        assert joined["paymentConfiguration"] == accepted


def test_an_update_of_the_payment_changes_what_it_says_alone(rooms: Rooms) -> None:
    pays = {"queryCompute": PAYS, "machineLearning": {"modelTraining": PAYS, "modelInference": PAYS}}
    collaboration = rooms.collaboration(creatorPaymentConfiguration=pays)["id"]
    joined = rooms.membership(collaboration, paymentConfiguration=pays)
    changed = rooms.client.update_membership(
        membershipIdentifier=joined["id"],
        membershipPaymentConfiguration={"machineLearning": {"modelTraining": {"isResponsible": False}}},
    )["membership"]["paymentConfiguration"]
    assert changed == {**pays, "machineLearning": {"modelTraining": {"isResponsible": False}, "modelInference": PAYS}}


# -- changes -----------------------------------------------------------------------------------------------------------


def member(*abilities: str) -> dict[str, Any]:
    """A change of the guest."""
    guest = {"accountId": INVITED, "displayName": "Guest", "memberAbilities": list(abilities)}
    return {"specificationType": "MEMBER", "specification": {"member": guest}}


def both(rooms: Rooms, **changes: Any) -> dict[str, str]:
    """A collaboration whose two members have joined, as requests name it."""
    collaboration = rooms.collaboration(**changes)["id"]
    rooms.membership(collaboration)
    with rooms.bench.as_account(INVITED):
        rooms.membership(collaboration)
    return {"collaborationIdentifier": collaboration}


def test_a_member_approves_what_the_owner_then_commits(rooms: Rooms) -> None:
    named = both(rooms)
    created = rooms.client.create_collaboration_change_request(
        **named, changes=[member("CAN_QUERY", "CAN_RECEIVE_RESULTS")]
    )["collaborationChangeRequest"]
    assert (created["status"], created["approvals"]) == ("PENDING", {INVITED: {"status": "PENDING"}})
    assert created["changes"][0]["types"] == ["GRANT_RECEIVE_RESULTS_ABILITY"]
    identified = {**named, "changeRequestIdentifier": created["id"]}
    decide = rooms.client.update_collaboration_change_request
    assert refused(decide, **identified, action="APPROVE") == "AccessDeniedException"
    assert refused(decide, **identified, action="COMMIT") == "ConflictException"
    with rooms.bench.as_account(INVITED):
        assert refused(decide, **identified, action="COMMIT") == "AccessDeniedException"
        assert decide(**identified, action="APPROVE")["collaborationChangeRequest"]["status"] == "APPROVED"
    decide(**identified, action="COMMIT")
    members = rooms.client.list_members(**named)["memberSummaries"]
    assert members[1]["abilities"] == ["CAN_QUERY", "CAN_RECEIVE_RESULTS"]
    assert refused(decide, **identified, action="CANCEL") == "ConflictException"


def test_what_is_denied_or_canceled_changes_nothing(rooms: Rooms) -> None:
    named = both(rooms)
    create = rooms.client.create_collaboration_change_request
    requests = [create(**named, changes=[member()])["collaborationChangeRequest"]["id"] for _ in range(2)]
    decide = rooms.client.update_collaboration_change_request
    with rooms.bench.as_account(INVITED):
        denied = decide(**named, changeRequestIdentifier=requests[0], action="DENY")["collaborationChangeRequest"]
    canceled = decide(**named, changeRequestIdentifier=requests[1], action="CANCEL")["collaborationChangeRequest"]
    assert (denied["status"], canceled["status"]) == ("DENIED", "CANCELLED")
    assert rooms.client.list_members(**named)["memberSummaries"][1]["abilities"] == ["CAN_QUERY"]


def test_what_is_approved_beforehand_asks_nobody(rooms: Rooms) -> None:
    named = both(rooms, autoApprovedChangeRequestTypes=["ADD_MEMBER"])
    found = rooms.client.get_collaboration(**named)["collaboration"]
    assert found["autoApprovedChangeTypes"] == ["ADD_MEMBER"]
    create = rooms.client.create_collaboration_change_request
    change = {"specificationType": "COLLABORATION", "specification": {"collaboration": {}}}
    with rooms.bench.as_account(INVITED):
        assert refused(create, **named, changes=[change]) == "AccessDeniedException"
    added = member()
    added["specification"]["member"]["accountId"] = STRANGER
    created = create(**named, changes=[added])["collaborationChangeRequest"]
    assert (created["status"], created["isAutoApproved"]) == ("APPROVED", True)
