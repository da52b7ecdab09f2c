"""Protected queries and jobs: their course, their end, their results."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import RunOrder

from .conftest import ACCOUNT, Bench, error_of
from .rooms import INVITED, Rooms


@pytest.fixture
def rooms(bench: Bench) -> Rooms:
    return Rooms(bench)


@pytest.fixture
def membership(rooms: Rooms) -> str:
    abilities = ["CAN_QUERY", "CAN_RECEIVE_RESULTS", "CAN_RUN_JOB"]
    return str(rooms.membership(rooms.collaboration(creatorMemberAbilities=abilities)["id"])["id"])


def read(rooms: Rooms, query: dict[str, Any]) -> dict[str, Any]:
    named = {"membershipIdentifier": query["membershipId"], "protectedQueryIdentifier": query["id"]}
    return dict(rooms.client.get_protected_query(**named)["protectedQuery"])


def course(rooms: Rooms, query: dict[str, Any], seconds: int = 4) -> list[str]:
    """The statuses of a query, as one sees them who looks twice a second."""
    seen = [read(rooms, query)["status"]]
    for _ in range(seconds * 2):
        rooms.bench.clock.sleep(0.5)
        status = read(rooms, query)["status"]
        seen += [status] if status != seen[-1] else []
    return seen


def test_a_query_is_submitted_starts_and_ends(rooms: Rooms, membership: str) -> None:
    query = rooms.query(membership)
    assert query["status"] == "SUBMITTED"
    assert "result" not in query
    assert course(rooms, query) == ["SUBMITTED", "STARTED", "SUCCESS"]
    ended = read(rooms, query)
    assert ended["result"]["output"] == {"s3": {"location": f"s3://results/out/{query['id']}"}}
    assert ended["statistics"]["totalDurationInMillis"] == 2000
    assert ended["queryComputePayerAccountId"] == ACCOUNT


def test_results_go_to_the_members_who_can_receive_them(rooms: Rooms, membership: str) -> None:
    request = {"type": "SQL", "membershipIdentifier": membership, "sqlParameters": {"queryString": "SELECT 1"}}
    query = rooms.client.start_protected_query(**request)["protectedQuery"]
    chosen = {"outputConfiguration": {"member": {"accountId": INVITED}}}
    other = rooms.client.start_protected_query(**request, resultConfiguration=chosen)["protectedQuery"]
    rooms.bench.clock.sleep(2)
    outputs = [read(rooms, it)["result"]["output"]["memberList"] for it in (query, other)]
    assert outputs == [[{"accountId": ACCOUNT}], [{"accountId": INVITED}]]
    listed = rooms.client.list_protected_queries(membershipIdentifier=membership)["protectedQueries"]
    receivers = [
        item["receiverConfigurations"][0]["configurationDetails"]["directAnalysisConfigurationDetails"]
        for item in listed
    ]
    assert receivers == [{"receiverAccountIds": [ACCOUNT]}, {"receiverAccountIds": [INVITED]}]


def test_a_query_that_is_canceled_has_no_result(rooms: Rooms, membership: str) -> None:
    query = rooms.query(membership)
    named = {"membershipIdentifier": membership, "protectedQueryIdentifier": query["id"]}
    reply = rooms.client.update_protected_query(**named, targetStatus="CANCELLED")["protectedQuery"]
    assert reply["status"] == "CANCELLING"
    assert course(rooms, query) == ["CANCELLING", "CANCELLED"]
    assert "result" not in read(rooms, query)
    with pytest.raises(ClientError) as caught:
        rooms.client.update_protected_query(**named, targetStatus="CANCELLED")
    code, _, message = error_of(caught)
    assert code == "ConflictException"
    assert "is CANCELLED; only a run can be canceled" in message
    response: Any = caught.value.response
    assert response["reason"] == "INVALID_STATE"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DELETE FROM sales", "QUERY_SYNTAX_ERROR"),
        ("SELECT a FROM no_such_table", "TABLE_NOT_FOUND"),
        ("SELECT count(a FROM sales", "QUERY_SYNTAX_ERROR"),
    ],
)
def test_a_query_that_cannot_succeed_fails_with_its_error(rooms: Rooms, membership: str, text: str, code: str) -> None:
    query = rooms.query(membership, text)
    assert course(rooms, query) == ["SUBMITTED", "STARTED", "FAILED"]
    ended = read(rooms, query)
    assert ended["error"]["code"] == code
    assert "result" not in ended


def test_a_query_without_rows_is_a_success(rooms: Rooms, membership: str) -> None:
    assert course(rooms, rooms.query(membership, "SELECT a FROM sales LIMIT 0"))[-1] == "SUCCESS"


def test_how_the_next_query_ends_can_be_ordered(rooms: Rooms, membership: str) -> None:
    rooms.bench.emulator.order_run(RunOrder("ProtectedQuery", status_code="CAPACITY", message="none left", seconds=1))
    query = rooms.query(membership)
    rooms.bench.clock.sleep(1)
    assert read(rooms, query)["error"] == {"code": "CAPACITY", "message": "none left"}


def test_queries_are_listed_by_status_in_pages(rooms: Rooms, membership: str) -> None:
    done = [rooms.query(membership)["id"] for _ in range(3)]
    rooms.bench.clock.sleep(2)
    running = rooms.query(membership)["id"]
    pages = rooms.client.get_paginator("list_protected_queries").paginate(
        membershipIdentifier=membership, status="SUCCESS", PaginationConfig={"PageSize": 2}
    )
    assert [[item["id"] for item in page["protectedQueries"]] for page in pages] == [done[:2], done[2:]]
    listed = rooms.client.list_protected_queries(membershipIdentifier=membership, status="SUBMITTED")
    assert [item["id"] for item in listed["protectedQueries"]] == [running]


def test_a_query_names_a_text_or_a_template_that_is_there(rooms: Rooms, membership: str) -> None:
    template = rooms.template(membership)["arn"]
    query = rooms.query(membership, sqlParameters={"analysisTemplateArn": template})
    assert course(rooms, query)[-1] == "SUCCESS"
    for parameters in ({"parameters": {"a": "b"}}, {"analysisTemplateArn": template[:-1] + "x"}):
        with pytest.raises(ClientError) as caught:
            rooms.query(membership, sqlParameters=parameters)
        assert error_of(caught)[0] == "ValidationException"


def test_who_cannot_query_or_run_jobs_is_refused(rooms: Rooms) -> None:
    membership = rooms.membership(rooms.collaboration(creatorMemberAbilities=[])["id"])["id"]
    with pytest.raises(ClientError) as caught:
        rooms.query(membership)
    assert error_of(caught)[0] == "AccessDeniedException"
    with pytest.raises(ClientError) as caught:
        rooms.job(membership, rooms.template(membership)["arn"])
    assert error_of(caught)[0] == "AccessDeniedException"


def test_a_job_runs_a_template_to_its_end(rooms: Rooms, membership: str) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/artifacts"
    script = {"location": {"bucket": "code", "key": "main.py"}}
    template = rooms.template(
        membership, format="PYSPARK_1_0", source={"artifacts": {"entryPoint": script, "roleArn": role}}
    )
    assert len(template["sourceMetadata"]["artifacts"]["entryPointHash"]["sha256"]) == 64
    job = rooms.job(membership, template["arn"])
    named = {"membershipIdentifier": membership, "protectedJobIdentifier": job["id"]}
    seen = [job["status"]]
    for _ in range(2):
        rooms.bench.clock.sleep(1.5)
        seen.append(rooms.client.get_protected_job(**named)["protectedJob"]["status"])
    assert seen == ["SUBMITTED", "STARTED", "SUCCESS"]
    ended = rooms.client.get_protected_job(**named)["protectedJob"]
    assert ended["result"]["output"]["memberList"] == [{"accountId": ACCOUNT}]


def test_each_query_takes_of_the_privacy_budget(rooms: Rooms, membership: str) -> None:
    rooms.budget_template(membership)

    def remaining() -> int:
        listed = rooms.client.list_privacy_budgets(
            membershipIdentifier=membership, privacyBudgetType="DIFFERENTIAL_PRIVACY"
        )["privacyBudgetSummaries"]
        return int(listed[0]["budget"]["differentialPrivacy"]["aggregations"][0]["remainingCount"])

    before = remaining()
    rooms.query(membership)
    assert remaining() == before
    rooms.bench.clock.sleep(2)
    assert remaining() == before - 1


def test_a_member_sees_the_privacy_budgets_of_the_others(rooms: Rooms) -> None:
    collaboration = rooms.collaboration()["id"]
    template = rooms.budget_template(rooms.membership(collaboration)["id"])
    with rooms.bench.as_account(INVITED):
        own = rooms.membership(collaboration)["id"]
        listed = rooms.client.list_privacy_budgets(membershipIdentifier=own, privacyBudgetType="DIFFERENTIAL_PRIVACY")[
            "privacyBudgetSummaries"
        ]
    assert [each["privacyBudgetTemplateArn"] for each in listed] == [template["arn"]]
    assert listed[0]["membershipId"] != own


def test_an_access_budget_is_one_of_a_table(rooms: Rooms, membership: str) -> None:
    table = rooms.associated(membership)
    parameters = {
        "accessBudget": {
            "budgetParameters": [{"type": "CALENDAR_DAY", "budget": 5}, {"type": "LIFETIME", "budget": 9}],
            "resourceArn": table["arn"],
        }
    }
    rooms.budget_template(membership, privacyBudgetType="ACCESS_BUDGET", parameters=parameters)
    named = {"membershipIdentifier": membership, "privacyBudgetType": "ACCESS_BUDGET"}
    budget = rooms.client.list_privacy_budgets(**named)["privacyBudgetSummaries"][0]["budget"]["accessBudget"]
    assert (budget["resourceArn"], budget["aggregateRemainingBudget"]) == (table["arn"], 5)
    assert [detail["budget"] for detail in budget["details"]] == [5, 9]
    with pytest.raises(ClientError) as caught:
        rooms.budget_template(membership, privacyBudgetType="ACCESS_BUDGET", parameters=parameters)
    assert error_of(caught)[0] == "ConflictException"
