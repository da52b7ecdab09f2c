"""What AWS Clean Rooms refuses, in its own form of an error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Emulator, Options, Request
from cleanrooms_ml_cli.sandbox.emulator.kinds import KIND_OF_OPERATION
from cleanrooms_ml_handlers.tags import TAGS_PER_RESOURCE

from .conftest import ROLE, Bench, error_of
from .rooms import UNKNOWN_ID, Rooms


@pytest.fixture
def rooms(bench: Bench) -> Rooms:
    return Rooms(bench)


def sent(emulator: Emulator, method: str, path: str, body: Any = None) -> tuple[int, str, dict[str, Any]]:
    response = emulator.handle(Request(method, path, body=json.dumps(body or {}).encode(), service="cleanrooms"))
    return response.status, response.headers.get("x-amzn-errortype", ""), json.loads(response.body)


def test_every_wrong_field_is_named_in_a_member_of_the_error(bench: Bench) -> None:
    body = {
        "name": "t",
        "tableReference": {"glue": {"databaseName": "d"}},
        "allowedColumns": [],
        "analysisMethod": "GUESS",
    }
    status, code, error = sent(bench.emulator, "POST", "/configuredTables", body)
    assert (status, code, error["reason"]) == (400, "ValidationException", "FIELD_VALIDATION_FAILED")
    fields = {field["name"]: field["message"] for field in error["fieldList"]}
    assert fields.keys() == {"tableReference.glue.tableName", "allowedColumns", "analysisMethod"}
    assert "allowed are DIRECT_QUERY, DIRECT_JOB, MULTIPLE" in fields["analysisMethod"]


def test_an_identifier_of_another_form_is_a_wrong_field(bench: Bench) -> None:
    _, code, error = sent(bench.emulator, "GET", "/collaborations/short")
    assert (code, [field["name"] for field in error["fieldList"]]) == (
        "ValidationException",
        ["collaborationIdentifier"],
    )


def test_a_member_that_is_null_is_absent_at_any_depth(bench: Bench) -> None:
    reference = {"glue": {"databaseName": "d", "tableName": "t", "region": None}}
    body = {"name": "t", "tableReference": reference, "allowedColumns": ["c"], "analysisMethod": "DIRECT_QUERY"}
    status, _, reply = sent(bench.emulator, "POST", "/configuredTables", body)
    assert (status, reply["configuredTable"]["tableReference"]) == (
        200,
        {"glue": {"databaseName": "d", "tableName": "t"}},
    )


@pytest.mark.parametrize(
    ("tags", "said"), [({"aws:x": "y"}, "aws:"), ({str(n): "" for n in range(TAGS_PER_RESOURCE + 1)}, "50")]
)
def test_tags_have_the_documented_limits(rooms: Rooms, tags: dict[str, str], said: str) -> None:
    with pytest.raises(ClientError) as caught:
        rooms.table(tags=tags)
    code, _, message = error_of(caught)
    assert code == "ValidationException"
    assert said in message


def test_a_conflict_names_the_resource_and_the_reason(rooms: Rooms) -> None:
    membership, table = rooms.membership()["id"], rooms.table()
    rooms.rule(table["id"])
    with pytest.raises(rooms.client.exceptions.ConflictException) as caught:
        rooms.rule(
            table["id"], analysisRuleType="CUSTOM", analysisRulePolicy={"v1": {"custom": {"allowedAnalyses": []}}}
        )
    assert caught.value.response["reason"] == "ALREADY_EXISTS"
    assert "already has" in error_of(caught)[2]
    rooms.association(membership, table["id"])
    with pytest.raises(rooms.client.exceptions.ConflictException) as caught:
        rooms.client.delete_configured_table(configuredTableIdentifier=table["id"])
    assert caught.value.response["reason"] == "SUBRESOURCES_EXIST"
    with pytest.raises(rooms.client.exceptions.ConflictException):
        rooms.association(membership, rooms.table("other")["id"])
    with pytest.raises(rooms.client.exceptions.ConflictException):
        rooms.client.delete_membership(membershipIdentifier=membership)


def test_rules_are_gone_with_their_table(rooms: Rooms) -> None:
    membership, table = rooms.membership()["id"], rooms.table()["id"]
    rooms.rule(table)
    joined = rooms.association(membership, table)["id"]
    ours = {"membershipIdentifier": membership, "configuredTableAssociationIdentifier": joined}
    rooms.client.create_configured_table_association_analysis_rule(
        **ours, analysisRuleType="LIST", analysisRulePolicy={"v1": {"list": {}}}
    )
    rooms.client.delete_configured_table_association(**ours)
    rooms.client.delete_configured_table(configuredTableIdentifier=table)
    kinds = {record["kind"] for record in rooms.bench.emulator.records(seeded=False)}
    assert kinds == {"Collaboration", "Membership"}


def test_the_quota_is_named_in_the_error(rooms: Rooms) -> None:
    for number in range(10):
        rooms.collaboration(str(number))
    with pytest.raises(ClientError) as caught:
        rooms.collaboration("one too many")
    response: Any = caught.value.response
    assert error_of(caught)[:2] == ("ServiceQuotaExceededException", 402)
    assert (response["quotaName"], response["quotaValue"]) == ("Collaborations created per account", 10.0)


def test_five_queries_of_a_membership_run_at_a_time(rooms: Rooms) -> None:
    membership = rooms.membership()["id"]
    for _ in range(5):
        rooms.query(membership)
    with pytest.raises(ClientError) as caught:
        rooms.query(membership)
    assert error_of(caught)[0] == "ServiceQuotaExceededException"
    rooms.bench.clock.sleep(2)
    assert rooms.query(membership)["status"] == "SUBMITTED"


def test_a_table_of_another_account_cannot_be_associated(rooms: Rooms) -> None:
    membership = rooms.membership()["id"]
    with rooms.bench.as_account("444455556666"):
        table = rooms.table()["id"]
    with pytest.raises(ClientError) as caught:
        rooms.association(membership, table)
    assert error_of(caught)[0] == "AccessDeniedException"


def test_what_is_not_there_can_be_what_may_not_be_seen(rooms: Rooms) -> None:
    rooms.bench.emulator.options = Options(undeclared_not_found="access denied")
    named = {"collaborationIdentifier": UNKNOWN_ID}
    for call in (rooms.client.get_collaboration, rooms.client.delete_collaboration):
        with pytest.raises(ClientError) as caught:
            call(**named)
        assert error_of(caught)[:2] == ("AccessDeniedException", 403)
    with pytest.raises(ClientError) as caught:
        rooms.client.get_configured_table(configuredTableIdentifier=UNKNOWN_ID)
    assert error_of(caught)[0] == "ResourceNotFoundException"


def test_a_role_is_one_that_clean_rooms_can_assume(make_bench: Any) -> None:
    asked: list[tuple[str, str]] = []

    def check(role: str, principal: str) -> str:
        asked.append((role, principal))
        return "its trust policy does not allow that"

    rooms = Rooms(make_bench(role_check=check, options=Options(throttle=False)))
    location = {"s3": {"resultFormat": "CSV", "bucket": "results"}}
    with pytest.raises(ClientError) as caught:
        rooms.membership(defaultResultConfiguration={"outputConfiguration": location, "roleArn": ROLE})
    assert error_of(caught)[0] == "AccessDeniedException"
    assert asked == [(ROLE, "cleanrooms.amazonaws.com")]


def test_an_operation_that_is_not_there_names_itself_and_what_is_like_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(KIND_OF_OPERATION, "ListIdMappingTables")
    with pytest.raises(ClientError) as caught:
        bench.clean_rooms.list_id_mapping_tables(membershipIdentifier=UNKNOWN_ID)
    code, status, message = error_of(caught)
    assert (code, status) == ("EmulatorUnsupported", 400)
    assert "does not emulate ListIdMappingTables of cleanrooms" in message
    assert "GetIdMappingTable" in message
