"""Faults, orders for runs, and runs that fail by themselves."""

from __future__ import annotations

import json
import threading

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from cleanrooms_ml_cli.sandbox.emulator import Emulator, Fault, Options, Request, RunOrder
from tests.waiting import until

from .conftest import MEMBERSHIP, ROLE, START_SECONDS, Bench, error_of

CREATE = "CreateMLInputChannel"


def names(bench: Bench) -> list[str]:
    listed = bench.client.list_ml_input_channels(membershipIdentifier=MEMBERSHIP)["mlInputChannelsList"]
    return [item["name"] for item in listed]


def test_an_error_hits_the_next_calls_of_one_operation_without_effect(bench: Bench) -> None:
    bench.emulator.add_fault(Fault(CREATE, count=2, error_code="AccessDeniedException", message="not you"))
    for _ in range(2):
        with pytest.raises(ClientError) as caught:
            bench.created_channel()
        assert error_of(caught) == ("AccessDeniedException", 403, "not you")
    assert names(bench) == []
    assert bench.created_channel()
    assert [entry.took_effect for entry in bench.emulator.journal.select(CREATE)] == [False, False, True]


def test_an_error_can_have_any_type_and_status(bench: Bench) -> None:
    bench.emulator.add_fault(Fault("*", error_code="ServiceUnavailable", http_status=503))
    with pytest.raises(ClientError) as caught:
        names(bench)
    assert error_of(caught)[:2] == ("ServiceUnavailable", 503)


def test_a_lost_reply_is_an_error_after_the_effect(bench: Bench) -> None:
    bench.emulator.add_fault(Fault(CREATE, kind="lost_reply"))
    with pytest.raises(ClientError) as caught:
        bench.created_channel()
    assert error_of(caught)[:2] == ("InternalServiceException", 500)
    assert names(bench) == ["channel"]
    entry = bench.emulator.journal.select(CREATE)[0]
    assert (entry.status, entry.took_effect, entry.fault) == (500, True, "lost_reply")
    assert entry.arn == bench.emulator.records()[-1]["arn"]


@pytest.mark.parametrize(("kind", "remaining"), [("drop_before", []), ("drop_after", ["channel"])])
def test_a_dropped_connection_brings_no_reply(bench: Bench, kind: str, remaining: list[str]) -> None:
    bench.emulator.add_fault(Fault(CREATE, kind=kind))  # type: ignore[arg-type]
    with pytest.raises(ConnectionClosedError):
        bench.created_channel()
    assert names(bench) == remaining
    entry = bench.emulator.journal.select(CREATE)[0]
    assert (entry.status, entry.error, entry.took_effect) == (0, "DroppedConnection", bool(remaining))


def test_a_late_answer_comes_after_the_effect(bench: Bench) -> None:
    bench.emulator.add_fault(Fault(CREATE, kind="delay", delay_seconds=2.5))
    assert bench.created_channel()
    assert bench.clock.seconds == START_SECONDS + 2.5
    assert bench.emulator.journal.select(CREATE)[0].time == START_SECONDS


def test_a_late_answer_keeps_nobody_else_waiting() -> None:
    asleep, wake = threading.Event(), threading.Event()

    def sleep(_: float) -> None:
        asleep.set()
        wake.wait()

    emulator = Emulator(sleep=sleep)
    emulator.add_fault(Fault("ListAudienceModels", kind="delay", delay_seconds=60))
    request = Request("GET", "/audience-model")
    late = threading.Thread(target=emulator.handle, args=(request,))
    late.start()
    asleep.wait()
    assert emulator.handle(request).status == 200
    assert late.is_alive()
    wake.set()
    late.join()


def test_a_held_call_takes_effect_and_answers_once_released(bench: Bench) -> None:
    bench.emulator.add_fault(Fault(CREATE, kind="hold"))
    held = threading.Thread(target=bench.created_channel)
    held.start()
    until(lambda: bench.emulator.held(CREATE), "the held call")
    assert names(bench) == ["channel"]
    assert held.is_alive()
    assert bench.emulator.release("GetMLInputChannel") == []
    (released,) = bench.emulator.release(CREATE)
    held.join()
    assert (released.operation, released.caller) == (CREATE, ROLE)
    assert bench.emulator.held() == []
    entry = bench.emulator.journal.select(CREATE)[0]
    assert (entry.status, entry.fault, entry.took_effect) == (200, "hold", True)


def test_cloudformations_own_calls_are_not_held(bench: Bench) -> None:
    """They have no reply that could be held; the fault stays for a request."""
    bench.emulator.add_fault(Fault("CreateCollaboration", kind="hold"))
    properties = {"Name": "c", "Description": "d", "CreatorDisplayName": "n", "QueryLogStatus": "DISABLED"}
    bench.emulator.native.create("AWS::CleanRooms::Collaboration", properties)
    assert [fault.kind for fault in bench.emulator.faults()] == ["hold"]


def test_throttling_hits_without_effect(bench: Bench) -> None:
    bench.emulator.add_fault(Fault(CREATE, kind="throttle"))
    with pytest.raises(ClientError) as caught:
        bench.created_channel()
    assert error_of(caught)[:2] == ("ThrottlingException", 429)
    assert names(bench) == []


def test_a_new_resource_can_stay_hidden_for_a_while(bench: Bench) -> None:
    bench.emulator.add_fault(Fault(CREATE, kind="not_found", not_found_seconds=5))
    arn = bench.created_channel()
    for _ in range(2):
        with pytest.raises(ClientError) as caught:
            bench.read_channel(arn)
        assert error_of(caught)[:2] == ("ResourceNotFoundException", 404)
        assert names(bench) == []
        with pytest.raises(ClientError):
            bench.client.list_tags_for_resource(resourceArn=arn)
        bench.clock.sleep(2.4)
    with pytest.raises(ClientError) as caught:
        bench.created_channel()
    assert error_of(caught)[0] == "ConflictException"
    bench.clock.sleep(0.2)
    assert bench.read_channel(arn)["status"] == "ACTIVE"
    assert names(bench) == ["channel"]


def test_a_read_can_miss_what_is_there(bench: Bench) -> None:
    arn = bench.created_channel()
    bench.emulator.add_fault(Fault("GetMLInputChannel", kind="not_found"))
    with pytest.raises(ClientError) as caught:
        bench.read_channel(arn)
    assert error_of(caught)[0] == "ResourceNotFoundException"
    assert bench.read_channel(arn)


def test_a_fault_by_chance_hits_the_same_calls_for_the_same_seed() -> None:
    def hits(seed: int) -> list[bool]:
        emulator = Emulator(seed=seed, options=Options(throttle=False))
        emulator.add_fault(Fault("*", count=1000, probability=0.3))
        return [emulator.handle(Request("GET", "/audience-model")).status == 500 for _ in range(100)]

    assert hits(1) == hits(1) != hits(2)
    assert 15 <= sum(hits(1)) <= 45


def test_faults_can_be_read_and_cleared(bench: Bench) -> None:
    fault = Fault(CREATE, count=3)
    bench.emulator.add_fault(fault)
    with pytest.raises(ClientError):
        bench.created_channel()
    assert [remaining.count for remaining in bench.emulator.faults()] == [2]
    assert fault.count == 3
    bench.emulator.clear_faults()
    assert bench.created_channel()


def test_the_next_run_of_a_kind_can_be_ordered_to_fail(bench: Bench) -> None:
    bench.emulator.order_run(RunOrder("MLInputChannel", status_code="INTERNAL_ERROR", message="it broke"))
    failing, fine = bench.created_channel("failing"), bench.created_channel("fine")
    bench.clock.sleep(3)
    channel = bench.read_channel(failing)
    assert channel["status"] == "CREATE_FAILED"
    assert channel["statusDetails"] == {"statusCode": "INTERNAL_ERROR", "message": "it broke"}
    assert bench.read_channel(fine)["status"] == "ACTIVE"


def test_the_next_runs_can_be_given_figures_and_a_length(bench: Bench) -> None:
    order = RunOrder("MLInputChannel", count=2, figures={"numberOfRecords": 7}, seconds=50)
    bench.emulator.order_run(order)
    arns = [bench.created_channel(name) for name in ("a", "b", "c")]
    bench.clock.sleep(49)
    statuses = [bench.read_channel(arn)["status"] for arn in arns]
    assert statuses == ["CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "INACTIVE"]
    bench.clock.sleep(1)
    records = [bench.read_channel(arn)["numberOfRecords"] for arn in arns]
    assert records[:2] == [7, 7]
    assert records[2] != 7


def test_the_next_delete_can_be_ordered_to_fail_and_be_tried_again(bench: Bench) -> None:
    arn = bench.created_channel()
    bench.clock.sleep(3)
    bench.emulator.order_run(RunOrder("MLInputChannel", phase="delete", status_code="X", message="stuck"))
    for expected in ("DELETE_FAILED", "INACTIVE"):
        bench.client.delete_ml_input_channel_data(mlInputChannelArn=arn, membershipIdentifier=MEMBERSHIP)
        bench.clock.sleep(1)
        channel = bench.read_channel(arn)
        assert channel["status"] == expected
        assert channel.get("statusDetails") == (
            {"statusCode": "X", "message": "stuck"} if expected == "DELETE_FAILED" else None
        )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("DELETE FROM users", "QUERY_SYNTAX_ERROR"),
        ("-- SELECT\nDROP TABLE users", "QUERY_SYNTAX_ERROR"),
        ("SELECT (a FROM users", "QUERY_SYNTAX_ERROR"),
        ("SELECT 'a FROM users", "QUERY_SYNTAX_ERROR"),
        ("SELECT a FROM no_such_table", "TABLE_NOT_FOUND"),
        ('select a from x join db."Orders" o on true', "TABLE_NOT_FOUND"),
        ("SELECT a FROM users LIMIT 0", "EMPTY_RESULT"),
        ("SELECT a FROM users WHERE 1 = 0", "EMPTY_RESULT"),
        ("SELECT a FROM users WHERE 10 = 0 LIMIT 01", None),
        ("/* from no_such_table */ SELECT 'it''s (', a -- ) LIMIT 0\nFROM users", None),
        ("(SELECT 1) UNION (SELECT 2)", None),
        ("with t as (select 1) select * from t", None),
    ],
)
def test_a_query_fails_for_a_reason_that_its_text_shows(bench: Bench, query: str, code: str | None) -> None:
    bench.emulator.seeds.missing_table("orders")
    arn = bench.client.create_ml_input_channel(**bench.query(query))["mlInputChannelArn"]
    bench.clock.sleep(3)
    channel = bench.read_channel(arn)
    assert channel.get("statusDetails", {}).get("statusCode") == code
    assert channel["status"] == ("CREATE_FAILED" if code else "ACTIVE")


def test_a_query_of_half_a_million_characters_is_read_quickly(bench: Bench) -> None:
    query = "SELECT a FROM users WHERE b IN (" + ", ".join(["'x'"] * 90_000) + ")"
    query += " " * (500_000 - len(query))
    arn = bench.client.create_ml_input_channel(**bench.query(query))["mlInputChannelArn"]
    bench.clock.sleep(3)
    channel = bench.read_channel(arn)
    assert channel["status"] == "ACTIVE"
    source = channel["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    assert source["sqlParameters"]["queryString"] == query


def test_something_can_vanish_and_time_can_run_ahead(bench: Bench) -> None:
    arn = bench.created_channel()
    bench.emulator.advance(3)
    assert bench.read_channel(arn)["status"] == "ACTIVE"
    bench.emulator.forget(arn)
    with pytest.raises(ClientError) as caught:
        bench.read_channel(arn)
    assert error_of(caught)[0] == "ResourceNotFoundException"


def test_simultaneous_requests_create_one_resource_of_a_name(bench: Bench) -> None:
    request = bench.channel()
    path = f"/memberships/{request.pop('membershipIdentifier')}/ml-input-channels"
    barrier = threading.Barrier(8)
    statuses: list[int] = []

    def create() -> None:
        barrier.wait()
        response = bench.emulator.handle(Request("POST", path, body=json.dumps(request).encode()))
        statuses.append(response.status)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 7
