"""The control endpoint and the journal that it shows."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cleanrooms_ml_cli.sandbox.emulator import PENDING_AUDIENCE_MODELS, Request
from tests.waiting import until

from .conftest import MEMBERSHIP, ROLE, Bench, error_of


def send(bench: Bench, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """A control request; returns status and JSON."""
    path, _, query = path.partition("?")
    content = b"" if body is None else json.dumps(body).encode()
    response = bench.emulator.handle(Request(method, f"/_cleanroomsml/{path}", query, body=content))
    assert response.headers["content-type"] == "application/json"
    return response.status, json.loads(response.body)


def done(bench: Bench, method: str, path: str, body: Any = None) -> Any:
    """The JSON of a control request that must succeed."""
    status, value = send(bench, method, path, body)
    assert status == 200, value
    return value


def test_the_journal_shows_every_request_with_its_types(bench: Bench) -> None:
    number = bench.emulator.journal[-1].number if len(bench.emulator.journal) else 0
    arn = bench.created_channel(tags={"a": "b"})
    bench.read_channel(arn)
    entries = done(bench, "GET", f"journal?since={number}")["entries"]
    create, get = entries
    assert (create["operation"], get["operation"]) == ("CreateMLInputChannel", "GetMLInputChannel")
    assert create["params"]["retentionInDays"] == 2
    assert create["params"]["tags"] == {"a": "b"}
    assert create["arn"] == get["arn"] == arn
    assert (create["status"], create["error"], create["tookEffect"]) == (200, "", True)
    assert create["caller"] == ROLE
    assert create["time"] == bench.clock.seconds
    assert done(bench, "GET", f"journal?since={create['number']}")["entries"] == [get]
    assert done(bench, "GET", "journal?operation=CreateMLInputChannel")["entries"] == [create]


def test_the_journal_hides_what_is_sensitive_unless_asked(bench: Bench) -> None:
    template = bench.emulator.seeds.analysis_template(MEMBERSHIP)
    request = bench.channel()
    source = request["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
    source["sqlParameters"] = {"analysisTemplateArn": template, "parameters": {"key": "secret"}}
    arn = bench.client.create_ml_input_channel(**request)["mlInputChannelArn"]

    def parameters(path: str) -> Any:
        entry = done(bench, "GET", path)["entries"][-1]
        source = entry["params"]["inputChannel"]["dataSource"]["protectedQueryInputParameters"]
        return source["sqlParameters"]

    assert parameters("journal")["parameters"] == {"key": "*** (6 characters)"}
    assert parameters("journal?raw=true") == source["sqlParameters"]
    for path, shown in (("records", False), ("records?raw=true", True)):
        record = next(item for item in done(bench, "GET", path)["records"] if item["arn"] == arn)
        assert ("secret" in json.dumps(record)) == shown


def test_the_journal_shows_what_failed(bench: Bench) -> None:
    with pytest.raises(ClientError):
        bench.created_channel(configuredModelAlgorithmAssociations=[bench.association + "x"])
    entry = done(bench, "GET", "journal")["entries"][-1]
    assert (entry["status"], entry["error"], entry["tookEffect"]) == (404, "ResourceNotFoundException", False)
    assert bench.association in entry["message"]
    done(bench, "DELETE", "journal")
    assert done(bench, "GET", "journal")["entries"] == []
    bench.created_channel()
    assert done(bench, "GET", "journal")["entries"][0]["number"] == entry["number"] + 1


def test_records_show_what_remains(bench: Bench) -> None:
    arn = bench.created_channel(tags={"a": "b"})
    bench.clock.sleep(3)
    done(bench, "POST", "records", {"arn": arn, "do": "expire"})
    assert len(done(bench, "GET", "records")["records"]) == 5
    (record,) = done(bench, "GET", "records?seeded=false")["records"]
    assert record["data"]["retentionInDays"] == 2
    del record["data"]
    assert record == {
        "kind": "MLInputChannel",
        "arn": arn,
        "account": "000000000000",
        "region": "us-east-1",
        "name": "channel",
        "status": "INACTIVE",
        "holds": False,
        "seeded": False,
        "tags": {"a": "b"},
    }
    done(bench, "POST", "records", {"arn": arn, "do": "forget"})
    assert done(bench, "GET", "records?seeded=false")["records"] == []
    status, answer = send(bench, "POST", "records", {"arn": arn, "do": "forget"})
    assert (status, answer) == (404, {"error": f"there is no record {arn}"})


def test_faults_come_one_or_several_at_a_time(bench: Bench) -> None:
    fault = {
        "operation": "CreateMLInputChannel",
        "kind": "error",
        "errorCode": "ConflictException",
        "message": "m",
        "count": 1,
    }
    done(bench, "POST", "faults", fault)
    listed = done(bench, "POST", "faults", [{"operation": "*", "kind": "drop_before"}])["faults"]
    assert [item["kind"] for item in listed] == ["error", "drop_before"]
    with pytest.raises(ClientError) as caught:
        bench.created_channel()
    assert error_of(caught) == ("ConflictException", 409, "m")
    assert len(done(bench, "GET", "faults")["faults"]) == 1
    done(bench, "DELETE", "faults")
    assert bench.created_channel()


def test_a_held_call_is_listed_and_released(bench: Bench) -> None:
    done(bench, "POST", "faults", {"operation": "CreateMLInputChannel", "kind": "hold"})
    thread = threading.Thread(target=bench.created_channel)
    thread.start()
    until(lambda: done(bench, "GET", "held")["held"], "the held call")
    held = [{"operation": "CreateMLInputChannel", "account": "000000000000", "caller": ROLE}]
    assert done(bench, "GET", "held?operation=GetMLInputChannel")["held"] == []
    assert done(bench, "POST", "release", {"operation": "GetMLInputChannel"})["released"] == []
    assert done(bench, "GET", "held?operation=CreateMLInputChannel")["held"] == held
    assert done(bench, "POST", "release")["released"] == held
    thread.join()
    assert done(bench, "GET", "held")["held"] == []


def test_the_next_run_can_be_ordered(bench: Bench) -> None:
    done(bench, "POST", "runs", {"kind": "AudienceGenerationJob", "statusCode": "X", "message": "why"})
    job = bench.created_job(bench.created_model())
    done(bench, "POST", "advance", {"seconds": 4})
    assert bench.read_job(job)["statusDetails"] == {"statusCode": "X", "message": "why"}


def test_everything_that_a_template_needs_can_be_seeded(bench: Bench) -> None:
    done(bench, "POST", "reset")
    assert done(bench, "GET", "records")["records"] == []
    seeds: list[dict[str, Any]] = [
        {"kind": "Membership", "membershipIdentifier": MEMBERSHIP},
        {"kind": "TrainingDataset", "name": "d"},
        {"kind": "AudienceModel", "name": "m", "id": "fixed", "status": "CREATE_FAILED", "tags": {"a": "b"}},
        {"kind": "ConfiguredAudienceModel", "account": "444455556666"},
        {"kind": "ConfiguredModelAlgorithmAssociation", "membershipIdentifier": MEMBERSHIP, "id": "a"},
        {"kind": "AnalysisTemplate", "synthetic": {"epsilon": 1, "maxMembershipInferenceAttackScore": 0.6}},
        {"kind": "MissingTable", "name": "gone"},
    ]
    seeded = done(bench, "POST", "seed", seeds)["seeded"]
    assert [item["kind"] for item in seeded] == [item["kind"] for item in seeds]
    assert seeded[0]["identifier"] == MEMBERSHIP
    assert seeded[2]["arn"] == "arn:aws:cleanrooms-ml:us-east-1:000000000000:audience-model/fixed"
    assert seeded[4]["arn"].endswith(f"membership/{MEMBERSHIP}/configured-model-algorithm-association/a")
    model = bench.client.get_audience_model(audienceModelArn=seeded[2]["arn"])
    assert (model["status"], model["tags"]) == ("CREATE_FAILED", {"a": "b"})
    assert model["statusDetails"]["statusCode"]
    assert done(bench, "POST", "seed", seeds)["seeded"] == seeded


def test_a_seed_says_what_it_is_to_be(bench: Bench) -> None:
    seeds: list[dict[str, Any]] = [
        {"kind": "TrainedModel", "name": "m", "membershipIdentifier": MEMBERSHIP, "data": {"description": "d"}},
        {"kind": "TrainedModel", "name": "n", "membershipIdentifier": MEMBERSHIP, "status": "CANCEL_FAILED"},
        {"kind": "MLConfiguration", "membershipIdentifier": MEMBERSHIP},
        {"kind": "Membership", "account": "444455556666"},
        {"kind": "Collaboration", "id": "33333333-3333-4333-8333-333333333333"},
    ]
    first, second, configuration, _, collaboration = done(bench, "POST", "seed", seeds)["seeded"]
    assert bench.read_training(first["arn"])["description"] == "d"
    assert bench.read_training(second["arn"])["status"] == "CANCEL_FAILED"
    assert configuration == {"kind": "MLConfiguration", "identifier": MEMBERSHIP}
    assert collaboration["arn"].endswith("collaboration/33333333-3333-4333-8333-333333333333")
    named = {"account": "444455556666", "kind": "Membership"}
    found = [item for item in done(bench, "GET", "records")["records"] if named.items() <= item.items()]
    assert len(found) == 1


def test_the_journal_shows_service_and_account_and_knows_what_cloudformation_calls(bench: Bench) -> None:
    bench.clean_rooms.list_configured_audience_model_associations(membershipIdentifier=MEMBERSHIP)
    entry = done(bench, "GET", "journal")["entries"][-1]
    assert (entry["service"], entry["account"]) == ("cleanrooms", "000000000000")
    assert done(bench, "GET", "journal?operation=DeleteCollaboration")["entries"] == []


def test_settings_can_be_read_and_changed(bench: Bench) -> None:
    changed = done(bench, "POST", "durations", {"create": {"MLInputChannel": 9}, "retentionDaySeconds": 1})
    assert changed["create"]["MLInputChannel"] == 9
    assert changed["create"]["AudienceModel"] == 4.0
    assert done(bench, "GET", "durations") == changed
    assert done(bench, "POST", "durations", {"cancel": {"TrainedModel": 7}})["cancel"]["TrainedModel"] == 7
    assert done(bench, "POST", "options", {"newVersion": "always"})["newVersion"] == "always"
    done(bench, "POST", "options", {"tagInactive": "ok", "uniqueNames": ["ConfiguredAudienceModel"]})
    options = done(bench, "GET", "options")
    assert (options["tagInactive"], options["uniqueNames"]) == ("ok", ["ConfiguredAudienceModel"])
    assert options["throttle"] is False
    assert done(bench, "POST", "quotas", {PENDING_AUDIENCE_MODELS: 7})["quotas"][PENDING_AUDIENCE_MODELS] == 7
    bench.emulator.reset()
    assert done(bench, "GET", "quotas")["quotas"][PENDING_AUDIENCE_MODELS] == 2
    assert done(bench, "GET", "options")["tagInactive"] == "conflict"


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "faults", {"operation": "CreateChannel"}, "CreateMLInputChannel"),
        ("POST", "faults", {"operation": "*", "kind": "crash"}, "lost_reply"),
        ("POST", "faults", {"operation": "*", "count": 0}, "1 or more"),
        ("POST", "faults", {"operation": "*", "probability": 1.5}, "1 or less"),
        ("POST", "faults", {"operation": "*", "delay": 3}, "delaySeconds"),
        ("POST", "faults", {}, "body.operation is missing"),
        ("POST", "faults", "all", "an object is needed"),
        ("POST", "faults", [{"operation": "*"}, {"operation": "*", "count": "3"}], "body[1].count"),
        ("POST", "runs", {"kind": "ConfiguredAudienceModel"}, "MLInputChannel"),
        ("POST", "runs", {"kind": "MLInputChannel", "phase": "update"}, "create, delete, cancel"),
        ("POST", "seed", {"kind": "TrainedModel", "status": "GONE"}, "CANCEL_PENDING"),
        ("POST", "seed", {"kind": "TrainedModel", "data": []}, "an object is needed"),
        ("POST", "options", {"newVersion": "never"}, "same name, always"),
        ("POST", "seed", {"kind": "Bucket"}, "AnalysisTemplate"),
        ("POST", "seed", {"kind": "AudienceModel", "status": "READY"}, "CREATE_IN_PROGRESS"),
        ("POST", "seed", {"kind": "AudienceModel", "tags": {"a": 1}}, "an object of texts"),
        ("POST", "seed", {"kind": "Membership", "membershipIdentifier": "m-1"}, "m-1"),
        ("POST", "seed", {"kind": "AudienceModel", "id": "a/b"}, "a/b"),
        ("POST", "seed", {"kind": "AnalysisTemplate", "synthetic": {"epsilon": 1}}, "maxMembership"),
        ("POST", "durations", {"create": {"Channel": 3}}, "MLInputChannel.synthetic"),
        ("POST", "durations", {"create": {"MLInputChannel": "3"}}, "an object of numbers"),
        ("POST", "durations", {"pendingShare": 2}, "1 or less"),
        ("POST", "durations", {"create": {"MLInputChannel": float("nan")}}, "an object of numbers"),
        ("POST", "advance", {"seconds": float("inf")}, "a number"),
        ("POST", "advance", {"seconds": 10**400}, "a number"),
        ("POST", "options", {"uniqueNames": ["Channel"]}, "ConfiguredAudienceModel"),
        ("POST", "options", {"throttle": "no"}, "true or false"),
        ("POST", "quotas", {"Number of things": 3}, PENDING_AUDIENCE_MODELS),
        ("POST", "advance", {"seconds": -1}, "0 or more"),
        ("POST", "records", {"arn": "a", "do": "delete"}, "expire, forget"),
        ("GET", "held?operation=CreateChannel", None, "operation is CreateChannel"),
        ("GET", "held?op=x", None, "allowed are operation"),
        ("POST", "release", {"operation": "CreateChannel"}, "operation is CreateChannel"),
        ("POST", "release", {"call": 1}, "body.call is not known; allowed are operation"),
        ("GET", "journal?since=yesterday", None, "number of an entry"),
        ("GET", "journal?operation=CreateChannel", None, "CreateChannel"),
        ("GET", "journal?from=3", None, "operation, since, raw"),
        ("GET", "records?raw=maybe", None, "true and false"),
    ],
)
def test_bad_input_is_answered_with_what_is_allowed(
    bench: Bench, method: str, path: str, body: Any, expected: str
) -> None:
    before = done(bench, "GET", "records"), done(bench, "GET", "faults")
    status, answer = send(bench, method, path, body)
    assert status == 400
    assert expected in answer["error"]
    assert (done(bench, "GET", "records"), done(bench, "GET", "faults")) == before


def test_a_body_that_is_no_json_and_a_wrong_path_or_method_are_named(bench: Bench) -> None:
    response = bench.emulator.control(Request("POST", "/_cleanroomsml/faults", body=b"{"))
    assert response.status == 400
    status, answer = send(bench, "GET", "jornal")
    assert status == 404
    assert "journal" in answer["error"]
    status, answer = send(bench, "PUT", "faults")
    assert status == 405
    assert "DELETE" in answer["error"]


def test_what_is_not_active_cannot_expire(bench: Bench) -> None:
    status, answer = send(bench, "POST", "records", {"arn": bench.created_channel(), "do": "expire"})
    assert status == 404
    assert "CREATE_PENDING" in answer["error"]
