"""What moto's tests say of AWS Clean Rooms, as facts in words of our own.

Source: moto, tests/test_cleanrooms/test_cleanrooms.py, as of August 2026.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Request

from .conftest import ACCOUNT, Bench, error_of
from .rooms import INVITED, UNKNOWN_ID, Rooms


@pytest.fixture
def rooms(bench: Bench) -> Rooms:
    # A seed of the bench is no collaboration or membership of these tests.
    bench.emulator.reset()
    return Rooms(bench)


def arn(path: str) -> str:
    return f"arn:aws:cleanrooms:us-east-1:{ACCOUNT}:{path}"


def refused(call: Any, **params: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return error_of(caught)


def test_a_new_collaboration_is_the_creators_who_is_invited(rooms: Rooms) -> None:
    created = rooms.collaboration()
    assert created["arn"] == arn(f"collaboration/{created['id']}")
    assert (created["name"], created["description"]) == ("together", "two companies")
    assert (created["creatorAccountId"], created["creatorDisplayName"]) == (ACCOUNT, "Creator")
    assert (created["memberStatus"], created["queryLogStatus"]) == ("INVITED", "ENABLED")
    assert created["createTime"] == created["updateTime"]


def test_a_collaboration_is_read_by_its_identifier(rooms: Rooms) -> None:
    created = rooms.collaboration()
    found = rooms.client.get_collaboration(collaborationIdentifier=created["id"])["collaboration"]
    assert found == created


def test_a_collaboration_that_is_not_there_is_named_in_the_error(rooms: Rooms) -> None:
    with pytest.raises(ClientError) as caught:
        rooms.client.get_collaboration(collaborationIdentifier=UNKNOWN_ID)
    assert error_of(caught) == (
        "ResourceNotFoundException",
        404,
        f"Could not find collaboration with id {UNKNOWN_ID}",
    )
    response: Any = caught.value.response
    assert (response["resourceId"], response["resourceType"]) == (UNKNOWN_ID, "COLLABORATION")


def test_a_list_of_collaborations_has_summaries(rooms: Rooms) -> None:
    created = [rooms.collaboration(name) for name in ("one", "two")]
    listed = rooms.client.list_collaborations()["collaborationList"]
    assert [item["name"] for item in listed] == ["one", "two"]
    assert [item["arn"] for item in listed] == [item["arn"] for item in created]
    assert all({"id", "creatorAccountId", "updateTime"} <= item.keys() for item in listed)
    assert not any("description" in item for item in listed)


def test_collaborations_come_in_pages(rooms: Rooms) -> None:
    for name in ("one", "two", "three"):
        rooms.collaboration(name)
    first = rooms.client.list_collaborations(maxResults=2)
    second = rooms.client.list_collaborations(maxResults=2, nextToken=first["nextToken"])
    pages = [[item["name"] for item in page["collaborationList"]] for page in (first, second)]
    assert pages == [["one", "two"], ["three"]]
    assert "nextToken" not in second


def test_a_collaboration_is_renamed(rooms: Rooms) -> None:
    created = rooms.collaboration()
    rooms.bench.clock.sleep(5)
    changed = rooms.client.update_collaboration(
        collaborationIdentifier=created["id"], name="renamed", description="three companies"
    )["collaboration"]
    assert (changed["name"], changed["description"]) == ("renamed", "three companies")
    assert changed["updateTime"] > changed["createTime"] == created["createTime"]


def test_a_deleted_collaboration_is_gone(rooms: Rooms) -> None:
    identifier = rooms.collaboration()["id"]
    rooms.client.delete_collaboration(collaborationIdentifier=identifier)
    assert rooms.client.list_collaborations()["collaborationList"] == []
    code, _, _ = refused(rooms.client.delete_collaboration, collaborationIdentifier=identifier)
    assert code == "ResourceNotFoundException"


def test_members_are_the_creator_and_who_was_invited(rooms: Rooms) -> None:
    identifier = rooms.collaboration()["id"]
    members = rooms.client.list_members(collaborationIdentifier=identifier)["memberSummaries"]
    shown = [(it["accountId"], it["status"], it["displayName"], it["abilities"]) for it in members]
    assert shown == [
        (ACCOUNT, "INVITED", "Creator", ["CAN_QUERY", "CAN_RECEIVE_RESULTS"]),
        (INVITED, "INVITED", "Guest", ["CAN_QUERY"]),
    ]


def test_a_membership_makes_the_creator_an_active_member_who_pays(rooms: Rooms) -> None:
    collaboration = rooms.collaboration()
    joined = rooms.membership(collaboration["id"])
    assert joined["arn"] == arn(f"membership/{joined['id']}")
    assert (joined["collaborationId"], joined["collaborationArn"]) == (collaboration["id"], collaboration["arn"])
    assert (joined["collaborationName"], joined["collaborationCreatorAccountId"]) == ("together", ACCOUNT)
    assert (joined["status"], joined["queryLogStatus"]) == ("ACTIVE", "DISABLED")
    assert joined["memberAbilities"] == ["CAN_QUERY", "CAN_RECEIVE_RESULTS"]
    assert joined["paymentConfiguration"] == {"queryCompute": {"isResponsible": True}}
    found = rooms.client.get_collaboration(collaborationIdentifier=collaboration["id"])["collaboration"]
    shown = [found[name] for name in ("memberStatus", "membershipId", "membershipArn")]
    assert shown == ["ACTIVE", joined["id"], joined["arn"]]


def test_nobody_joins_what_is_not_there(rooms: Rooms) -> None:
    code, _, _ = refused(rooms.client.create_membership, collaborationIdentifier=UNKNOWN_ID, queryLogStatus="ENABLED")
    assert code == "ResourceNotFoundException"


def test_a_membership_is_read_by_its_identifier(rooms: Rooms) -> None:
    joined = rooms.membership()
    found = rooms.client.get_membership(membershipIdentifier=joined["id"])["membership"]
    assert found == joined
    assert refused(rooms.client.get_membership, membershipIdentifier=UNKNOWN_ID)[0] == "ResourceNotFoundException"


def test_a_list_of_memberships_names_the_collaborations(rooms: Rooms) -> None:
    joined = [rooms.membership(rooms.collaboration(name)["id"]) for name in ("one", "two")]
    listed = rooms.client.list_memberships()["membershipSummaries"]
    assert [item["collaborationName"] for item in listed] == ["one", "two"]
    assert [(item["id"], item["arn"]) for item in listed] == [(item["id"], item["arn"]) for item in joined]
    assert {item["status"] for item in listed} == {"ACTIVE"}


def test_the_log_of_a_membership_is_switched(rooms: Rooms) -> None:
    joined = rooms.membership(queryLogStatus="ENABLED")
    rooms.bench.clock.sleep(5)
    changed = rooms.client.update_membership(membershipIdentifier=joined["id"], queryLogStatus="DISABLED")["membership"]
    assert changed["queryLogStatus"] == "DISABLED"
    assert changed["updateTime"] > changed["createTime"]


def test_who_deletes_the_membership_has_left(rooms: Rooms) -> None:
    collaboration = rooms.collaboration()["id"]
    joined = rooms.membership(collaboration)
    rooms.client.delete_membership(membershipIdentifier=joined["id"])
    assert rooms.client.list_memberships()["membershipSummaries"] == []
    found = rooms.client.get_collaboration(collaborationIdentifier=collaboration)["collaboration"]
    assert (found["memberStatus"], found.get("membershipId")) == ("LEFT", None)


def test_a_configured_table_shows_what_it_was_asked_to_be(rooms: Rooms) -> None:
    created = rooms.table()
    assert created["arn"] == arn(f"configuredtable/{created['id']}")
    assert (created["name"], created["description"]) == ("sales", "what was sold")
    assert created["tableReference"] == {"glue": {"databaseName": "shop", "tableName": "sales"}}
    assert (created["allowedColumns"], created["analysisMethod"]) == (["buyer", "amount"], "DIRECT_QUERY")
    assert created["analysisRuleTypes"] == []


def test_a_configured_table_is_read_by_its_identifier(rooms: Rooms) -> None:
    created = rooms.table()
    found = rooms.client.get_configured_table(configuredTableIdentifier=created["id"])["configuredTable"]
    assert found == created
    code, _, _ = refused(rooms.client.get_configured_table, configuredTableIdentifier=UNKNOWN_ID)
    assert code == "ResourceNotFoundException"


def test_a_list_of_configured_tables_has_summaries(rooms: Rooms) -> None:
    created = [rooms.table(name) for name in ("one", "two")]
    listed = rooms.client.list_configured_tables()["configuredTableSummaries"]
    assert [(item["id"], item["name"]) for item in listed] == [(item["id"], item["name"]) for item in created]
    assert all({"arn", "updateTime"} <= item.keys() for item in listed)
    assert not any("tableReference" in item for item in listed)


def test_a_configured_table_is_renamed(rooms: Rooms) -> None:
    created = rooms.table()
    rooms.bench.clock.sleep(5)
    changed = rooms.client.update_configured_table(
        configuredTableIdentifier=created["id"], name="renamed", description="new"
    )["configuredTable"]
    assert (changed["name"], changed["description"]) == ("renamed", "new")
    assert changed["updateTime"] > changed["createTime"]


def test_a_deleted_configured_table_is_gone(rooms: Rooms) -> None:
    identifier = rooms.table()["id"]
    rooms.client.delete_configured_table(configuredTableIdentifier=identifier)
    assert rooms.client.list_configured_tables()["configuredTableSummaries"] == []
    code, _, _ = refused(rooms.client.delete_configured_table, configuredTableIdentifier=identifier)
    assert code == "ResourceNotFoundException"


def test_tags_of_a_create_request_are_there(rooms: Rooms) -> None:
    collaboration = rooms.collaboration(tags={"env": "test"})
    created = [
        collaboration,
        rooms.table(tags={"team": "data"}),
        rooms.membership(collaboration["id"], tags={"owner": "me"}),
    ]
    tags = [rooms.client.list_tags_for_resource(resourceArn=item["arn"])["tags"] for item in created]
    assert tags == [{"env": "test"}, {"team": "data"}, {"owner": "me"}]


def test_tags_come_and_go(rooms: Rooms) -> None:
    resource = {"resourceArn": rooms.collaboration()["arn"]}
    rooms.client.tag_resource(**resource, tags={"env": "test", "team": "data"})
    assert rooms.client.list_tags_for_resource(**resource)["tags"] == {"env": "test", "team": "data"}
    rooms.client.untag_resource(**resource, tagKeys=["env"])
    assert rooms.client.list_tags_for_resource(**resource)["tags"] == {"team": "data"}


def test_collaborations_are_of_one_region(rooms: Rooms) -> None:
    rooms.collaboration()
    body = {
        "name": "eu",
        "creatorDisplayName": "Creator",
        "creatorMemberAbilities": [],
        "members": [],
        "queryLogStatus": "DISABLED",
    }

    def asked(method: str, content: Any = None) -> Any:
        request = Request(method, "/collaborations", body=json.dumps(content).encode(), service="cleanrooms")
        return json.loads(rooms.bench.emulator.handle(replace(request, region="eu-west-1")).body)

    created = asked("POST", body)["collaboration"]
    assert created["arn"].startswith(f"arn:aws:cleanrooms:eu-west-1:{ACCOUNT}:collaboration/")
    assert [item["name"] for item in asked("GET", {})["collaborationList"]] == ["eu"]
    assert [item["name"] for item in rooms.client.list_collaborations()["collaborationList"]] == ["together"]
