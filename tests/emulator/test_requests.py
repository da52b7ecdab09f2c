"""What comes over the wire: routes, types, refusals, errors."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import Emulator, Options, Request
from cleanrooms_ml_cli.sandbox.emulator.calls import SIGNING_NAMES
from cleanrooms_ml_handlers.model import service_model

from .conftest import MEMBERSHIP, ROLE, Bench, MakeBench, error_of


def refused(bench: Bench, request: dict[str, Any], operation: str = "create_ml_input_channel") -> str:
    """The message with which a request is refused as invalid."""
    with pytest.raises(ClientError) as caught:
        getattr(bench.client, operation)(**request)
    code, status, message = error_of(caught)
    assert (code, status) == ("ValidationException", 400)
    return message


def source_of(request: dict[str, Any]) -> dict[str, Any]:
    source: dict[str, Any] = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    return source


@pytest.mark.parametrize("service", ["cleanroomsml", "cleanrooms"])
def test_every_operation_is_found_by_its_path_encoded_or_decoded(service: str) -> None:
    emulator = Emulator(options=Options(throttle=False))
    model = service_model(service)
    arn = f"arn:aws:{SIGNING_NAMES[service]}:us-east-1:000000000000:membership/{MEMBERSHIP}/x/y"
    for name, operation in model.operations.items():
        shape = model.shapes[operation.input] if operation.input else {"members": {}}
        labels = {
            member["locationName"]: arn if member["locationName"].endswith("Arn") else MEMBERSHIP
            for member in shape["members"].values()
            if member.get("location") == "uri"
        }
        encoded = operation.request_uri.format_map({key: quote(value, safe="") for key, value in labels.items()})
        for path in (encoded, unquote(encoded)):
            emulator.handle(Request(operation.method, path, body=b"{}", service=service))
            entry = emulator.journal[-1]
            assert (entry.service, entry.operation) == (service, name), path
            assert {key: entry.params[key] for key in labels} == labels


@pytest.mark.parametrize(
    ("path", "signed_for", "service"),
    [
        ("/audience-model", "", "cleanroomsml"),
        (f"/memberships/{MEMBERSHIP}/configuredaudiencemodelassociations", "", "cleanrooms"),
        ("/tags/arn%3Aaws%3Acleanrooms%3Aus-east-1%3A000000000000%3Amembership%2Fx", "", "cleanrooms"),
        ("/tags/arn%3Aaws%3Acleanrooms-ml%3Aus-east-1%3A000000000000%3Aaudience-model%2Fx", "", "cleanroomsml"),
        ("/tags/arn%3Aaws%3Acleanrooms%3Aus-east-1%3A000000000000%3Amembership%2Fx", "cleanrooms-ml", "cleanroomsml"),
        ("/tags/arn%3Aaws%3Acleanrooms-ml%3Aus-east-1%3A000000000000%3Ax%2Fy", "cleanrooms", "cleanrooms"),
    ],
)
def test_a_request_is_for_the_service_that_it_is_signed_for(path: str, signed_for: str, service: str) -> None:
    emulator = Emulator()
    credential = f"AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/{signed_for}/aws4_request, Signature=x"
    emulator.handle(Request("GET", path, headers={"Authorization": credential} if signed_for else {}))
    assert emulator.journal[-1].service == service


def test_a_path_of_no_operation_is_an_error_of_its_own(bench: Bench) -> None:
    response = bench.emulator.handle(Request("GET", "/nothing/here"))
    assert response.status == 404
    assert response.headers["x-amzn-errortype"] == "UnknownOperationException"
    assert bench.emulator.journal[-1].operation == ""


# The last two are deeper than Python parses, and than what goes through a request calls itself.
NO_BODIES = [b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000, b'{"a":' * 400 + b"1" + b"}" * 400]


@pytest.mark.parametrize("body", NO_BODIES, ids=lambda body: str(body[:10]))
def test_a_body_that_is_no_object_is_refused(bench: Bench, body: bytes) -> None:
    request = Request("POST", "/audience-generation-job", body=body)
    assert bench.emulator.authorization(request) == []
    response = bench.emulator.handle(request)
    assert (response.status, response.headers["x-amzn-errortype"]) == (400, "SerializationException")


def test_a_reply_carries_its_request_id_and_times_as_text(bench: Bench) -> None:
    arn = bench.created_channel()
    path = f"/memberships/{MEMBERSHIP}/ml-input-channels/{quote(arn, safe='')}"
    response = bench.emulator.handle(Request("GET", path))
    assert response.status == 200
    assert response.headers["x-amzn-requestid"] == bench.emulator.journal[-1].request_id
    assert json.loads(response.body)["createTime"] == "2026-11-18T11:06:40.000Z"


def test_a_delete_answers_without_a_body(bench: Bench) -> None:
    arn = bench.created_model()
    response = bench.emulator.handle(Request("DELETE", f"/configured-audience-model/{quote(arn, safe='')}"))
    assert (response.status, response.body) == (200, b"")


def test_the_models_own_limits_hold_at_any_depth(bench: Bench) -> None:
    request = bench.channel(retentionInDays=31)
    source_of(request)["computeConfiguration"] = {
        "worker": {
            "type": "CR.2X",
            "number": 5000,
            "properties": {"spark": {f"key-{number}": "x" for number in range(51)}},
        }
    }
    message = refused(bench, request)
    assert message.startswith("4 validation errors detected: ")
    for piece in ("retentionInDays is 31", "worker.type", "worker.number is 5000", "has 51 entries"):
        assert piece in message


def test_numbers_as_text_are_refused(bench: Bench) -> None:
    request = bench.channel(retentionInDays="30")
    path = f"/memberships/{request.pop('membershipIdentifier')}/ml-input-channels"
    response = bench.emulator.handle(Request("POST", path, body=json.dumps(request).encode()))
    assert response.status == 400
    message = '1 validation error detected: retentionInDays is "30"; a whole number is needed'
    assert json.loads(response.body) == {"message": message}


def test_text_in_the_query_string_becomes_a_number_or_is_refused(bench: Bench) -> None:
    def status(query: str) -> int:
        return bench.emulator.handle(Request("GET", "/audience-model", query)).status

    assert status("maxResults=1") == 200
    assert bench.emulator.journal[-1].params == {"maxResults": 1}
    assert status("maxResults=0") == 400
    assert status("maxResults=many") == 400


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, "neither queryString nor analysisTemplateArn"),
        ({"queryString": "SELECT 1", "analysisTemplateArn": "TEMPLATE"}, "both queryString and analysisTemplateArn"),
        ({"queryString": "SELECT 1", "parameters": {"a": "b"}}, "without analysisTemplateArn"),
    ],
)
def test_a_query_is_text_or_a_template(bench: Bench, parameters: dict[str, Any], expected: str) -> None:
    if "analysisTemplateArn" in parameters:
        parameters = {**parameters, "analysisTemplateArn": bench.emulator.seeds.analysis_template(MEMBERSHIP)}
    request = bench.channel()
    source_of(request)["sqlParameters"] = parameters
    assert expected in refused(bench, request)
    seed = {"sqlParameters": parameters, "roleArn": ROLE}
    job = bench.job(bench.created_model(), seedAudience=seed)
    assert expected in refused(bench, job, "start_audience_generation_job")


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        ({}, "neither dataSource nor sqlParameters"),
        ({"dataSource": {"s3Uri": "s3://a/b"}, "sqlParameters": {"queryString": "SELECT 1"}}, "both dataSource and"),
        (
            {
                "dataSource": {"s3Uri": "s3://a/b"},
                "sqlComputeConfiguration": {"worker": {"type": "CR.1X", "number": 2}},
            },
            "without sqlParameters",
        ),
    ],
)
def test_a_seed_is_an_object_or_a_query(bench: Bench, seed: dict[str, Any], expected: str) -> None:
    job = bench.job(bench.created_model(), seedAudience={**seed, "roleArn": ROLE})
    assert expected in refused(bench, job, "start_audience_generation_job")


@pytest.mark.parametrize(
    ("size_type", "bins", "expected"),
    [("PERCENTAGE", [1, 101], "1 to 100 percent"), ("ABSOLUTE", [5, 5], "more than once")],
)
def test_size_bins_follow_the_rules(bench: Bench, size_type: str, bins: list[int], expected: str) -> None:
    config = {"audienceSizeType": size_type, "audienceSizeBins": bins}
    assert expected in refused(bench, bench.model(audienceSizeConfig=config), "create_configured_audience_model")
    arn = bench.created_model()
    change = {"configuredAudienceModelArn": arn, "audienceSizeConfig": config}
    assert expected in refused(bench, change, "update_configured_audience_model")


def test_training_data_ends_after_it_starts(bench: Bench) -> None:
    request = {
        "name": "m",
        "trainingDatasetArn": bench.emulator.seeds.training_dataset(),
        "trainingDataStartTime": "2026-02-01T00:00:00Z",
        "trainingDataEndTime": "2026-01-01T00:00:00Z",
    }
    assert "trainingDataEndTime" in refused(bench, request, "create_audience_model")


def test_a_message_never_shows_the_query(bench: Bench) -> None:
    request = bench.channel()
    source_of(request)["sqlParameters"] = {"queryString": "SELECT secret" + " " * 500_000}
    assert "secret" not in refused(bench, request)


def test_a_role_of_another_account_is_refused(bench: Bench) -> None:
    foreign = ROLE.replace("000000000000", "444455556666")
    request = bench.channel()
    request["inputChannel"]["roleArn"] = foreign
    with pytest.raises(ClientError) as caught:
        bench.client.create_ml_input_channel(**request)
    code, status, message = error_of(caught)
    assert (code, status) == ("AccessDeniedException", 403)
    assert foreign in message


def test_a_role_that_cannot_be_assumed_is_refused(make_bench: MakeBench) -> None:
    asked = []

    def check(role: str, principal: str) -> str | None:
        asked.append((role, principal))
        return "its trust policy does not name the service" if role.endswith("/untrusted") else None

    bench = make_bench(role_check=check)
    assert bench.created_model()
    assert asked == [(ROLE, "cleanrooms-ml.amazonaws.com")]
    output = {"destination": {"s3Destination": {"s3Uri": "s3://bucket/out"}}, "roleArn": f"{ROLE}/untrusted"}
    with pytest.raises(ClientError) as caught:
        bench.created_model(outputConfig=output)
    code, _, message = error_of(caught)
    assert code == "AccessDeniedException"
    assert "cannot be assumed" in message
    assert "its trust policy does not name the service" in message


def test_a_membership_that_is_not_there_is_not_found(bench: Bench) -> None:
    with pytest.raises(ClientError) as caught:
        bench.created_channel(membershipIdentifier="99999999-9999-4999-8999-999999999999")
    assert error_of(caught)[:2] == ("ResourceNotFoundException", 404)


def test_what_comes_out_is_no_way_into_the_state(bench: Bench) -> None:
    arn = bench.created_channel(tags={"a": "b"})
    bench.emulator.record(arn)["data"]["inputChannel"].clear()
    bench.emulator.records(raw=True)[-1]["tags"].clear()
    bench.emulator.journal[-1].params["tags"].clear()
    channel = bench.read_channel(arn)
    assert channel["inputChannel"]["roleArn"] == ROLE
    assert channel["tags"] == {"a": "b"}


def test_identifiers_are_the_same_for_the_same_seed(make_bench: MakeBench) -> None:
    first, second = make_bench().created_channel(), make_bench().created_channel()
    assert first == second
    plain = [Emulator(), Emulator()]
    for emulator in plain:
        emulator.handle(Request("GET", "/audience-model"))
    assert plain[0].journal[0].request_id != plain[1].journal[0].request_id
